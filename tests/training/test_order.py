"""Cohorts stand in one order wherever they are listed, and the order changes no number."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coprod.figures.cohorts import plot_cohort_change
from coprod.figures.flow import plot_flow
from coprod.figures.forest import plot_forest
from coprod.training import describe, tables
from coprod.training.order import order_cohorts
from coprod.training.outcomes import estimate_study
from coprod.training.study import Study, read_study
from coprod.training.synthetic import Design, simulate_responses

NAMES = [f"Cohort {number}" for number in range(1, 13)]
PLAN = """
title = "Twelve cohorts"
synthetic = true
[columns]
participant = "code"
cohort = "cohort"
audience = "audience"
wave = "time"
waves = ["before", "after", "later"]
{planned}
[[scale]]
name = "confidence"
items = ["c1", "c2", "c3", "c4", "c5"]
reverse = ["c4"]
minimum = 1
maximum = 5
[analysis]
primary_scale = "confidence"
primary_wave = "after"
[privacy]
profile = "internal"
"""


def read(folder: Path, names: list[str], planned: str = "") -> Study:
    design = Design(sizes=dict.fromkeys(NAMES, 9), audiences=dict.fromkeys(NAMES, "staff"), slip=0)
    answers = simulate_responses(design, np.random.default_rng(7))
    renamed = answers["cohort"].replace(dict(zip(NAMES, names, strict=True)))
    answers.assign(cohort=renamed).to_csv(folder / "answers.csv", index=False)
    (folder / "protocol.toml").write_text(PLAN.format(planned=planned))
    return read_study(folder / "answers.csv", folder / "protocol.toml")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return read(tmp_path_factory.mktemp("twelve"), NAMES)


def listed(frame: pd.DataFrame, column: str = "cohort") -> list[str]:
    return [name for name in dict.fromkeys(frame[column].dropna()) if name.removeprefix("without ") in NAMES]


def test_every_table_counts_cohorts_as_people_do(study: Study) -> None:
    flow = describe.count_flow(study)
    assert listed(flow) == NAMES
    assert listed(describe.summarise_cohorts(study)) == NAMES
    assert listed(describe.summarise_cohort_waves(study)) == NAMES
    assert listed(tables.table_silence(study).data) == NAMES
    assert listed(tables.table_tipping(study).data) == NAMES
    without = listed(tables.table_sensitivity(study).data, "scenario")
    assert without == [f"without {name}" for name in NAMES]


def test_every_figure_counts_cohorts_as_people_do(study: Study) -> None:
    cohorts, flow = describe.summarise_cohorts(study), describe.count_flow(study)
    waves = describe.summarise_cohort_waves(study)
    figures = [plot_forest(cohorts, estimate_study(study), study), plot_flow(flow, study)]
    for figure in [*figures, plot_cohort_change(waves, study)]:
        assert listed(figure.data) == NAMES
        assert listed(pd.DataFrame({"cohort": re.findall(r"Cohort \d+", figure.alt)}))[:2] != ["Cohort 1", "Cohort 10"]


def test_the_order_moves_no_number(study: Study, tmp_path: Path) -> None:
    padded = read(tmp_path, [f"Cohort {number:02d}" for number in range(1, 13)])  # their order as text is as counted
    one, other = (estimate_study(which).query("method != 'wild-webb'") for which in (study, padded))
    # twelve cohorts are too many to enumerate, and the draws go to cohorts by the order of their names as text
    pd.testing.assert_frame_equal(one, other, rtol=1e-8)


def test_the_protocol_s_order_comes_first(tmp_path: Path) -> None:
    turned = NAMES[::-1]
    study = read(tmp_path, NAMES, f"cohorts = {turned}")
    assert listed(describe.count_flow(study)) == turned
    assert listed(tables.table_silence(study).data) == turned


@given(st.lists(st.text(), unique=True))
def test_no_name_is_lost_and_the_order_given_does_not_matter(names: list[str]) -> None:
    assert order_cohorts(names) == order_cohorts(names[::-1])
    assert sorted(order_cohorts(names)) == sorted(names)
