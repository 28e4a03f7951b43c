# Everything a user needs: make run, make test. Both work from nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TORCH := 2.13.0

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all fuzz lint types docs check faults dft gaff clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## create .venv with everything but the optional DFT engine

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Potash needs Python 3.11 or newer")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (about 3 minutes and 3 GB the first time)"
	@$(BIN)/python -m pip install -qq --upgrade pip
# The CPU build of torch, before anything asks for torch and gets several GB of CUDA.
	@$(BIN)/python -c 'import torch' 2>/dev/null \
	  || $(BIN)/pip install -qq 'torch==$(TORCH)+cpu' 2>/dev/null \
	  || $(BIN)/pip install -qq 'torch==$(TORCH)' --index-url https://download.pytorch.org/whl/cpu
	@$(BIN)/pip install -qq -c constraints.txt -e '.[dev,docs,dask,postgres,suggest]'
	@touch $@

run: setup ## run the quickstart campaign, print the ranked tables, write the report
	@$(BIN)/potash run workflows/quickstart.yaml

test: setup ## run the fast tests (about 10 minutes on 2 cores)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m 'not physics and not campaign and not server and not dft and not faults'

test-all: setup ## run every test: long calculations, servers, campaigns, DFT where it is installed
	@$(BIN)/python -m pytest -n 2 --dist worksteal

faults: setup ## kill parts of real campaigns, 20 times each, and check that nothing is lost (an hour; goes on where it was)
	@POTASH_FAULTS=20 POTASH_FAULTS_TABLE=docs/validation/faults.csv $(BIN)/python -m pytest -m faults tests/faults

fuzz: setup ## damaged input for every parser, 100,000 in all (half an hour); writes docs/validation/fuzz.md
	@$(BIN)/python -m tests.fuzz --fresh

lint: setup ## check style and the floors of the architecture
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: setup ## check types, strictly
	@$(BIN)/mypy

docs: setup ## build the documentation site into build/docs; a warning is an error
	@$(BIN)/python -m sphinx -q -W --keep-going -j auto -b html docs build/docs
	@echo "build/docs/index.html"

check: lint types test ## what a contribution must pass

dft: setup ## build the optional DFT engine (GPAW) in an environment of its own
	@bash scripts/install-gpaw.sh

gaff: ## install the optional AmberTools programs in an environment of their own
	@sh scripts/install-ambertools.sh

clean: ## remove the environments; results stay
	rm -rf $(VENV) .venv-dft .venv-ambertools
