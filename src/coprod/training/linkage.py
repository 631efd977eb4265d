"""Codes that participants made up themselves, linked over the waves although some are written with a slip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from coprod.errors import check_word
from coprod.training.keys import tag_cohort

Mode = Literal["default", "exact", "unlinked"]


@dataclass(frozen=True, eq=False)
class Linkage:
    """Answers whose participants are the same person at each wave, as far as codes tell.

    Attributes
    ----------
    responses : DataFrame
        As given, ``participant`` replaced by the code at the first wave.
    links : DataFrame
        ``cohort, wave, code, linked_to, how``: one row per later questionnaire; ``how`` is "exact", "distance 1" or
        "none".
    expected_false : float
        How many of the links are expected to join two people by chance.
    """

    responses: pd.DataFrame
    links: pd.DataFrame
    expected_false: float


def link_codes(responses: pd.DataFrame, mode: Mode = "default") -> Linkage:
    r"""Link questionnaires by self-generated codes.

    Within a cohort (and audience, where there is one) a later code is linked to the same code at the first wave; then,
    of the codes left over on both sides, to one at a distance of 1 (a letter changed, added, left out, or two
    neighbours exchanged: optimal string alignment), where each is the other's only candidate. For two different people
    of one cohort, codes agree by chance with probability prod_l q_l, q_l = sum_c p_lc^2 being the chance that both
    have the same character at place l, and differ at one place with probability r = sum_l (1 - q_l) prod_{m != l} q_m.
    The expected number of false links is n m prod_l q_l for n later codes and m at the first wave, plus
    n' m' r (1 - r)^(n' + m' - 2) for the n' and m' codes left over: as many as there would be if nobody had come back,
    and so an upper limit. Slips that change the length or exchange neighbours add little and are left out.

    Parameters
    ----------
    responses : DataFrame
        ``participant, cohort, wave``, perhaps ``audience``, and more; ``wave`` an ordered categorical.
    mode : {"default", "exact", "unlinked"}
        Exact and near codes; exact ones only; or none, so that every questionnaire is a person of its own.

    Returns
    -------
    Linkage
        ``responses, links, expected_false``.

    Raises
    ------
    UsageError
        If the mode is not known.

    References
    ----------
    Yurek, L. A., Vasey, J. and Sullivan Havens, D. (2008) The use of self-generated identification codes in
    longitudinal research. Evaluation Review 32(5): 435-452. doi:10.1177/0193841X08316676

    Examples
    --------
    >>> frame = pd.DataFrame(
    ...     {
    ...         "participant": ["AN07", "BO12", "AM07"],
    ...         "cohort": "one",
    ...         "wave": pd.Categorical(["pre", "pre", "post"], ["pre", "post"], ordered=True),
    ...     }
    ... )
    >>> link_codes(frame).responses["participant"].tolist()
    ['AN07', 'BO12', 'AN07']
    """
    check_word(mode, get_args(Mode), "way of linking")
    first = responses["wave"].cat.categories[0]
    if mode == "unlinked":
        later = responses["wave"] != first
        apart = responses["participant"] + " (" + responses["wave"].astype("str") + ")"
        return Linkage(responses.assign(participant=responses["participant"].mask(later, apart)), _links([]), 0.0)
    group = ["cohort", "audience"] if "audience" in responses else ["cohort"]
    seen = responses[[*group, "wave", "participant"]].drop_duplicates()
    rows: list[tuple[object, ...]] = []
    expected = 0.0
    for (cohort, *_), people in seen.groupby(group, sort=False):
        tag = tag_cohort(cohort)
        reference = {code.removesuffix(tag): code for code in people.loc[people["wave"] == first, "participant"]}
        for wave, later_people in people[people["wave"] != first].groupby("wave", observed=True):
            codes = {code.removesuffix(tag): code for code in later_people["participant"]}
            near = {} if mode == "exact" else link_near(codes, reference)
            rows += [
                (cohort, wave, code, reference.get(near.get(bare, bare)), _how(bare, reference, near))
                for bare, code in codes.items()
            ]
            expected += expect_false(codes, reference, mode)
    links = _links(rows)
    moved = links[links["how"] == "distance 1"]
    targets = moved.set_index(["cohort", "wave", "code"])["linked_to"].to_dict()
    keys = zip(responses["cohort"], responses["wave"], responses["participant"], strict=True)
    linked = pd.Series([targets.get(key, key[2]) for key in keys], index=responses.index, dtype="str")
    return Linkage(responses.assign(participant=linked), links, expected)


def distance_one(a: str, b: str) -> bool:
    """Tell whether two codes are one slip apart: a character changed, added, left out, or two exchanged.

    Examples
    --------
    >>> distance_one("AN07", "NA07"), distance_one("AN07", "AN7"), distance_one("AN07", "AN07")
    (True, True, False)
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    rest, other = a[start:], b[start:]
    return any((
        len(rest) == len(other) and rest[1:] == other[1:],
        len(rest) == len(other) + 1 and rest[1:] == other,
        len(rest) + 1 == len(other) and rest == other[1:],
        len(rest) == len(other) > 1 and rest[:2] == other[1::-1] and rest[2:] == other[2:],
    ))  # fmt: skip


