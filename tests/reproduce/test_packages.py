from importlib.metadata import version

from coprod.reproduce.packages import installed_versions, versions_of


def test_versions_are_those_of_the_packages_own_metadata() -> None:
    versions = installed_versions()
    for name in ("numpy", "pandas", "matplotlib_inline", "pillow"):
        assert versions[name] == version(name)


def test_a_module_named_unlike_its_package_is_found() -> None:
    assert set(versions_of(["PIL", "numpy", "no_such_module"])) == {"pillow", "numpy"}
