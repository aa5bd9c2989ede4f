# make reports   every ward's report from the synthetic sample      make test   the fast tests
# make lab       JupyterLab on the notebooks                        make check  every test there is
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# nothing is contacted: no check for updates, no news
QUIET := --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --LabApp.news_url=None
# the kinds of tests that take long, each a marker of pytest
SLOW := browser faults office privacy fuzz
SLOW_ONES := $(subst $(eval) , or ,$(SLOW))

.PHONY: reports lab test whole check slow $(SLOW) $(SLOW:%=slow-%) lint bench lock clean mutants wheel

reports: .venv/runtime
	$(BIN)/sonla report

lab: .venv/runtime
	$(BIN)/jupyter lab $(QUIET) notebooks

test: .venv/develop
	$(BIN)/python -m pytest -q -n auto -m "not (whole or $(SLOW_ONES))"

# tests that build whole reports and folders, or draw every chart
whole: .venv/develop
	$(BIN)/python -m pytest -q -n auto -m "whole and not ($(SLOW_ONES))"

check: test lint slow wheel

slow: whole $(SLOW:%=slow-%)

browser faults office privacy: %: slow-%

slow-browser: tests/browser/node_modules

# pytest ends with 5 when there is no test of a kind
$(SLOW:%=slow-%): slow-%: .venv/develop
	$(BIN)/python -m pytest -q -m $* || [ $$? -eq 5 ]

# 2,000 damaged CSV files, 500 workbooks, 1,000 definitions, 10,000 inboxes
fuzz: .venv/develop
	FUZZ=whole $(BIN)/python -m pytest -q -n auto -m fuzz

tests/browser/node_modules: tests/browser/package-lock.json
	npm ci --silent --prefix tests/browser

lint: .venv/develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

# wounds that no test notices, by line: build/mutants.md
mutants: .venv/develop
	$(PIP) cosmic-ray==8.7.0
	$(BIN)/python benchmarks/mutants.py $(if $(SAMPLE),--sample $(SAMPLE)) $(MODULES)

bench: .venv/develop
	$(BIN)/python benchmarks/bench.py $(QUICK)

# the exact versions, with hashes, for every platform
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  pyproject.toml --extra pdf --extra build --output-file requirements.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	  pyproject.toml --all-extras --constraint requirements.txt --output-file requirements-dev.txt

# the package as others install it: a report from the wheel, in an environment with nothing else
wheel: .venv/develop
	rm -rf build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >/dev/null
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes --requirement requirements.txt
	build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps build/wheel/*.whl
	cd build/wheel && venv/bin/sonla report --unit 03646 --to html --out reports

.venv/runtime: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --requirement requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

.venv/develop: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --requirement requirements-dev.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@ .venv/runtime

clean:
	rm -rf .venv reports/20*
