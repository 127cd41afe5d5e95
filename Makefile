# One verb for each task; CI runs the same ones. `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SOURCES := tornado_ws codegen generated examples
# Many tests wait for timers, pages and servers, so a third worker saves time even on two cores.
XDIST := -n 3 --dist worksteal
# Modules stay whole, because they share servers and built pages.
XDIST_SLOW := -n 3 --dist loadfile
QUICK := -m 'not slow and not browser and not faults'
# Empty, or the command that measures coverage; `make test` sets it.
MEASURE :=
# Tests start many processes, which share compiled bytecode.
export PYTHONDONTWRITEBYTECODE =

ONLY ?= all
PART_all := tests
PART_runtime := tests/tornado_ws
PART_codegen := tests/codegen --ignore=tests/codegen/verdicts --ignore=tests/codegen/emit/svelte --ignore=tests/codegen/emit/vite -k "not random"
PART_client := tests/client tests/codegen/emit/svelte tests/codegen/emit/vite
# Tests of behavior that depends on Tornado, msgspec or jsonschema-rs, and on redis-py.
PART_versions := tests/tornado_ws/validation tests/tornado_ws/session tests/tornado_ws/websocket tests/tornado_ws/server tests/parity
# The compiled package, for the tests of it.
COMPILED := build/compiled/.installed
PART_redis := tests/tornado_ws/channels/test_backplane.py tests/tornado_ws/channels/redis/test_redis_client.py tests/tornado_ws/channels/redis/test_redis_failures.py tests/tornado_ws/channels/redis/test_topologies.py

.PHONY: help setup demo generate docs docs-serve test checks lint types types-python types-client quick slow faults soak coverage compiled wheel versions browser clean-coverage screenshots bench clean

help:  ## List the verbs.
	@echo "usage: make VERB [NAME=VALUE]"
	@echo
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12 | sed 's/^/  /'
	@echo
	@echo "  ONLY        part for quick: runtime, codegen or client (default: all)"
	@echo "  PORT        port of the demo (default: 8888)"
	@echo "  TRANSCRIPTS folder for the transcripts of the demo (default: examples/chat/transcripts)"
	@echo "  PYTHON      Python 3.11 or newer for .venv (default: python3)"
	@echo "  CHROMIUM    browser for the tests (default: chromium-headless-shell, or chromium)"

setup: $(VENV)/.installed node_modules/.installed  ## Install the dependencies into .venv and node_modules.

$(VENV)/.installed: pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "expected Python 3.11 or newer, got $$($(PYTHON) --version); set PYTHON=" >&2; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --upgrade pip 'setuptools<81' wheel
	$(PY) -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || { echo "expected Node 20 or newer, got $$(node --version)" >&2; exit 1; }
	npm ci --no-fund --no-audit --loglevel=error
	touch $@

demo: setup generate  ## Build the page of the demo and serve it.
	npx vite build --logLevel warn examples/chat/web
	$(PY) -m examples.chat

generate: setup  ## Write generated/ from schemas/.
	$(PY) -m codegen

docs: $(VENV)/.installed  ## Build the documentation as a site, and print its path.
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --quiet
	@echo build/site/index.html

docs-serve: docs  ## Serve the site on http://127.0.0.1:8000, with its search.
	@$(PY) -m http.server --bind 127.0.0.1 --directory build/site 8000

test: MEASURE = -m coverage run
test: checks clean-coverage quick slow coverage compiled versions  ## Run everything below except bench; CI runs this.

checks:  # The compiler needs one core for longer than all checks together.
	@$(MAKE) --no-print-directory --jobs=2 --output-sync $(COMPILED) lint types

lint: setup  ## Check formatting, lint rules, and that generated/ matches schemas/.
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	npm run --silent lint
	$(PY) -m codegen --check

types: types-python types-client  ## Run mypy, pyright, tsc 6 and 7, and svelte-check.

types-python: setup
	$(VENV)/bin/mypy $(SOURCES) docs/scripts
	$(VENV)/bin/pyright --pythonpath $(PY) generated examples

types-client: setup
	npm run --silent types

quick: setup  ## Run the tests that need no browser, in 5 minutes; ONLY=runtime|codegen|client runs a part.
	$(if $(PART_$(ONLY)),,$(error expected ONLY=runtime, codegen or client, got $(ONLY)))
	$(PY) $(MEASURE) -m pytest -q $(XDIST) $(QUICK) $(PART_$(ONLY))

