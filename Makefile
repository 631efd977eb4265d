# Each target makes the virtual environment first when it is missing or older than the lock.
# Needed beforehand: make, git and Python 3.11 or newer. Nothing else is learnt, nothing activated.

PYTHON ?= python3
UV ?= uv
VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
READY := $(VENV)/.installed
BENCH := $(VENV)/bench

# What a kernel or a drawing library would otherwise write into the home folder.
export IPYTHONDIR := $(CURDIR)/$(VENV)/var/ipython
export JUPYTER_RUNTIME_DIR := $(CURDIR)/$(VENV)/var/runtime
export MPLCONFIGDIR := $(CURDIR)/$(VENV)/var/matplotlib
# One thread for linear algebra, as in every kernel of a run: two at once in each of two tests only wait for each other.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help reproduce test lab lint bench format nbdime clean lock datapackage

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name what; do printf '%-18s %s\n' "$$name" "$$what"; done

reproduce: $(READY) ## Rerun the talk: every figure, table and number, and a verdict on every claim
	$(BIN)/coprod run
	$(BIN)/coprod report
	$(BIN)/coprod check --last-run

test: $(READY) ## Run every test, the notebooks and a fresh clone among them
	$(BIN)/python -m pytest notebooks --coprod-lax --coprod-expected reports/expected -n 2 --dist loadfile
	$(BIN)/python -m pytest src tests -n 2 --dist loadfile --cov --cov-report=term-missing:skip-covered --cov-fail-under=95

lab: $(READY) ## Open the notebooks in JupyterLab
	$(BIN)/coprod lab

lint: $(READY) ## Check style, types, import order, notebooks and the repository itself
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/nbstripout --verify --keep-count --keep-id $(wildcard notebooks/*.ipynb notebooks/explore/*.ipynb)
	$(BIN)/sp-repo-review .

format: $(READY) ## Put code and notebooks into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/nbstripout --keep-count --keep-id $(wildcard notebooks/*.ipynb notebooks/explore/*.ipynb)

datapackage: $(READY) ## Write data/datapackage.json anew after a table or a schema has changed
	$(BIN)/python -m coprod.datapackage

nbdime: $(READY) ## Have git show and merge notebooks cell by cell, in this clone
	git config --local diff.jupyternotebook.command "'$(CURDIR)/$(BIN)/git-nbdiffdriver' diff"
	git config --local merge.jupyternotebook.driver "'$(CURDIR)/$(BIN)/git-nbmergedriver' merge %O %A %B %L %P"
	git config --local merge.jupyternotebook.name "notebooks, cell by cell"

bench: $(BENCH)/.installed ## Time coprod beside Papermill, nbval, snakemake and others (20 minutes)
	$(BIN)/python benchmarks/peers.py --write

clean: ## Remove what runs and tools have made; the environment and reports/expected stay
	find reports -mindepth 1 -maxdepth 1 ! -name expected -exec rm -rf {} +
	rm -rf .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

lock: ## For maintainers, with uv: renew requirements.lock from pyproject.toml
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-strip-extras --no-header --no-annotate -o requirements.lock

$(LOCKED): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "coprod needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1); name another one: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src
	@mkdir -p $(IPYTHONDIR) $(JUPYTER_RUNTIME_DIR) $(MPLCONFIGDIR)
	@touch $@

$(BENCH)/.installed: benchmarks/peers.txt | $(READY)
	$(PYTHON) -m venv --clear $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	@touch $@
