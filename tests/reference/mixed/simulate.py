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


if __name__ == "__main__":
    for name, design in DESIGNS.items():
        simulate(*design).to_csv(Path(__file__).with_name(f"{name}.csv"), index=False)
