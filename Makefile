# Type `make setup` once, then `make demo` or `make test`. CONTRIBUTING.md tells more.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SQLALCHEMY21 := SQLAlchemy==2.1.9
BENCHES := detection overhead analysis real-apps auto_batch fixes real-fixes pytest-plugin early-warning ml ml-cost adaptive

# An environment is ready when it carries the stamp of the present requirements, so the second `make setup` is instant.
REQUIREMENTS := $(shell cat pyproject.toml constraints.txt scripts/make-venv | cksum | tr ' ' '-')
READY := .venv/.ready-$(REQUIREMENTS)
READY21 := .venv-sqlalchemy21/.ready-$(SQLALCHEMY21)-$(REQUIREMENTS)

# Narrow a run: make test PYTEST="tests/kernel -x", make check PATHS="src/ennead/kernel tests/kernel".
PYTEST ?=
NOX ?=
# Tests run in a new order each time, and in CI in one that is always the same, as its examples are (tests/conftest.py).
ORDER := $(if $(CI),--randomly-seed=1 --durations=40)
PATHS ?= src tests bench scripts

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 24

.PHONY: setup
setup: $(READY) ## make .venv with everything that the other targets need

$(READY): export PYTHON := $(PYTHON)
$(READY):
	@scripts/make-venv .venv test
	@rm -f .venv/.ready-*
	@touch $@
	@echo "ready: .venv ($$(.venv/bin/python --version))"

# On the interpreter of .venv, unless another one is named.
$(READY21): export PYTHON := $(or $(PYTHON),.venv/bin/python)
$(READY21): | $(READY)
	@scripts/make-venv .venv-sqlalchemy21 test-sqlalchemy21 $(SQLALCHEMY21)
	@rm -f .venv-sqlalchemy21/.ready-*
	@touch $@

.PHONY: demo
demo: setup ## run the demo application and explain its N+1 queries
	.venv/bin/ennead demo

.PHONY: test
test: lint test-main test-sqlalchemy21 ## everything CI runs

.PHONY: test-main
test-main: setup
	.venv/bin/python -m pytest $(ORDER) $(PYTEST)

.PHONY: test-sqlalchemy21
test-sqlalchemy21: $(READY21) ## the tests of the SQLAlchemy source, against SQLAlchemy 2.1
	@if [ -d tests/sources/sqlalchemy ]; then \
		.venv-sqlalchemy21/bin/python -m pytest $(ORDER) tests/sources/sqlalchemy; \
	else echo "no tests/sources/sqlalchemy yet"; fi

.PHONY: matrix
matrix: setup ## the tests of each library in environments of other versions; writes docs/reference/tested-versions.md
	.venv/bin/python -m nox $(NOX); status=$$?; .venv/bin/python -m scripts.write_tested_versions; exit $$status

.PHONY: lint
lint: setup ## style, types and import contracts
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

.PHONY: check
check: setup ## lint and test the PATHS only
	.venv/bin/ruff check $(PATHS)
	.venv/bin/ruff format --check $(PATHS)
	.venv/bin/mypy $(PATHS)
	@# pytest answers 5 where the paths hold no test.
	.venv/bin/python -m pytest $(filter-out bench% scripts%,$(PATHS)) || [ $$? = 5 ]

.PHONY: format
format: setup ## format and repair what ruff can repair, in the PATHS
	.venv/bin/ruff format $(PATHS)
	.venv/bin/ruff check --fix $(PATHS)

.PHONY: bench $(BENCHES:%=bench-%)
bench: $(BENCHES:%=bench-%) ## measure: bench-detection, bench-overhead, bench-analysis, bench-real-apps, bench-auto_batch, bench-fixes ...
$(BENCHES:%=bench-%): bench-%: setup
	.venv/bin/python -m bench.$(subst -,_,$*)

.PHONY: build
build: setup ## the wheel and the source distribution, into dist/
	.venv/bin/python -m build --no-isolation

.PHONY: constraints
constraints: setup ## write constraints.txt anew from the newest versions that pyproject.toml admits
	scripts/update-constraints

.PHONY: clean
clean: ## remove everything that can be made again
	rm -rf .venv .venv-sqlalchemy21 .nox .bench .ennead build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
