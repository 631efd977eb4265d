"""statsmodels beside the project's own numbers: the estimates agree, and the flags say why the p values do not."""

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

from coprod.errors import DataError, UsageError
from coprod.training import second_opinion
from coprod.training.estimates import COLUMNS
from coprod.training.mixed import fit_mixed
from coprod.training.second_opinion import ROUGH, estimate_statsmodels
from coprod.training.study import read_study

FOLDER = Path(__file__).resolve().parents[1] / "reference" / "public"
sys.path.insert(0, str(FOLDER))
public = import_module("prepare")
REFERENCE = pd.read_csv(FOLDER / "reference.csv")


def read(name: str) -> tuple[pd.DataFrame, list[str]]:
    if name != "example":
        return public.prepare(name), public.RECIPES[name][0]
    study = read_study()
    return study.score(), list(study.protocol.columns.waves)


@pytest.mark.parametrize(
    ("name", "frame", "near"),
    [
        *(
            (name, frame, 1e-3)
            for name in ("egsingle_five", "bdf_five")
            for frame in ("these_cohorts", "future_cohorts")
        ),
        ("example", "these_cohorts", 1e-3),
        # a variance is 0 there, and none of statsmodels' three optimisers comes to rest
        ("example", "future_cohorts", 3e-3),
    ],
)
def test_the_estimates_agree_with_ours(name, frame, near):
    scores, waves = read(name)
    found = estimate_statsmodels(scores, waves, frame)
    theirs = found[found["method"] == "statsmodels-mixedlm"].set_index("term")
    ours = fit_mixed(scores, frame, waves=waves).estimate_changes().set_index(["method", "term"])
    ours = ours.loc["lmm-satterthwaite"]
    assert theirs["estimate"].tolist() == pytest.approx(ours["estimate"].tolist(), rel=near)
    # its errors come from the inverse of the whole Hessian, covariance parameters with it
    assert theirs["std_error"].tolist() == pytest.approx(ours["std_error"].tolist(), rel=0.03)
    counts = ["n_observations", "n_participants", "n_cohorts"]
    assert theirs[counts].to_numpy().tolist() == ours[counts].to_numpy().tolist()
    assert list(found.columns) == COLUMNS
    assert found["df"].isna().all()


def test_the_inference_is_what_statsmodels_prints():
    scores, waves = read("baumann")
    found = estimate_statsmodels(scores, waves, "these_cohorts", level=0.9).iloc[0]
    formula = "score ~ C(wave, Treatment('pre')) * C(cohort, Sum)"
    printed = MixedLM.from_formula(formula, scores.astype({"wave": str}), groups=scores["participant"]).fit()
    name = "C(wave, Treatment('pre'))[T.post]"
    assert found["estimate"] == pytest.approx(printed.params[name], rel=1e-6)
    assert found["std_error"] == pytest.approx(printed.bse[name], rel=1e-4)
    assert found["statistic"] == pytest.approx(printed.tvalues[name], rel=1e-4)
    assert found["p_value"] == pytest.approx(printed.pvalues[name], rel=1e-3)
    interval = printed.conf_int(alpha=0.1).loc[name].tolist()
    assert found[["conf_low", "conf_high"]].tolist() == pytest.approx(interval, rel=1e-4)
    assert found["flag"] == "z, not t: statsmodels gives no degrees of freedom for a mixed model"


@pytest.mark.parametrize("name", ["bdf_five", "egsingle_five", "anorexia"])
def test_its_cluster_robust_error_is_cr1_tested_by_z(name):
    scores, waves = read(name)
    found = estimate_statsmodels(scores, waves, "future_cohorts").query("method == 'statsmodels-cluster'")
    for wave, row in zip(waves[1:], found.to_dict("records"), strict=True):
        r = REFERENCE[(REFERENCE["data"] == name) & (REFERENCE["term"] == wave)].set_index("quantity")["value"]
        assert row["estimate"] == pytest.approx(r["cr1_estimate"], rel=1e-8)
        assert row["std_error"] == pytest.approx(r["cr1_std_error"], rel=1e-8)
        assert row["p_value"] == pytest.approx(2 * stats.norm.sf(abs(r["cr1_estimate"] / r["cr1_std_error"])))
        assert row["flag"] == f"z, not t: statsmodels takes {scores['cohort'].nunique()} cohorts for many"


