"""``%load_ext coprod`` in a real kernel, and what is left of it after ``%unload_ext coprod``."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

LOOK = """
import json
import matplotlib as mpl
print(json.dumps({name: repr(value) for name, value in mpl.rcParams.items()}))
"""
DRAW = """
from matplotlib import pyplot as plt
axes = plt.subplots()[1]
axes.plot([0, -1])
axes.set_title("Mine")
plt.show()
"""
OURS = """
from coprod.data import read_talk
from coprod.figures.survey import plot_waffle
from coprod.talk.survey import answer_counts
print(hash(plot_waffle(answer_counts(read_talk()["survey"], 196), total=209, base=196, replied=196).wide))
"""


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockingKernelClient]:
    """A plain kernel, ended whatever happens."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONHASHSEED", "0")
    manager, client = start_new_kernel(cwd=str(tmp_path))
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel: BlockingKernelClient, source: str) -> list[dict[str, Any]]:
    """Run a cell; return what its outputs hold, and fail with its traceback."""
    outputs: list[dict[str, Any]] = []

    def keep(message: dict[str, Any]) -> None:
        if message["msg_type"] == "error":
            pytest.fail("\n".join(message["content"]["traceback"]))
        outputs.append(message["content"])

    kernel.execute_interactive(source, output_hook=keep, timeout=60)
    return outputs


def said(kernel: BlockingKernelClient, source: str) -> str:
    return "".join(output.get("text", "") for output in run(kernel, source))


def pictures(kernel: BlockingKernelClient) -> list[str]:
    return [mime for output in run(kernel, DRAW) for mime in output.get("data", {}) if mime.startswith("image/")]


def test_a_reader_s_own_figure_has_the_look_of_the_house_until_unloaded(kernel: BlockingKernelClient) -> None:
    assert pictures(kernel) == ["image/png"]
    before = json.loads(said(kernel, LOOK))
    own = said(kernel, OURS)
    run(kernel, "%load_ext coprod")
    during = json.loads(said(kernel, LOOK))
    assert during["font.family"] == "['Atkinson Hyperlegible']"
    assert pictures(kernel) == ["image/svg+xml"]
    assert said(kernel, OURS) == own, "coprod's own figure changed with the settings of the reader's"
    run(kernel, "%reload_ext coprod")
    run(kernel, "%unload_ext coprod")
    after = json.loads(said(kernel, LOOK))
    assert {name for name in before if after[name] != before[name]} <= {"backend", "interactive"}
    assert pictures(kernel) == ["image/png"]


def test_the_font_is_found_by_its_name(kernel: BlockingKernelClient) -> None:
    run(kernel, "%load_ext coprod")
    found = said(kernel, "from matplotlib.font_manager import findfont, FontProperties as F\nprint(findfont(F()))")
    assert Path(found.strip()).name == "AtkinsonHyperlegible-Regular.ttf"


def test_a_module_is_read_again_when_its_file_has_changed_and_not_after_unloading(
    kernel: BlockingKernelClient, tmp_path: Path
) -> None:
    module = tmp_path / "mine.py"
    module.write_text("def answer():\n    return 'first'\n", encoding="utf-8")
    run(kernel, "%load_ext coprod\nfrom mine import answer")
    assert said(kernel, "print(answer())") == "first\n"
    module.write_text("def answer():\n    return 'and second'\n", encoding="utf-8")
    assert said(kernel, "print(answer())") == "and second\n"
    run(kernel, "%unload_ext coprod")
    module.write_text("def answer():\n    return 'and also the third'\n", encoding="utf-8")
    assert said(kernel, "print(answer())") == "and second\n"


def test_who_has_autoreload_keeps_their_own_setting(kernel: BlockingKernelClient, tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text("def answer():\n    return 'first'\n", encoding="utf-8")
    run(kernel, "%load_ext autoreload\n%autoreload off\n%load_ext coprod\nfrom mine import answer")
    module.write_text("def answer():\n    return 'and second'\n", encoding="utf-8")
    assert said(kernel, "print(answer())") == "first\n"


def test_the_overview_says_where_to_start_and_its_lines_run(kernel: BlockingKernelClient) -> None:
    run(kernel, "import coprod")
    reply = kernel.inspect("coprod", 6, 0, reply=True, timeout=30)["content"]
    text = reply["data"]["text/plain"]
    assert "Where to start" in text
    assert "read_talk" in text


def test_completion_shows_the_choices_of_a_literal(kernel: BlockingKernelClient) -> None:
    run(kernel, "from coprod.talk.survey import answer_counts")
    source = "answer_counts("
    shown = kernel.inspect(source, len(source) - 1, 0, reply=True, timeout=30)["content"]["data"]["text/plain"]
    assert "rounding" in shown
    assert "{" in shown
    assert "half-even" in shown
    offered = kernel.complete(source, len(source), reply=True, timeout=30)["content"]["matches"]
    assert {"survey=", "base=", "rounding="} <= set(offered)


def test_inside_quotes_the_words_themselves_are_completed_until_it_is_unloaded(kernel: BlockingKernelClient) -> None:
    run(kernel, "from coprod.talk.survey import answer_counts\n%load_ext coprod")
    source = 'talk = {}\nanswer_counts(talk["survey"], 196, "half-e'

    def completed() -> tuple[list[str], int]:
        content = kernel.complete(source, len(source), reply=True, timeout=30)["content"]
        return content["matches"], content["cursor_start"]

    assert completed() == (["half-even"], len(source) - len("half-e"))
    run(kernel, "%unload_ext coprod")
    assert "half-even" not in completed()[0]
