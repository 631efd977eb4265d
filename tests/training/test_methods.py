from coprod.training import tables
from coprod.training.methods import METHODS
from coprod.training.mixed import METHODS as MIXED
from coprod.training.outcomes import METHODS_OF_PAIRS
from coprod.training.study import read_study


def test_every_method_has_its_words():
    named = {*MIXED, *(method for _, methods, _ in METHODS_OF_PAIRS for method in methods)}
    assert named <= set(METHODS)
    assert set(tables.table_sensitivity(read_study()).data["method"].dropna()) <= set(METHODS)
    assert len({method.label for method in METHODS.values()}) == len(METHODS)
