# One verb each; CI runs the same ones. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SOURCES := tornado_ws codegen generated examples
# Tests start many processes; none of them must compile again what another has compiled.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help setup browser demo generate test quick compiled slow lint types browser bench clean

help:  ## List the verbs.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.installed node_modules/.installed  ## Install everything that the other verbs need.

$(VENV)/.installed: pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, $$($(PYTHON) --version) was found; set PYTHON=" >&2; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --upgrade pip 'setuptools<81' wheel
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed" >&2; exit 1; }
	npm ci --no-fund --no-audit --loglevel=error
	touch $@

generate: setup  ## Write generated/ from schemas/.
	$(PY) -m codegen

demo: setup generate  ## Build the page and serve the demo; PORT says where (8888), TRANSCRIPTS which folder keeps what is said.
	npx vite build --logLevel warn examples/chat/web
	$(PY) -m examples.chat

test: setup lint types quick compiled slow  ## Everything: lint, types, Python, Node and browser tests.

lint: setup  ## Formatting, lint, and whether generated/ is what schemas/ says.
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(PY) -m codegen --check

types: setup  ## mypy, pyright, tsc 6 and 7, svelte-check.
	$(VENV)/bin/mypy $(SOURCES) docs/scripts
	$(VENV)/bin/pyright --pythonpath $(PY) generated examples
	npm run --silent types

quick: setup  ## The tests that need no browser; under a minute.
	$(PY) -m pytest -q -n 2 --dist worksteal -m 'not slow and not browser'

compiled: setup  ## The quick tests of the runtime, with its modules compiled as users get them; needs a C compiler.
	@tests/install_programs.sh compiler $(PY)
	@rm -rf build
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target build/compiled .
	PYTHONPATH=build/compiled EXPECT_COMPILED=1 $(VENV)/bin/pytest -q -n 2 --dist worksteal \
	    -m 'not slow and not browser' tests/tornado_ws tests/client tests/parity

slow: setup browser  ## The tests that quick leaves out.
	$(PY) -m pytest -q -m 'slow or browser'

browser:
	@tests/install_programs.sh services

bench: setup  ## Measure; see bench/README.md.
	$(PY) -m bench

clean:  ## Remove what the verbs have made.
	rm -rf $(VENV) node_modules build dist examples/chat/web/dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
