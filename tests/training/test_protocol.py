"""A protocol is read whole, or every key that is wrong is named with its mend."""

import hashlib
import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.errors import CoprodError, DataError
from coprod.training.protocol import Protocol, parse_protocol

GOOD = """
title = "Risk training"

[columns]
participant = "code"
cohort = "group"
wave = "time"
waves = ["pre", "post", "followup"]

[[scale]]
name = "confidence"
items = ["c1", "c2"]
minimum = 1
maximum = 5

[[scale]]
name = "total"
column = "t"
minimum = 0
maximum = 40

[analysis]
primary_scale = "confidence"
primary_wave = "post"
"""


NO_SCALE = GOOD[: GOOD.index("[[scale]]")] + GOOD[GOOD.index("[analysis]") :]


def refuse(text: str) -> list[str]:
    with pytest.raises(DataError) as caught:
        parse_protocol(text.encode(), "plan.toml")
    first, *faults = str(caught.value).splitlines()
    assert first == "the protocol cannot be used:" or not faults
    return [fault.strip() for fault in faults] or [first]


def test_a_protocol_is_read_with_its_defaults():
    plan = parse_protocol(GOOD.encode())
    assert (plan.title, plan.baseline, plan.primary.name, plan.synthetic) == (
        "Risk training",
        "pre",
        "confidence",
        False,
    )
    assert (plan.analysis.level, plan.analysis.seed, plan.privacy.profile) == (0.95, 2017, "opensafely")
    assert (plan.file.layout, plan.columns.codes, plan.columns.covariates) == ("auto", "assigned", ())
    assert {item: scale.name for item, scale in plan.items.items()} == {
        "c1": "confidence", "c2": "confidence", "t": "total",
    }  # fmt: skip
    assert list(plan.items) == ["c1", "c2", "t"]
    assert plan.find_scale("total").column == "t"
    with pytest.raises(DataError, match=r"no scale 'confidenc'; did you mean 'confidence'\?"):
        plan.find_scale("confidenc")


def test_the_hash_is_that_of_the_bytes():
    for content in (GOOD.encode(), b"\xef\xbb\xbf" + GOOD.encode(), GOOD.replace("\n", "\r\n").encode()):
        plan = parse_protocol(content)
        assert plan.hash == hashlib.sha256(content).hexdigest()
        assert plan.short_hash == plan.hash[:12]


