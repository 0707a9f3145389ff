# `make` alone lists what can be made. On Windows, README.md gives the plain commands.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
# Three processes of one thread each, for two cores: what tests a browser or a grader mostly waits.
# The cells of a notebook, and the tests of a file, stay together.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=3 --dist=loadfile
# What `make check` leaves to `make test`: what runs whole lessons, a browser or a server.
LONG := tests/browser tests/notebooks/test_runs.py tests/tools/test_results.py \
	tests/tools/test_grade.py tests/tools/test_grade_lessons.py tests/tools/test_hub.py \
	tests/tools/test_stills.py tests/tools/test_distributed.py tests/notebooks/test_sample.py

.DEFAULT_GOAL := help
.PHONY: help lab slides check test site notebooks results bench load versions places listen handout quiz hub fresh dist

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

lab: .venv/lab  ## set up, and open the course in JupyterLab
	$(BIN)/jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb

slides: .venv/slides  ## set up, and open a lesson as slides: make slides LESSON=5
	$(BIN)/python -m tools.present $(LESSON)

check: .venv/test  ## while you work: style, units, figures, panels, and the lessons that you changed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTEST) tests $(LONG:%=--ignore=%) $$($(BIN)/python -m tools.changed $(SINCE))

test: .venv/test  ## set up, and run every test: code, notebooks, panels, browser
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(PYTEST)

site: .venv/site  ## build the lessons and guides as web pages, in build/site
	$(BIN)/python -m tools.stills
	$(BIN)/sphinx-build -c docs -d build/doctrees -E --fail-on-warning --quiet . build/site
	cd build && ../$(BIN)/python -m zipfile --create collaborative_filtering_site.zip site
	@echo 'open build/site/index.html; the same as one file: build/collaborative_filtering_site.zip'

dist: .venv/lab  ## build a wheel, check it, and run a lesson with it in an empty environment
	$(BIN)/python -m tools.try_wheel

notebooks: .venv/test  ## run all notebooks in place, and normalise them
	$(BIN)/ruff format notebooks
	$(BIN)/python -m tools.notebooks

results: .venv/test  ## recompute the stored results that lessons show
	$(BIN)/python -m tools.results

bench: .venv/test .venv-bench/peers  ## measure: ours against the peers, growth, panels, the site
	$(BIN)/python -m tools.benchmarks.run --peers-python .venv-bench/bin/python $(BENCH)

load: .venv/test  ## measure: many students on one server; memory, processor, threads (5 minutes)
	$(BIN)/python -m tools.benchmarks.load $(LOAD)

handout: .venv/lab  ## copies to hand out, without solutions: make handout LESSON=5
	$(BIN)/python -m tools.handout $(LESSON) $(HANDOUT)

quiz: .venv/lab  ## question banks for Moodle and Canvas, and a test before and after the course
	$(BIN)/python -m tools.quiz

fresh: .venv/lab  ## bring a lesson back as it was, and keep yours: make fresh LESSON=3
	$(BIN)/python -m tools.fresh $(LESSON)

hub: .venv-hub/hub  ## a server for a class on this machine: make hub NAMES=class.txt
	COLLAB_PACKAGES=$(CURDIR)/.venv .venv-hub/bin/python -m tools.hub $(NAMES) $(HUB)

# A Python that is too old is told before anything is fetched. A .venv that is of one, or that was
# broken off before it had pip, is made anew.
.venv/lab: pyproject.toml constraints.txt $(wildcard jupyter/*/*.json jupyter/*/static/*.js)
	@$(PYTHON) tools/python_version.py
	@{ $(BIN)/python tools/python_version.py && $(BIN)/python -m pip --version; } >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear .venv
	$(PIP) --editable '.[lab]'
	@$(BIN)/python -m tools.fresh --remember
	@touch $@

.venv/test: .venv/lab
	$(PIP) --quiet --editable '.[lab,test,site,slides]'
	@touch $@ .venv/site .venv/slides

.venv/slides: .venv/lab
	$(PIP) --quiet --editable '.[lab,slides]'
	@touch $@

.venv/site: .venv/lab
	$(PIP) --quiet --editable '.[lab,site]'
	@touch $@

# The peers alone, without the course: LensKit needs an older pandas. `make bench BENCH=--store-peers`
# stores their rows for the scoreboard, `make bench BENCH=panels` measures one part.
.venv-bench/peers: pyproject.toml tools/benchmarks/constraints.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	$(PYTHON) -m tools.benchmarks.extra > .venv-bench/requirements.txt
	.venv-bench/bin/python -m pip --disable-pip-version-check install --quiet \
		--requirement .venv-bench/requirements.txt --constraint tools/benchmarks/constraints.txt
	touch $@

# The ends of the versions that pyproject.toml allows: ENDS=lowest-direct or ENDS=highest.
ENDS ?= lowest-direct
versions:  ## test with the oldest or the newest allowed versions: make versions ENDS=highest
	$(PYTHON) tools/python_version.py
	$(PYTHON) -m venv --clear .venv-$(ENDS)
	.venv-$(ENDS)/bin/python -m pip --disable-pip-version-check install --quiet uv
	.venv-$(ENDS)/bin/uv pip install --python .venv-$(ENDS)/bin/python --resolution $(ENDS) \
		--editable '.[lab,test,slides]'
	.venv-$(ENDS)/bin/python -m pytest --numprocesses=2 --dist=loadfile tests notebooks $(LONG:%=--ignore=%)

# Where it isn't JupyterLab 4: lesson 3 is worked in the Notebook, and all lessons run without one.
OLD := .venv-notebook6/bin/python
NEW := .venv-notebook7/bin/python
places:  ## test with Colab's versions of everything in Notebook 6, and with ours in Notebook 7
	$(PYTHON) tools/python_version.py
	$(PYTHON) -m venv --clear .venv-notebook6
	$(OLD) -m pip --disable-pip-version-check install --quiet \
		--requirement tools/versions/colab.txt playwright
	$(OLD) -m tools.try_notebook --install --browser
	$(PYTHON) -m venv --clear .venv-notebook7
	$(NEW) -m pip --disable-pip-version-check install --quiet \
		--constraint constraints.txt --editable '.[lab,test]' 'notebook>=7,<8'
	$(NEW) -m tools.try_notebook --browser

# On Debian and Ubuntu: apt-get install --no-install-recommends orca xvfb at-spi2-core dbus-x11 xdotool
listen: .venv/test  ## hear lesson 3 with the screen reader Orca, control by control (Linux, 8 minutes)
	$(BIN)/python -m tools.listen $(LISTEN)

# JupyterHub has a place of its own, which finds the course's packages in .venv.
.venv-hub/hub: .venv/lab tools/hub/requirements.txt
	test -x .venv-hub/bin/python || $(PYTHON) -m venv .venv-hub
	.venv-hub/bin/python -m pip --disable-pip-version-check install --quiet \
		--requirement tools/hub/requirements.txt --constraint constraints.txt
	$(BIN)/python -m tools.hub.packages .venv-hub
	PATH="$(CURDIR)/.venv-hub/bin:$$PATH" npm install --prefix .venv-hub --no-fund --no-audit \
		--loglevel=error configurable-http-proxy@5
	touch $@
