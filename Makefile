# Set-up, preview, tests and the build. Needs Python 3.11.5+ and make; the rest is installed here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ADDRESS ?= 127.0.0.1:8000

.DEFAULT_GOAL := help
.PHONY: help setup serve test lint check build lock clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1 	\2/'

setup: $(STAMP) ## Install everything into .venv, exactly as locked

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || \
	  { echo "Python 3.11.5 or newer is needed; choose one with: make PYTHON=python3.13 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "The venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

serve: setup ## Preview at http://127.0.0.1:8000/, rebuilt on every save
	-@$(BIN)/guide check
	$(BIN)/mkdocs serve --dev-addr $(ADDRESS)

test: setup ## Run the test suite
	$(BIN)/guide check >/dev/null || true
	$(BIN)/pytest --numprocesses 2 --dist loadgroup

lint: setup ## Check the style of code, pages and workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check scripts tests
	$(BIN)/mypy
	$(BIN)/rumdl check docs README.md
	$(BIN)/typos
	$(BIN)/zizmor --offline --quiet .github

check: setup ## Check the sources only
	$(BIN)/guide check

build: setup ## Check, render and verify; publish into site/ only what is whole
	$(BIN)/guide build

lock: setup ## Resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11.5 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml \
	  --output-file requirements.lock

clean: ## Remove what set-up and builds made
	rm -rf $(VENV) .cache site docs/assets/preview