def test_written_as_json_it_is_stable_carries_the_hash_and_reads_back():
    plan = parse_protocol(GOOD.encode())
    text = json.dumps(plan.to_json(), sort_keys=True)
    assert text == json.dumps(parse_protocol(GOOD.encode()).to_json(), sort_keys=True)
    read = json.loads(text)
    assert read.pop("sha256") == hashlib.sha256(GOOD.encode()).hexdigest()
    assert "hash" not in read
    assert Protocol.model_validate(read).to_json() == {"sha256": "", **read}
    given = tomllib.loads(GOOD)
    assert read["title"] == given["title"]
    assert given["columns"].items() <= read["columns"].items()
    assert all(theirs.items() <= ours.items() for ours, theirs in zip(read["scale"], given["scale"], strict=True))
    assert given["analysis"].items() <= read["analysis"].items()


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title =", "titel =", "title: the key is missing; add it"),
        ("title =", "titel =", "titel: no such key; did you mean 'title'?"),
        ('title = "Risk training"', "title = 5", "title: 5 is of the wrong kind; write words in quotation marks"),
        ('"Risk training"', '""', "title: '' should have at least 1 character; correct it"),
        ('"code"', '"code"\npartcipant = "x"', "columns.partcipant: no such key; did you mean 'participant'?"),
        ('["pre", "post", "followup"]', '"pre"', "columns.waves: 'pre' is of the wrong kind; write a list in square"),
        ('["pre", "post", "followup"]', '["pre"]', "columns.waves: ['pre'] is too short; name at least 2"),
        ('["pre", "post", "followup"]', str([f"w{n}" for n in range(11)]), "columns.waves: the list is too long; name"),
        ('wave = "time"\n', "", "columns: give either wave"),
        ("minimum = 1", "", "scale[1].minimum: the key is missing; add it"),
        ("minimum = 1", 'minimum = "1"', "scale[1].minimum: '1' is of the wrong kind; write a number"),
        ("minimum = 1", "minimum = nan", "scale[1].minimum: nan is of the wrong kind; write a number"),
        ("maximum = 40", "maximum = 40\nlabels = 3", "scale[2].labels: 3 is of the wrong kind; write a table, such as"),
        ("maximum = 40", 'maximum = 40\nscore = "max"', "scale[2].score: 'max' should be 'mean' or 'sum'; correct it"),
        ("maximum = 40", "maximum = 0", "scale[2]: the range 0 to 0 is empty"),
        ('"post"\n', '"post"\nlevel = 95\n', "analysis.level: 95 should be less than 1; correct it"),
        ('"post"\n', '"post"\nseed = 1.5\n', "analysis.seed: 1.5 is of the wrong kind; write a whole number"),
        ("\ntitle", "\nsynthetic = 'yes'\ntitle", "synthetic: 'yes' is of the wrong kind; write true or false"),
        ("\ntitle", "\nprivacy = 'internal'\ntitle", "privacy: this is a section; write [privacy] above its keys"),
        ("[[scale]]\nname = \"total\"", "[[scale]]\nname = \"confidence\"", "scale names: 'confidence' is there twice"),
        ('= "confidence"\nprimary', '= "confidense"\nprimary', "'confidense' is not a scale; did you mean"),
        ('primary_wave = "post"', 'primary_wave = "pre"', "'pre' is not a later wave; known are: post, followup"),
        ('"post"\n', '"post"\nstaff = ["nurse"]\n', "staff names audiences, and columns.audience is not given"),
        ('items = ["c1", "c2"]', 'items = ["c1", "time"]', "item 'time' of scale 'confidence' is named in columns too"),
        ('"post"\n', '"post"\n[enrolled]\nA = 20.5\n', "enrolled.A: 20.5 is of the wrong kind; write a whole number"),
        ('"post"\n', '"post"\n[enrolled]\nA = true\n', "enrolled.A: True is of the wrong kind; write a whole number"),
        ('"post"\n', '"post"\n[enrolled]\nA = "20"\n', "enrolled.A: '20' is of the wrong kind; write a whole number"),
        ('"post"\n', '"post"\n[enrolled]\nA = 0\n', "enrolled.A: 0 should be greater than or equal to 1; correct it"),
        ('"post"\n', f'"post"\n[enrolled]\nA = {10**30}\n', "should be less than 1000000000; correct it"),
        ('"post"\n', '"post"\n[enrolled]\n', "enrolled: {} is too short; name at least 1"),
        ("\ntitle", "\nenrolled = 5\ntitle", "enrolled: 5 is of the wrong kind; write a table, such as"),
        ('"post"\n', '"post"\n[enrolled]\nA = 9\n"a " = 9\n', "enrolled (case and space folded): 'a' is there twice"),
        ('"group"', '"group"\ncohorts = ["A"]\n[enrolled]\nB = 9\n[columns.x]', "columns.x: no such key"),
        ('column = "t"', 'column = "c1"', "item 'c1' is in the scales 'confidence' and 'total', with another range"),
    ],
)  # fmt: skip
def test_each_wrong_key_is_named_with_its_mend(old, new, fault):
    assert old in GOOD
    assert any(fault in found for found in refuse(GOOD.replace(old, new, 1))), refuse(GOOD.replace(old, new, 1))
    assert all(found.startswith("plan.toml") for found in refuse(GOOD.replace(old, new, 1)))


