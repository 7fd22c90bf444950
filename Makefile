# Everystone: one command each. Everything is set up on first use; only Python 3.11+, git and make are assumed.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test proof lint bench lock clean

demo: $(READY)          ## make the invented force, review it, say what needs attention first, start the site
	@$(RUN)/everystone demo

test: $(READY) browser postgresql spark  ## everything a change must pass (lint, stories, properties, browser)
	@$(RUN)/python tests/run.py

proof: $(READY) browser postgresql spark ## the same checks at full size; figures go to proof/figures.json
	@$(RUN)/python tests/run.py --proof

lint: $(READY)          ## format, types, stairs
	@$(RUN)/ruff format --check . && $(RUN)/ruff check . && $(RUN)/mypy && $(RUN)/lint-imports --no-cache

bench: $(READY)         ## figures as ratios, in one run
	@$(RUN)/python bench/run.py && $(RUN)/python bench/bulk.py && $(RUN)/python bench/store.py
	@if [ -n "$(FULL)" ]; then $(RUN)/python bench/peers.py 50000; fi

.PHONY: peers
peers: $(READY) spark   ## beside SQL, pandas and Spark on one log; PEERS=a Python that has pm4py and Declare4Py, for those as well
	@$(RUN)/python bench/peers.py

COMPILE := --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header
lock:                   ## renew the lock files from pyproject.toml
	@test -x $(RUN)/uv || ($(PYTHON) -m venv $(VENV) && $(RUN)/python -m pip install -q uv)
	@$(RUN)/uv pip compile -q pyproject.toml --extra notebook --extra sql --extra site --extra store --group dev \
	  $(COMPILE) -o requirements.lock
	@$(RUN)/uv pip compile -q pyproject.toml --extra spark -c requirements.lock $(COMPILE) -o requirements-spark.lock

.PHONY: bundle
bundle: $(READY)        ## everything that a machine without a network needs: wheels with their hashes, in bundle/
	@rm -rf bundle && mkdir bundle && cp requirements.lock bundle/
	@$(RUN)/python -m pip download -q --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock -d bundle
	@$(RUN)/python -m pip wheel -q --disable-pip-version-check --no-deps -w bundle .
	@cd bundle && sha256sum * > SHA256SUMS && echo "bundle/ holds $$(ls *.whl | wc -l) wheels, $$(du -sh . | cut -f1). docs/site.md says how it is installed."

.PHONY: assets
assets:                 ## for maintainers: make the style sheet of the site anew (needs Node; nobody else does)
	@cd assets && npm install --no-audit --no-fund && npm run -s build

clean:
	rm -rf $(VENV) demo proof

$(READY): pyproject.toml requirements.lock
	@echo "Setting up (first use only) ..."
	@$(PYTHON) -c 'import sys; sys.exit("Everystone needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	@$(RUN)/python -m pip install -q --disable-pip-version-check uv
	@$(RUN)/uv pip sync -q --python $(RUN)/python --require-hashes requirements.lock
	@$(RUN)/uv pip install -q --python $(RUN)/python --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: browser
browser:                # Chromium for the page tests: from the system, or from Debian where root and apt are there
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the page tests ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "Chromium is missing and cannot be installed without root: the page tests will not be run."; fi

.PHONY: postgresql
postgresql:             # the PostgreSQL server for the ledger's tests, and strace for power cuts, from Debian in the same way
	@{ ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v strace >/dev/null; } || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing PostgreSQL and strace for the tests of the ledger ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql strace >/dev/null; \
	  else echo "PostgreSQL or strace is missing and cannot be installed without root: tests that need it will not be run."; fi

.PHONY: spark
spark: $(READY)         # PySpark for the tests of a review on Spark (half a gigabyte: nobody else needs it), and Java 17
	@$(RUN)/python -c 'import pyspark' 2>/dev/null || \
	  { echo "Installing PySpark for the tests of a review on Spark ..."; \
	    $(RUN)/uv pip install -q --python $(RUN)/python --require-hashes -r requirements-spark.lock; }
	@command -v java >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Java 17 for Spark ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq openjdk-17-jre-headless >/dev/null; \
	  else echo "Java 17 is missing and cannot be installed without root: the tests on Spark will not be run."; fi
