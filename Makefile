# `make` alone lists what can be made. On Windows, README.md gives the plain commands.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help lab slides test site notebooks results bench load

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

lab: .venv/lab  ## set up, and open the course in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb

slides: .venv/slides  ## set up, and open a lesson as slides: make slides LESSON=5
	$(BIN)/python -m tools.present $(LESSON)

test: .venv/test  ## set up, and run every test: code, notebooks, panels, browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest

site: .venv/site  ## build the lessons and guides as web pages, in build/site
	$(BIN)/python -m tools.stills
	$(BIN)/sphinx-build -c docs -d build/doctrees -E --fail-on-warning --quiet . build/site
	cd build && ../$(BIN)/python -m zipfile --create collaborative_filtering_site.zip site
	@echo 'open build/site/index.html; the same as one file: build/collaborative_filtering_site.zip'

notebooks: .venv/test  ## run all notebooks in place, and normalise them
	$(BIN)/ruff format notebooks
	$(BIN)/python -m tools.notebooks

results: .venv/test  ## recompute the stored results of lessons 5 to 8
	$(BIN)/python -m tools.results

bench: .venv/lab .venv-bench/peers  ## measure: ours against the peers, growth, panels (6 minutes)
	$(BIN)/python -m tools.benchmarks.run --peers-python .venv-bench/bin/python $(BENCH)

load: .venv/test  ## measure: many students on one server; memory, processor, threads (5 minutes)
	$(BIN)/python -m tools.benchmarks.load $(LOAD)

.venv/lab: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) --editable .
	touch $@

.venv/test: .venv/lab
	$(PIP) --editable '.[test,site,slides]'
	touch $@ .venv/site .venv/slides

.venv/slides: .venv/lab
	$(PIP) --editable '.[slides]'
	touch $@

.venv/site: .venv/lab
	$(PIP) --editable '.[site]'
	touch $@

# The peers alone, without the course: LensKit needs an older pandas. `make bench BENCH=--store-peers`
# stores their rows for the scoreboard, `make bench BENCH=panels` measures one part.
.venv-bench/peers: pyproject.toml tools/benchmarks/constraints.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	$(PYTHON) -m tools.benchmarks.extra > .venv-bench/requirements.txt
	.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet \
		--requirement .venv-bench/requirements.txt --constraint tools/benchmarks/constraints.txt
	touch $@
