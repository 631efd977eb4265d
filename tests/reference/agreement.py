"""What coprod finds beside what R found, for every number in the folders of this one.

The tests and ``benchmarks/tolerances.py`` both read it from here.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER))
finding, simulated = import_module("finding"), import_module("simulated")
public = finding.public

KEYS = ["data", "frame", "term", "quantity"]

TOLERANCES: dict[str, tuple[str, float]] = {
    # lme4 may stop a little early, so that a criterion below its own is allowed, and one above is not
    "criterion": ("above", 1e-6),
    "estimate": ("relative", 1e-5),
    "std_error": ("relative", 1e-5),
    # lmerTest takes derivatives numerically, pbkrtest at lme4's optimum
    "df_satterthwaite": ("relative", 1e-3),
    "df_kr": ("relative", 1e-3),
    "std_error_kr": ("relative", 1e-3),
    # the criterion is flat at its optimum: a change of 1e-8 in it moves a variance by about 1e-4
    "variance": ("of the total", 1e-4),
    "at_zero": ("exact", 0),
    # closed forms, in the same precision
    **{
        f"{kind}_{name}": ("relative", 1e-8)
        for kind in ("cr0", "cr1", "cr2")
        for name in ("estimate", "std_error", "df")
    },
    **{f"t_{name}": ("relative", 1e-8) for name in ("estimate", "std_error", "p", "low", "high")},
    **dict.fromkeys(("flips", "flips_reached", "webb", "webb_reached", "meta_at_zero"), ("exact", 0)),
    # metafor searches the variance between cohorts by Fisher scoring
    **{f"meta_{name}": ("relative", 1e-6) for name in ("estimate", "std_error", "p", "low", "high")},
    **{f"predict_{name}": ("relative", 1e-6) for name in ("low", "high")},
    "d_z": ("relative", 1e-10),
    "d_av": ("relative", 1e-10),
    # R's roots of an integral; effectsize searches the same roots by a general optimiser
    **{f"{name}_{end}": ("absolute", 1e-8) for name in ("d_z", "d_av") for end in ("low", "high")},
    **{f"effectsize_{end}": ("absolute", 1e-4) for end in ("low", "high")},
    **dict.fromkeys(("alpha", "alpha_low", "alpha_high"), ("absolute", 1e-10)),
    # psych::fa stops when the residuals change by less than about this
    "omega": ("absolute", 1e-6),
    # mice's rules are closed forms; ordinal's clm and sandwich are at the same optimum
    **{f"rubin_{name}": ("relative", 1e-10) for name in ("estimate", "within", "between", "total", "df", "fmi")},
    **{f"clm_{name}": ("relative", 1e-8) for name in ("estimate", "std_error", "std_error_cohorts")},
    "holm": ("relative", 1e-8),
    "benjamini_hochberg": ("relative", 1e-8),
}
"""How a quantity is compared, and how far apart the two may be."""


def read_reference() -> pd.DataFrame:
    """Return R's numbers for the public data sets: ``data, frame, term, quantity, value``."""
    text = dict.fromkeys(KEYS, "str")
    return pd.read_csv(FOLDER / "public" / "reference.csv", dtype=text, keep_default_na=False)


def compare(data: str) -> pd.DataFrame:
    """Put coprod's numbers beside R's for a public data set.

    Returns
    -------
    DataFrame
        ``data, frame, term, quantity, expected, found, kind, difference, tolerance, met``. What only one of the two
        gives is missing on the other's side, and not met.
    """
    reference = read_reference().query("data == @data").drop(columns="data")
    values = finding.find(data)
    given = set(reference[KEYS[1:]].itertuples(index=False, name=None))
    # where effectsize did not reach its own roots there is nothing to compare with
    values = {key: value for key, value in values.items() if key in given or not key[2].startswith("effectsize_")}
    found = pd.DataFrame([(*key, value) for key, value in values.items()], columns=[*KEYS[1:], "found"])
    both = reference.rename(columns={"value": "expected"}).merge(found, on=KEYS[1:], how="outer")
    return judge(both.assign(data=data))


def compare_simulated() -> pd.DataFrame:
    """Put coprod's numbers beside R's for the simulated data sets, in the columns of :func:`compare`."""
    return judge(pd.DataFrame(simulated.list_all(), columns=[*KEYS, "expected", "found"]))


def judge(both: pd.DataFrame) -> pd.DataFrame:
    """Say of each pair of numbers how far apart they are, and whether that is within the tolerance."""
    both = both.copy()
    both["kind"] = [TOLERANCES[name][0] for name in both["quantity"]]
    both["tolerance"] = [TOLERANCES[name][1] for name in both["quantity"]]
    variances = both["expected"].where(both["quantity"] == "variance")
    unit = pd.Series(1.0, index=both.index)
    unit = unit.mask(both["kind"] == "relative", both["expected"].abs())
    unit = unit.mask(both["kind"] == "of the total", variances.groupby([both["data"], both["frame"]]).transform("sum"))
    apart = both["found"] - both["expected"]
    both["difference"] = apart.where(both["kind"] == "above", apart.abs()) / unit
    both["met"] = both["difference"] <= both["tolerance"]
    return both[[*KEYS, "expected", "found", "kind", "difference", "tolerance", "met"]]
