"""Make the data sets in this folder: python simulate.py (numpy's PCG64, fixed seeds)."""

from pathlib import Path

import numpy as np
import pandas as pd

DESIGNS = {
    # name: sizes of the cohorts, waves, SD of (level, changes), dropout at later waves, seed
    "equal_two": ([20] * 5, 2, (0.3, 0.2), 0.0, 1),
    "unequal_two": ([8, 31, 14, 20, 11], 2, (0.3, 0.3), 0.25, 2),
    "equal_three": ([15] * 5, 3, (0.2, 0.3, 0.3), 0.0, 3),
    "unequal_three": ([9, 27, 18, 12, 22], 3, (0.4, 0.2, 0.3), 0.3, 4),
    "boundary": ([12] * 5, 2, (0.3, 0.0), 0.1, 8),
    "both_zero": ([10, 14, 9, 16, 12], 3, (0.0, 0.0, 0.0), 0.2, 6),
    "single_wave": ([10, 12, 9, 15, 11], 2, (0.3, 0.25), 0.6, 7),
    "many": ([6] * 30, 2, (0.4, 0.3), 0.15, 9),
}
COVARIATES = {
    # the same, and participants are described by age and profession, a few of them not
    "covariates_two": ([14, 22, 9, 17, 12], 2, (0.3, 0.3), 0.2, 11),
    "covariates_three": ([12, 25, 18, 10], 3, (0.3, 0.2, 0.3), 0.25, 12),
    "covariates_boundary": ([11] * 6, 2, (0.2, 0.0), 0.1, 14),
}
PROFESSIONS = {"doctor": 0.3, "nurse": 0.0, "porter": -0.4}
WAVES = ("pre", "post", "followup")


def simulate(sizes: list[int], waves: int, spread: tuple[float, ...], dropout: float, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for cohort, size in enumerate(sizes):
        effect = rng.normal(0, 1, waves) * spread
        for person in range(size):
            level = rng.normal(3, 0.6)
            for wave in range(waves):
                score = level + effect[0] + (0.4 + effect[wave]) * (wave > 0) + rng.normal(0, 0.5)
                if wave == 0 or rng.random() >= dropout:
                    rows.append((f"{cohort}-{person}", f"c{cohort:02d}", WAVES[wave], round(float(score), 4)))
    return pd.DataFrame(rows, columns=["participant", "cohort", "wave", "score"])


def describe(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(100 + seed)
    people = pd.DataFrame({"participant": scores["participant"].unique()})
    people["age"] = rng.integers(21, 64, len(people))
    people["profession"] = rng.choice(list(PROFESSIONS), len(people), p=[0.25, 0.6, 0.15])
    rows = scores.merge(people, how="left", on="participant")
    effect = 0.03 * (rows["age"] - 40) + rows["profession"].map(PROFESSIONS)
    rows["score"] = (rows["score"] + effect).round(4)
    for name in ("age", "profession"):
        unknown = people["participant"][rng.random(len(people)) < 0.04]
        rows[name] = rows[name].mask(rows["participant"].isin(unknown))
    return rows.astype({"age": "Int64"})


if __name__ == "__main__":
    for name, design in DESIGNS.items():
        simulate(*design).to_csv(Path(__file__).with_name(f"{name}.csv"), index=False)
    for name, design in COVARIATES.items():
        described = describe(simulate(*design), design[-1])
        described.to_csv(Path(__file__).with_name(f"{name}.csv"), index=False)
