"""How far coprod is from R, for every data set and quantity: ``python benchmarks/tolerances.py``.

Prints Markdown: the worst difference of each quantity in each data set, and then the worst of all data sets. The
numbers and the tolerances are those of the tests (``tests/reference/agreement.py``); R itself is not needed.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pandas as pd
from markdown_table import format_table

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "reference"))
agreement = import_module("agreement")
SOURCES = {
    "criterion": "lme4", "variance": "lme4", "at_zero": "lme4", "estimate": "lme4", "std_error": "lmerTest",
    "df_satterthwaite": "lmerTest", "df_kr": "pbkrtest", "std_error_kr": "pbkrtest", "cr0": "clubSandwich",
    "cr1": "clubSandwich", "cr2": "clubSandwich", "t": "t.test", "flips": "brute force", "webb": "brute force",
    "meta": "metafor", "predict": "metafor", "d": "effectsize, formula", "effectsize": "effectsize",
    "alpha": "psych, Feldt's formula", "omega": "psych::fa", "holm": "p.adjust", "benjamini": "p.adjust",
    "rubin": "mice", "clm": "ordinal, sandwich",
}  # fmt: skip


def compare_all() -> pd.DataFrame:
    """Put all comparisons together, the simulated data sets named as such."""
    public = [agreement.compare(data) for data in agreement.read_reference()["data"].unique()]
    simulated = agreement.compare_simulated()
    return pd.concat([*public, simulated.assign(data="simulated: " + simulated["data"])], ignore_index=True)


def find_worst(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Keep the row of the largest difference in each group, with the number of numbers, and whether all are met.

    A criterion may lie below R's by any amount; its worst is the largest excess, negative where all lie below.
    """
    groups = rows.groupby(keys, sort=False)
    worst = rows.loc[groups["difference"].idxmax()].set_index(keys)
    return worst.assign(numbers=groups.size(), met=groups["met"].all()).reset_index()


def format_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Write differences and verdicts as text."""
    return rows.assign(
        against=[SOURCES.get(name) or SOURCES[name.split("_")[0]] for name in rows["quantity"]],
        difference=[f"{value:.1e}" for value in rows["difference"]],
        tolerance=[f"{value:.0e}" for value in rows["tolerance"]],
        met=["yes" if met else "**no**" for met in rows["met"]],
    )


def main() -> int:
    """Print both tables; 1 if a tolerance is not met."""
    rows = compare_all()
    shared = {"quantity": "Quantity", "kind": "Difference", "numbers": "Numbers", "difference": "Worst",
              "tolerance": "Tolerance", "met": "Met"}  # fmt: skip
    each = format_numbers(find_worst(rows, ["data", "quantity"]))
    worst = format_numbers(find_worst(rows, ["quantity"]))
    worst["where"] = [" ".join(filter(None, [row.data, row.frame, row.term])) for row in worst.itertuples()]
    sys.stdout.write(
        "# Agreement with R\n\n## By data set and quantity\n\n"
        + format_table(each, {"data": "Data set", **shared})
        + "\n## The worst case of each quantity\n\n"
        + format_table(worst, {"against": "Against", **shared, "where": "Where"})
        + f"\n{rows['met'].sum()} of {len(rows)} numbers within their tolerance, {rows['data'].nunique()} data sets.\n"
    )
    return int(not rows["met"].all())


if __name__ == "__main__":
    sys.exit(main())