def test_what_it_warned_of_is_in_the_flag_and_nowhere_else():
    # warnings are errors here: one that leaked would end the test
    scores, waves = read("bdf_five")
    flag = estimate_statsmodels(scores, waves, "future_cohorts")["flag"].iloc[0]
    assert flag.startswith("z, not t")
    assert ROUGH in flag
    assert "stopped short" not in flag


def test_a_fit_that_stopped_early_is_told_by_its_likelihood(monkeypatch):
    scores, waves = read("bdf_five")
    whole = MixedLM.fit
    monkeypatch.setattr(MixedLM, "fit", lambda self: whole(self, maxiter=1))
    row = estimate_statsmodels(scores, waves, "future_cohorts").iloc[0]
    assert "it stopped short: its log-likelihood is" in row["flag"]
    assert ROUGH in row["flag"]
    assert np.isfinite(row["estimate"])


class Endless:
    """A result as MixedLM can return it, converged by its own word."""

    llf = np.inf
    fe_params = np.array([0.0, 1.0])

    @staticmethod
    def cov_params() -> np.ndarray:
        return np.eye(3)


def refuse(_: MixedLM) -> None:
    raise np.linalg.LinAlgError("Singular matrix")


@pytest.mark.parametrize(
    ("fit", "words"),
    [(lambda _: Endless(), "no numbers: log-likelihood inf"), (refuse, "no numbers: statsmodels failed, Singular")],
    ids=["infinite", "singular"],
)
def test_where_it_gives_no_answer_the_row_has_no_numbers(monkeypatch, fit, words):
    scores, waves = read("bdf_five")
    monkeypatch.setattr(MixedLM, "fit", fit)
    row = estimate_statsmodels(scores, waves, "future_cohorts").iloc[0]
    assert row[["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]].isna().all()
    assert row["flag"].startswith(words)
    assert row["n_participants"] == 60


def test_crossed_effects_of_many_rows_are_left_out(monkeypatch):
    scores, waves = read("bdf_five")
    monkeypatch.setattr(second_opinion, "MOST_ROWS", 119)
    found = estimate_statsmodels(scores, waves, "future_cohorts")
    assert found["estimate"].isna().tolist() == [True, False]
    assert found["flag"].iloc[0] == "not fitted: statsmodels takes long for crossed random effects beyond 119 rows"
    assert estimate_statsmodels(scores, waves, "these_cohorts")["estimate"].notna().all()


def people(cohorts: str, changes: list[float], wave: str = "post") -> pd.DataFrame:
    rng = np.random.default_rng(3)
    before = rng.normal(3, 1, len(cohorts))
    names = [f"{wave}{number}" for number in range(len(cohorts))]
    pre = pd.DataFrame({"participant": names, "cohort": list(cohorts), "wave": "pre", "score": before})
    return pd.concat([pre, pre.assign(wave=wave, score=before + changes)], ignore_index=True)


def test_clusters_that_changed_alike_have_no_numbers():
    scores = people("aabb", [1.0, 2.0, 1.0, 2.0])
    row = estimate_statsmodels(scores, ["pre", "post"], "future_cohorts").iloc[1]
    assert np.isnan(row["estimate"])
    assert row["flag"].startswith("no numbers: the cohorts' changes have no spread")


def test_a_wave_without_pairs_says_so():
    scores = people("aabb", [1.0, 2.0, 1.5, 1.0], "later")
    alone = pd.DataFrame({"participant": list("wxyz"), "cohort": list("aabb"), "wave": "post", "score": [3.0, 4, 5, 3]})
    found = estimate_statsmodels(pd.concat([scores, alone]), ["pre", "post", "later"], "future_cohorts")
    row = found[found["method"] == "statsmodels-cluster"].iloc[0]
    assert row["flag"].startswith("no numbers: 0 participant(s) with scores at both 'pre' and 'post'")


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((people("aaaa", [1, 2, 3, 1]), ["pre", "post"], "future_cohorts"), DataError, "one cohort only"),
        ((people("aabb", [1, 2, 3, 1]), ["pre", "post"], "all_cohorts"), UsageError, "unknown frame 'all_cohorts'"),
        ((people("aabb", [1, 2, 3, 1]), ["pre", "post"], "these_cohorts", 95), UsageError, "write 95 per cent as 0.95"),
    ],
    ids=["one-cohort", "frame", "level"],
)
def test_bad_input_is_named(arguments, error, words):
    with pytest.raises(error, match=words):
        estimate_statsmodels(*arguments)