slow: setup browser  ## Run the tests that quick leaves out: browser, Redis, nginx, type checkers.
	$(PY) $(MEASURE) -m pytest -q $(XDIST_SLOW) -m '(slow or browser) and not faults'

faults: setup browser  ## Run the tests that stop, cut and empty real servers, in 15 minutes.
	$(PY) -m pytest -q -m 'faults or slow' $(wildcard tests/faults) tests/tornado_ws/channels

soak: setup  ## Check 50,000 random histories of the rule of delivery, and 500,000 instances of published schemas.
	DELIVERY_HISTORIES=50000 $(PY) -m pytest -q $(XDIST) tests/tornado_ws/channels/test_delivery_model.py tests/client/test_channels.py
	SOAK=1 $(PY) -m pytest -q $(XDIST_SLOW) tests/codegen/verdicts
	CORPUS=all $(PY) -m pytest -q $(XDIST_SLOW) tests/codegen/corpus
	$(PY) -m tests.codegen.corpus.soak 500000
	$(PY) -m docs.scripts

coverage:  ## Report the coverage of the last `make test`; fail below the floor in pyproject.toml.
	@! ls build/coverage/data.* >/dev/null 2>&1 || $(PY) -m coverage combine --quiet --append
	$(PY) -m coverage report

# Without the command line and the testing kit, since none of their modules is compiled.
compiled: setup $(COMPILED)  ## Run the quick tests of the runtime on the compiled package; needs a C compiler.
	PYTHONPATH=build/compiled EXPECT_COMPILED=1 $(VENV)/bin/pytest -q $(XDIST) $(QUICK) --ignore=tests/tornado_ws/command --ignore=tests/tornado_ws/testing tests/tornado_ws tests/parity tests/packaging/check_wheel.py

$(COMPILED): $(VENV)/.installed setup.py MANIFEST.in $(shell find tornado_ws codegen -type f ! -name '*.pyc')
	@tests/install_programs.sh compiler $(PY)
	@rm -rf build/compiled build/wheel build/lib* build/temp* build/bdist* dist/*.whl
	$(PY) -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir build/wheel .
	$(if $(filter Linux,$(shell uname)),PATH=$(VENV)/bin:$$PATH auditwheel repair --wheel-dir dist build/wheel/*.whl 2>&1 | tail -1,cp build/wheel/*.whl dist/)
	$(VENV)/bin/twine check --strict dist/*.whl
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target build/compiled dist/*.whl
	@touch $@

wheel: setup $(COMPILED)  ## Build the packages of a release into dist/, and test them.
	@rm -rf dist/*.tar.gz build/sdist
	$(PY) -m build --quiet --sdist --outdir dist
	$(VENV)/bin/twine check --strict dist/*
	$(PY) -m pytest -q tests/packaging
	mkdir -p build/sdist && tar --extract --gzip --strip-components=1 --directory build/sdist --file dist/*.tar.gz
	cd build/sdist && PYTHONPATH=$(CURDIR)/build/sdist $(CURDIR)/$(VENV)/bin/pytest -q $(XDIST) $(QUICK) tests/tornado_ws tests/parity
	$(MAKE) --no-print-directory compiled

versions: setup browser  ## Run selected tests on the lowest tornado, msgspec, jsonschema-rs and redis; setup installs the newest.
	@rm -rf build/versions
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --target build/versions $$($(PY) -m tests.support.versions)
	PYTHONPATH=$(CURDIR)/build/versions $(PY) -m tests.support.versions --check $(CURDIR)/build/versions
	PYTHONPATH=$(CURDIR)/build/versions $(VENV)/bin/pytest -q $(XDIST) $(QUICK) $(PART_versions)
	PYTHONPATH=$(CURDIR)/build/versions $(VENV)/bin/pytest -q $(XDIST_SLOW) -m 'not faults' $(PART_redis)

browser:
	@tests/install_programs.sh services

clean-coverage:
	@rm -rf build/coverage
	@mkdir -p build/coverage

screenshots: setup browser  ## Take the screenshots in docs/images.
	$(PY) -m docs.scripts.screenshots

bench: setup  ## Run the benchmarks; see bench/README.md.
	$(PY) -m bench

clean:  ## Remove everything that the verbs created.
	rm -rf $(VENV) node_modules build dist examples/chat/web/dist *.egg-info .mypy_cache .pytest_cache .ruff_cache
