# make reproduce   the bound, its check by simulation, trained networks, figures
# make test        the default test suite
# make docs        the documentation, in site
# make package     sdist and wheel, checked, in dist
# Both create .venv and install what they need.

PYTHON  ?= python3
TORCH   ?= torch==2.13.0
RESULTS ?= results
SEEDS   ?= 1
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN)
VENV    := .venv
BIN     := $(VENV)/bin
PARALLEL := --numprocesses $(WORKERS) --dist loadfile
PIP     := $(BIN)/python -m pip install --quiet --constraint constraints.txt "$(TORCH)"

export OMP_NUM_THREADS = 1
export OPENBLAS_NUM_THREADS = 1

.PHONY: reproduce test test-slow lint benchmarks docs package clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing into $(VENV) (a few minutes the first time) ..."
	$(PIP) -e ".[empirical,figures]"
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "installing with the developers' tools into $(VENV) (a few minutes the first time) ..."
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.run

reproduce: $(VENV)/.run
	@echo "== 1/4 the bound"
	$(BIN)/tradeoff bound orientation-texture --adversarial-error 0.001
	@echo "== 2/4 its check by simulation"
	$(BIN)/tradeoff simulate --profile quick --workers $(WORKERS) --out $(RESULTS)
	@echo "== 3/4 trained networks"
	$(BIN)/tradeoff sweep orientation-texture --profile quick --seeds $(SEEDS) --workers $(WORKERS) --out $(RESULTS)
	$(BIN)/tradeoff sweep mnist-rotation --profile quick --seeds $(SEEDS) --workers $(WORKERS) --out $(RESULTS)
	@echo "== 4/4 figures"
	$(BIN)/tradeoff figures frontier mnist-rotation validation --records $(RESULTS) --out $(RESULTS)/figures

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL)

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest $(PARALLEL) -m slow --timeout 1500

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

benchmarks: $(VENV)/.dev
	for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/.dev
	$(BIN)/python -m mkdocs build --strict
	@echo "open site/index.html"

package: $(VENV)/.dev
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*

clean:
	rm -rf $(VENV) $(RESULTS) dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
