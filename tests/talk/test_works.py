"""The citation audit on small made-up lists, where the answer is plain to see."""

import pandas as pd
import pytest

from coprod.data import read_talk
from coprod.talk.citing import join_names
from coprod.talk.works import audit_works, compare_published, doubled_slashes, family_names


def citation(work: str, authors: str, year: int | None, style: str = "author and year") -> dict[str, object]:
    return {"work": work, "authors": authors, "year": year, "style": style, "slide": "S6"}


def entry(work: str, authors: str, year: int, origin: str = "document", **more: object) -> dict[str, object]:
    row = {"work": work, "authors": authors, "year": year, "origin": origin, "slide": "S11", "source": "somewhere"}
    return {**row, "n_authors": 1, "title": "T", "link": None, **more}


def frames(cited: list[dict[str, object]], listed: list[dict[str, object]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = ["work", "authors", "year", "style", "slide"]
    return pd.DataFrame(cited, columns=columns).astype({"year": "Int64"}), pd.DataFrame(listed)


@pytest.mark.parametrize(
    ("cited", "listed", "state"),
    [
        ([citation("a", "Ash; Oak", 2001)], [entry("a", "Ash, B.; Oak, C.", 2001)], "match"),
        ([citation("a", "Ash", 2001)], [entry("a", "Ash, B.", 2002)], "years differ"),
        ([citation("a", "Ash", 2001)], [entry("a", "Elm, B.", 2001)], "authors differ"),
        ([citation("a", "Ash", None, "name only")], [entry("a", "Ash, B.", 2001)], "cited by name only"),
        ([citation("a", "Ash", 2001)], [entry("b", "Elm", 1999)], "not in the list"),
        ([], [entry("a", "Ash", 2001)], "never cited"),
        # an outside row is not an entry of the list
        ([citation("a", "Ash", 2001)], [entry("a", "Ash", 2001, "outside")], "not in the list"),
        # naming a work once more without a year does not undo a citation
        (
            [citation("a", "Ash", None, "name only"), citation("a", "Ash", 2001)],
            [entry("a", "Ash, B.", 2001)],
            "match",
        ),
    ],
)
def test_each_state(cited, listed, state):
    audit = audit_works(*frames(cited, listed)).set_index("work")
    assert audit.loc["a", "state"] == state
    assert audit.loc["a", "cited"] == bool(cited)


def test_shuffled_rows_change_no_state():
    talk = read_talk()
    before = audit_works(talk["citations"], talk["works"]).set_index("work")["state"].to_dict()
    shuffled = [talk[name].sample(frac=1, random_state=7) for name in ("citations", "works")]
    assert audit_works(*shuffled).set_index("work")["state"].to_dict() == before


def test_publication_is_compared_field_by_field():
    cited, works = frames(
        [citation("a", "Ash; Oak", 2001)],
        [entry("a", "Ash, B.", 2001, title="Old"), entry("a", "Ash, B.; Oak, C.", 2003, "outside", title="New")],
    )
    rows = compare_published(cited, works)
    differing = set(rows.loc[~rows["same"], ["slide", "field"]].itertuples(index=False, name=None))
    assert differing == {("S6", "year"), ("S11", "authors"), ("S11", "year"), ("S11", "title")}


def test_only_a_slash_doubled_after_the_protocol_counts():
    works = pd.DataFrame(
        {
            "origin": ["document", "document", "outside", "document"],
            "link": ["http://a.example//x", "http://a.example/x", "http://b.example//x", None],
        }
    )
    assert doubled_slashes(works) == ["http://a.example//x"]


def test_names():
    assert family_names("Ash, B. ; Oak") == ("Ash", "Oak")
    assert join_names(["a", "b", "c"]) == "a, b and c"
