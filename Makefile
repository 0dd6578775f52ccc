# `make` alone lists what can be done. Everything runs from .venv, which `make install` fills from requirements.lock.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
LOCK_OPTIONS := --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11
unexport PYTHONDONTWRITEBYTECODE # pytest keeps the tests' rewritten asserts beside their bytecode: half of a start
NOT_INSTALLED = echo "The packages were not installed: see above. This needs PyPI, or the index that PIP_INDEX_URL and UV_DEFAULT_INDEX name."; \
	  echo "Behind a proxy that inspects TLS, try: UV_SYSTEM_CERTS=1 make $(strip $(MAKEOVERRIDES) $(MAKECMDGOALS))"; exit 1
UV_VERSION = $(shell sed -n 's/^uv==\([^ ]*\).*/\1/p' requirements.lock)

.PHONY: help
help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: install
install: .venv/installed ## Make .venv with exactly the versions of requirements.lock.

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || { echo "Python 3.11, 3.12 or 3.13 is needed; $$($(PYTHON) --version 2>/dev/null || echo 'no $(PYTHON)') was found. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "[1/3] making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear .venv
	@echo "[2/3] installing $$(grep -c '^[a-z].*==' requirements.lock) packages (some 30 s, once)"
	@$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) 2> >(grep -v '^WARNING: Location' >&2) \
	  || { $(NOT_INSTALLED); }
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock & pid=$$!; \
	  while kill -0 $$pid 2>/dev/null; do printf .; sleep 1; done; echo; wait $$pid \
	  || { $(NOT_INSTALLED); }
	@echo "[3/3] installing lac_pipeline itself"
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

.PHONY: demo
demo: install ## See it work: PostgreSQL, a simulated LinkedIn, three accounts, the Dagster UI.
	@exec $(BIN)/lac demo

.PHONY: up
up: install ## The same against real LinkedIn, with the settings of .env.
	@exec $(BIN)/lac up

.PHONY: migrate
migrate: install ## Bring the database's schema to this version.
	@$(BIN)/lac migrate

.PHONY: test-unit
test-unit: install ## Run the tests that need neither PostgreSQL nor a server nor a process (half a minute).
	@$(BIN)/pytest -n 2 --dist loadfile -m unit -q

.PHONY: test
test: install ## Run what a change needs, against a PostgreSQL and a simulated LinkedIn that the tests start (5 minutes).
	@$(BIN)/pytest -n 2 --dist loadfile -m "not whole and not slow and not browser"

.PHONY: test-whole
test-whole: install ## Run the tests that drive the whole pipeline, which `make test` leaves out (fifteen minutes).
	@$(BIN)/pytest -n 2 --dist loadfile -m "whole and not slow and not browser"

.PHONY: test-slow
test-slow: install ## Run everything that `make test` leaves out, browser and histories of failures too (many minutes).
	@$(BIN)/pytest -m "whole or browser or slow"

.PHONY: coverage
coverage: install ## Run `make test`, and show which lines and branches it leaves out; fails below the floor of pyproject.toml.
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n 2 --dist loadfile -m "not whole and not slow and not browser"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage html --quiet --skip-covered --directory build/coverage --fail-under 0
	@$(BIN)/coverage report

.PHONY: lint
lint: install ## Check style, types and the direction of imports.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: bench
bench: install ## Measure API calls and load speed, as ratios within one run.
	@$(BIN)/python -m benchmarks.api_calls
	@$(BIN)/python -m benchmarks.load

.PHONY: docs
docs: install ## Write the reference pages of docs/, and dbt's sources, from the code.
	@$(BIN)/python -m lac_pipeline.reference.pages docs
	@$(BIN)/python -m lac_pipeline.reference.command_pages docs
	@$(BIN)/python -m lac_pipeline.reference.dbt_sources integrations/dbt/models/sources.yml

.PHONY: site
site: install ## Build the documents as a site with search, in build/site; a link that leads nowhere fails.
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --config-file deploy/site/mkdocs.yml
	@echo "build/site/index.html"

.PHONY: site-serve
site-serve: install ## Show that site on http://127.0.0.1:8000, built again whenever a page changes.
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --config-file deploy/site/mkdocs.yml

.PHONY: views
views: install ## Freeze the views that changed for a migration: make views REVISION=0020.
	@$(BIN)/python -m lac_pipeline.warehouse.frozen_views $(REVISION)

.PHONY: wheel
wheel: install ## Build the wheel in dist/: the package with its migrations, dagster.yaml and workspace.yaml.
	@$(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist .
	@ls dist/*.whl

.PHONY: sdist
sdist: install ## Build the source distribution in dist/.
	@$(BIN)/uv build --quiet --sdist --no-build-isolation --python $(BIN)/python --out-dir dist .
	@ls dist/*.tar.gz

.PHONY: sbom
sbom: install ## List what a running pipeline is made of, in CycloneDX, in build/sbom (needs the network, as the audit does).
	@mkdir -p build/sbom
	@deploy/audit.sh --format cyclonedx-json --output build/sbom/lac-pipeline.cdx.json
	@ls build/sbom/*.json

.PHONY: audit
audit: install ## Compare the locked versions with the published advisories (needs the network).
	@deploy/audit.sh

# The second file is what the container image installs: no development tools, and the same versions.
.PHONY: lock
lock: install ## Choose the newest versions that pyproject.toml allows, and write them to requirements*.lock.
	@$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) --extra dev --extra s3 pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --upgrade $(LOCK_OPTIONS) --extra s3 --extra gcs --extra agents --extra export --extra kubernetes --extra build \
	  --constraint requirements.lock pyproject.toml --output-file requirements-run.lock