def link_near(codes: Iterable[str], reference: Iterable[str]) -> dict[str, str]:
    """Pair the codes left over on both sides, where each is the other's only candidate at a distance of 1.

    Examples
    --------
    >>> link_near(["AM07", "XX99"], ["AN07", "BO12"]), link_near(["AM07", "AO07"], ["AN07"])
    ({'AM07': 'AN07'}, {})
    """
    given, wanted = set(codes), set(reference)
    index: dict[str, set[str]] = {}
    for code in wanted - given:
        for form in _shortened(code):
            index.setdefault(form, set()).add(code)
    candidates = {
        code: {other for form in _shortened(code) for other in index.get(form, ()) if distance_one(code, other)}
        for code in sorted(given - wanted)
    }
    claims = Counter(other for found in candidates.values() for other in found)
    only = {code: next(iter(found)) for code, found in candidates.items() if len(found) == 1}
    return {code: other for code, other in only.items() if claims[other] == 1}


def expect_false(codes: Iterable[str], reference: Iterable[str], mode: Mode = "default") -> float:
    """Return how many links would join different people, were no later code its owner's from the first wave.

    Examples
    --------
    >>> round(expect_false(["AB", "CD"], ["AD", "CB"], mode="exact"), 3)  # 4 pairs, each place alike in 1 of 3
    0.444
    """
    check_word(mode, get_args(Mode), "way of linking")
    given, wanted = set(codes), set(reference)
    alike = _agreement([*given, *wanted])
    exact = len(given) * len(wanted) * float(np.prod(alike))
    if mode == "exact":
        return exact
    one_off = float(sum((1 - q) * np.prod(np.delete(alike, place)) for place, q in enumerate(alike)))
    left, right = len(given - wanted), len(wanted - given)
    return exact + left * right * one_off * (1 - one_off) ** max(left + right - 2, 0)


def _shortened(code: str) -> Iterator[str]:
    """Return a code and all it becomes without one character; codes one slip apart share one of these."""
    yield code
    yield from (code[:place] + code[place + 1 :] for place in range(len(code)))


def _how(code: str, reference: Mapping[str, str], near: Mapping[str, str]) -> str:
    return "exact" if code in reference else "distance 1" if code in near else "none"


def _links(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cohort", "wave", "code", "linked_to", "how"])


def _agreement(codes: list[str]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the chance at each place that two people's characters agree, from the pairs of different codes."""
    different = sorted(set(codes))
    width = max((len(code) for code in different), default=0)
    chances = []
    for place in range(width):
        counts = np.array(list(Counter(code[place : place + 1] for code in different).values()), dtype=float)
        n = counts.sum()
        chances.append(float((counts * (counts - 1)).sum() / (n * (n - 1))) if n > 1 else 0.0)
    return np.array(chances)
