# Every task, for people and for CI. Needs Python 3.11 to 3.13, make and a package index.

VENV   ?= .venv
CONFIG ?= config
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { echo $$python; break; }; done)

BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
PLACES := service/siegewatch/detect/places.idx
# Much of what is tested waits: for servers, for restarts. Four processes are worth it on two cores already.
WORKERS ?= 4
BENCH  ?= $(shell grep --files-with-matches __main__ bench/*.py)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test lint format bench model setup dev lock clean

help:  ## What can be made
	@awk -F ':.*  ## ' '/^[a-z]+:.*  ## / {printf "  make %-7s %s\n", $$1, $$2}' Makefile

run: setup  ## Set up, then watch the feeds of CONFIG=config: page and API at http://127.0.0.1:8350
	@exec $(BIN)/siegewatch run --config $(CONFIG)

demo: setup  ## Set up, then show the whole line with sample feeds and a local inbox, without a network
	@exec $(BIN)/siegewatch demo

test: dev  ## Run the tests, in WORKERS=4 processes: ARGS="-k name" for some of them
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

lint: dev  ## Check style, types, imports, spelling, the Docker files, and that what is pinned fits
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	bash -n .ci/run
	$(BIN)/python -m pip check

format: dev  ## Lay out the code, and mend what can be mended by rule
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: dev  ## Measure: BENCH=bench/feeds.py for one of the benches
	@for bench in $(BENCH); do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

model:  ## Train anew what is learnt, from EVAL=../shared/eval and DATA=../shared/data, in .venv-training: an hour and more
	@test -f $(EVAL)/train.jsonl || { echo "no train.jsonl in $(EVAL): give EVAL=/path/to/labelled/items"; exit 1; }
	@test -d .venv-training || $(PYTHON) -m venv .venv-training
	@.venv-training/bin/python -m pip install --quiet --require-hashes -r requirements.txt
	@.venv-training/bin/python -m pip install --quiet -r training/requirements.txt
	@.venv-training/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	.venv-training/bin/python training/train_glance.py --eval $(EVAL) --data $(DATA)
	.venv-training/bin/python training/train_encoder.py --eval $(EVAL) --data $(DATA) --left-out training/left_out.npz
	.venv-training/bin/python training/train_scorer.py training/left_out.npz --eval $(EVAL) --data $(DATA)

EVAL ?= ../shared/eval
DATA ?= ../shared/data

setup: $(VENV)/.run-ready $(PLACES)  ## Set up what running needs

dev: setup $(VENV)/.dev-ready

lock:  ## Pin what pyproject.toml asks for anew, with hashes (needs uv)
	uv pip compile $(LOCK) --group build pyproject.toml --output-file requirements.txt
	uv pip compile $(LOCK) --group build --group dev --constraints requirements.txt pyproject.toml \
	    --output-file requirements-dev.txt

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command "make lock"

clean:  ## Remove what set-up, tests and linters made; data/ stays
	rm -rf $(VENV) .venv-training training/left_out.npz $(PLACES) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "siegewatch needs Python 3.11, 3.12 or 3.13: make $(MAKECMDGOALS) PYTHON=/path/to/it"; exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version), once, about a minute"
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	    echo "This Python makes no virtual environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.run-ready: requirements.txt pyproject.toml | $(BIN)/python
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev-ready: requirements-dev.txt $(VENV)/.run-ready
	@echo "Installing what tests and linters need"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

$(PLACES): $(wildcard service/siegewatch/detect/lexicon/*) service/siegewatch/detect/compile_places.py $(VENV)/.run-ready
	@echo "Compiling the place index, about 20 s"
	@$(BIN)/python -m siegewatch.detect.compile_places
	@touch $@
