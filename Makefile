# Two commands do all the set-up: `make demo` and `make test`. Everything lives in .venv and wall/node_modules.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WALL := wall/dist/index.html
DEV_STAMP := $(VENV)/.installed-dev
DEMO_ARGS ?=
BENCH_ARGS ?= all
SYSTEMS := tests/acceptance tests/contracts tests/integration

.PHONY: demo test bench check wheel wall format clean help

help:  ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

demo: $(STAMP) $(WALL)  ## run the whole chain on embedded parts and print the URL (DEMO_ARGS="--scenario NAME --for 120 …")
	$(BIN)/anlan demo $(DEMO_ARGS)

test: $(DEV_STAMP) $(WALL)  ## all tests (TEST_ARGS="tests/unit -k kernel" some); as root the system packages they need are fetched first
	sh tests/fetch-system-packages
ifdef TEST_ARGS
	$(BIN)/python -m pytest $(TEST_ARGS)
else # whole systems mostly wait: two files at a time; then one by one what wants the machine; all, however a part ends
	@$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile tests/unit; unit=$$?; \
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder -m "not alone" $(SYSTEMS); systems=$$?; \
	$(BIN)/python -m pytest -m alone $(SYSTEMS) && exit $$((unit | systems))
endif

bench: $(STAMP)  ## every bench; BENCH_ARGS="backtest --days 30 --json out.json" runs one
	sh tests/fetch-system-packages bench
	$(BIN)/anlan bench $(BENCH_ARGS)

check: $(DEV_STAMP)  ## format, lint, types, import contracts, the wall's own checks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m wall.build --check

format: $(DEV_STAMP)  ## let ruff format and mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(DEV_STAMP)  ## build the wheel into dist/
	rm -rf dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

wall: $(DEV_STAMP)  ## build the front end anew
	$(BIN)/python -m wall.build --force

clean:  ## forget what was built (not what was recorded)
	rm -rf $(VENV) wall/node_modules wall/dist dist build

# pip reads the same registries as the rest of the machine; a second start finds the stamp and needs no network.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || sh tests/fetch-venv $(PYTHON) $(VENV)

$(STAMP): pyproject.toml wall/package.json wall/package-lock.json | $(VENV)/bin/python
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable .
	@touch $@

# Installing has built it; this is for sources that changed since.
$(WALL): $(STAMP) $(shell find wall/src wall/public -type f) wall/index.html wall/vite.config.ts wall/svelte.config.js
	$(BIN)/python -m wall.build
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/pip install --quiet --group dev
	@touch $@