def test_all_faults_come_in_one_error():
    faults = refuse("scale = []\n[columns]\ncohort = 3\n[analysis]\n[file]\nlayuot = 'x'\n")
    assert faults == [
        "plan.toml, title: the key is missing; add it",
        "plan.toml, columns.participant: the key is missing; add it",
        "plan.toml, columns.cohort: 3 is of the wrong kind; write words in quotation marks",
        "plan.toml, columns.waves: the key is missing; add it",
        "plan.toml, analysis.primary_scale: the key is missing; add it",
        "plan.toml, analysis.primary_wave: the key is missing; add it",
        "plan.toml, file.layuot: no such key; did you mean 'layout'?",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title = ", "plan.toml is not TOML"),
        ("a = " + "[" * 5000, "plan.toml is not TOML"),
        ("hash = 'x'\n" + GOOD, "plan.toml, hash: no such key; the hash is computed, remove the line"),
        ("title = 'x'\nscale = 3", "plan.toml, scale: 3 is of the wrong kind; write [[scale]] above its keys"),
        ("title = 'x'\n[scale]\nname = 'y'", "write [[scale]] above its keys"),
        ("title = 'x'\nscale = [3]", "plan.toml, scale[1]: this is a section; write [[scale]] above its keys"),
        ("title = 'x'", "plan.toml, columns: the section is missing; add it"),
        (NO_SCALE, "plan.toml, scale: the section is missing; add it"),
        ("scale = []\n" + NO_SCALE, "plan.toml: no scale; add a [[scale]] with name, items, minimum and maximum"),
    ],
)  # fmt: skip
def test_what_is_no_protocol_at_all_is_refused(text, fault):
    assert any(fault in found for found in refuse(text)), refuse(text)


def test_text_in_another_encoding_is_refused():
    with pytest.raises(DataError, match="is not TOML"):
        parse_protocol(GOOD.replace("Risk", "Risiko\u00e9").encode("latin-1"))


def test_two_scales_may_share_an_item_that_they_read_alike():
    shared = GOOD.replace('column = "t"\nminimum = 0\nmaximum = 40', 'items = ["c2", "d"]\nminimum = 1\nmaximum = 5')
    plan = parse_protocol(shared.encode())
    assert {item: scale.name for item, scale in plan.items.items()} == {
        "c1": "confidence", "c2": "confidence", "d": "total",
    }  # fmt: skip


value = st.recursive(
    st.one_of(st.text(max_size=5), st.integers(-3, 7), st.booleans(), st.floats(-1, 9)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
key = st.sampled_from(
    ["participant", "cohort", "wave", "waves", "name", "items", "minimum", "maximum", "level", "labels", "x", "reverse"]
)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(content):
    with pytest.raises(DataError):
        parse_protocol(content)


@given(st.sampled_from(["columns", "scale", "analysis", "privacy", "file", None]), key, value)
def test_any_key_in_any_section_is_read_or_refused(section, name, thing):
    table = tomllib.loads(GOOD)
    target = table if section is None else table[section][0] if section == "scale" else table.setdefault(section, {})
    target[name] = thing
    try:
        Protocol.model_validate(table)
    except ValueError:
        with pytest.raises(CoprodError):
            parse_protocol(write(table).encode())
    else:
        assert parse_protocol(write(table).encode()).hash


def write(table: dict[str, object]) -> str:
    """Write a table as TOML, every nested one inline; JSON's strings and lists are TOML's."""

    def inline(thing: object) -> str:
        if isinstance(thing, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {inline(part)}" for key, part in thing.items()) + "}"
        if isinstance(thing, list):
            return "[" + ", ".join(map(inline, thing)) + "]"
        return json.dumps(thing) if not isinstance(thing, str) else json.dumps(thing).replace("\x7f", "\\u007f")

    return "\n".join(f"{json.dumps(key)} = {inline(thing)}" for key, thing in table.items())


def test_numbers_enrolled_are_of_the_cohorts_that_took_part_where_these_are_named():
    named = GOOD.replace('cohort = "group"', 'cohort = "group"\ncohorts = ["North", "South"]')
    (fault,) = refuse(named + "[enrolled]\nNorht = 9\n")
    assert fault.endswith("enrolled names 'Norht', which is not in columns.cohorts; did you mean 'North'?")
    assert parse_protocol((named + '[enrolled]\n"NORTH " = 9\n').encode()).enrolled == {"NORTH": 9}
    assert parse_protocol(GOOD.encode()).enrolled is None
