# make help says what there is. Needs Python 3.11 to 3.13, git and make; all else goes to .venv.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 5000
BIN := .venv/bin
STAMP := .venv/.installed
TOX := $(BIN)/tox --current-env -q
KNOWN := 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

.DEFAULT_GOAL := help
.PHONY: help install demo test serve lint docs ci clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Make .venv and install mods with all it needs

$(STAMP): setup.cfg setup.py pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -c $(KNOWN) || { \
	    echo "mods needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is" \
	         "$$($(PYTHON) --version 2>&1). Name one: make install PYTHON=python3.11" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { \
	    echo "no virtual environment: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --progress-bar on -e '.[cpu,dev]'
	@touch $(STAMP)

demo: $(STAMP) ## Synthetic traffic -> datapool -> model -> alarms -> report
	$(BIN)/mods demo

test: $(STAMP) ## Run the default tests
	$(TOX) -e tests

serve: $(STAMP) ## Serve mods on http://127.0.0.1:5000/api
	$(BIN)/mods serve --host $(HOST) --port $(PORT)

lint: $(STAMP) ## Check style and types
	$(TOX) -e lint,types

docs: $(STAMP) ## Write the pages of docs/ that are read from the code
	$(BIN)/python docs/write_tables.py

ci: ## Run everything, as the CI does
	.ci/run

clean: ## Remove what was built, except .venv and data
	rm -rf .tox build dist *.egg-info .coverage coverage.xml flake8.log bandit .pytest_cache .mypy_cache .ruff_cache
