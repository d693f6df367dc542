# What a person types: make lab · make test · make docs · make docs-serve · make bench · make clean
PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= -c constraints.txt
LABFLAGS ?=
# Two processes, each with a browser and a JupyterLab of its own; the one that gets through takes tests off the other.
# tests/conftest.py says which come first
TESTFLAGS ?= -n 2 --dist worksteal --durations=10
# Programs beside Python that tests drive: each of these files finds or installs its own
PROGRAMS := tests/browser.py tests/office.py

ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
ifeq ($(shell id -u),0)
ROOTFLAG := --allow-root
endif
endif
# Tools of the environment first, so that node and npm are its own
export PATH := $(abspath $(BIN)):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DELETE_ON_ERROR:
.PHONY: help lab install test lint types docs docs-serve bench programs export readme pyproject picture clean

help:
	@echo "make lab         install the course and open it in JupyterLab"
	@echo "make test        everything that must hold"
	@echo "make docs        build the site into _docs/"
	@echo "make docs-serve  the same, served on 127.0.0.1 and rebuilt on change"
	@echo "make bench       slider latency, data loading, import and training times"
	@echo "make export      modules, pyproject.toml and README from notebooks and settings.ini"
	@echo "make clean       remove what these commands made"

$(BIN)/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.course: $(BIN)/pip pyproject.toml constraints.txt docs/lab_config.py
	@echo "Installing the course: about 2 GB the first time, which takes some minutes"
	@$(BIN)/python docs/install.py -e . $(CONSTRAINTS)
	@touch $@

$(VENV)/.dev: $(VENV)/.course
	@echo "Installing what tests and site need"
	@$(BIN)/python docs/install.py -e ".[dev]" $(CONSTRAINTS)
	@touch $@

install: $(VENV)/.course

lab: install
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)/nbs" --LabApp.default_url=/lab/tree/index.ipynb $(ROOTFLAG) $(LABFLAGS)

programs: $(VENV)/.dev
	@for p in $(PROGRAMS); do $(BIN)/python $$p || exit 1; done

# Threads that wait go to sleep, not round in circles: several notebooks run at once
test docs docs-serve: export OMP_WAIT_POLICY := PASSIVE

# The site is built by the first test that looks at it, beside the others
test: programs lint types
	$(BIN)/python -m pytest tests $(TESTFLAGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/python tests/lint.py

docs/node_modules/.package-lock.json: docs/package-lock.json | $(VENV)/.dev
	cd docs && npm ci
	@touch $@

# The page's modules against their JSDoc types; strictly where there is no page: mathematics and the outbox
types: docs/node_modules/.package-lock.json
	node docs/node_modules/typescript/bin/tsc -p .
	node docs/node_modules/typescript/bin/tsc -p docs/types/strict.json

docs: $(VENV)/.dev
	$(BIN)/python docs/build.py

docs-serve: $(VENV)/.dev
	$(BIN)/python docs/build.py --serve

bench: programs
	$(BIN)/python benchmarks/run.py

pyproject: $(VENV)/.dev
	$(BIN)/python docs/project.py pyproject

readme: $(VENV)/.dev
	$(BIN)/python docs/project.py readme

picture: programs
	$(BIN)/python tests/picture.py

# nbdev-clean clears either outputs and all metadata of cells, the folding too, or neither
export: pyproject readme
	$(BIN)/jupyter nbconvert --clear-output --inplace --log-level=WARN $$(git ls-files -co --exclude-standard 'nbs/*.ipynb')
	$(BIN)/nbdev-clean
	$(BIN)/nbdev-export

clean:
	rm -rf $(VENV) _docs _build build dist docs/node_modules *.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
