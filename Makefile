# One way in for everything a person does. `make help` lists it; CI runs `make test`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.PHONY: help run test tests pure-tests fault-tests broker-tests lint types arrows deploy-files kcat format clean-data \
        chaos chaos-brokers bench test-pythons venv constraints

RUNNABLE = import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
    "$$python" -c '$(RUNNABLE)' 2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
KILLS ?= 200
PURE := tests/domain tests/views tests/intake
FAULTS := tests/faults
COMPOSE_GO := github.com/compose-spec/compose-go/v2/cmd@v2.16.2

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: venv ## start Kafka and two workers, replay real orders, stay until Ctrl-C (KAFKA_URL=host:port: your Kafka)
	@exec $(BIN)/python -m dev.run

test: venv kcat lint arrows ## everything that CI runs; needs Java 17 and Maven
	@$(BIN)/python -m dev.side_by_side "types deploy-files pure-tests fault-tests" broker-tests

tests: venv kcat ## the tests alone (BIN=.venv-3.13/bin: those of that environment)
	@$(BIN)/python -m dev.side_by_side "pure-tests fault-tests" broker-tests

pure-tests: venv ## the tests of the pure layers, with their coverage
	@$(BIN)/python -m pytest -q --cov --cov-report=term $(PURE)

fault-tests: venv ## workers and brokers die, under load; each test has its own Kafka
	@$(BIN)/python -m pytest -q $(FAULTS)

broker-tests: venv kcat ## all other tests; to trace these too would double their time
	@$(BIN)/python -m pytest $(patsubst %,--ignore=%,$(PURE) $(FAULTS))

lint: venv ## ruff: all rules, and the format
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: venv ## mypy, strict, tests included
	@$(BIN)/mypy

arrows: venv ## import-linter: who may import whom
	@$(BIN)/lint-imports --no-logo

deploy-files: venv ## check Dockerfile and docker-compose.yml without a container engine
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	@if command -v go >/dev/null; then \
	    [ -x .cache/compose-go/cmd ] || GOBIN="$$PWD/.cache/compose-go" go install $(COMPOSE_GO); \
	    .cache/compose-go/cmd docker-compose.yml >/dev/null && echo "compose-go: docker-compose.yml resolves"; \
	else echo "compose-go: not run, because there is no Go on the path"; fi

kcat: ## the README shows kcat, and its commands are tested
	@command -v kcat >/dev/null || { \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        echo "Installing kcat with apt-get"; \
	        { apt-get install -qq -y kcat || { apt-get update -qq && apt-get install -qq -y kcat; }; } >/dev/null 2>&1; \
	    fi; command -v kcat >/dev/null; \
	} || { echo "The README's kcat commands are tested: install kcat (Debian and Ubuntu: apt install kcat)"; exit 1; }

format: venv ## ruff: mend what it can, and format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

clean-data: venv ## forget what `make run` stored
	@$(BIN)/python -m dev.run_data

chaos: venv ## KILLS=200 kills of workers under load, checked; writes chaos-report.json
	@$(BIN)/python -m tests.faults.chaos --kills $(KILLS)

chaos-brokers: venv ## lose brokers of a cluster of three in every way, checked
	@$(BIN)/python -m tests.faults.brokers

bench: venv ## our speed beside plain Faust and the raw limits, on this machine
	@$(BIN)/python -m bench

test-pythons: venv kcat ## the tests on each of Python 3.11, 3.12 and 3.13 that is installed
	@$(BIN)/python -m dev.pythons

venv: ## .venv with what pyproject.toml names; nothing to do when it is up to date
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11, 3.12 or 3.13 is needed (on Debian with python3-venv), and none is on the path"; exit 1; }
	@"$(PYTHON)" dev/venv.py

constraints: venv ## renew constraints.txt: the exact version of every package that the named ones bring
	@.tools/bin/uv pip compile -q --universal --upgrade --no-annotate --group dev pyproject.toml -o constraints.txt --custom-compile-command "make constraints"
