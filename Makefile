# `make demo` and `make test` need Python 3.11 or newer and nothing else: uv and the
# virtual environment are brought into the checkout, from the hashed lock files.
PYTHON ?= python3
BIN := .venv/bin
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
# As pip does: an authority of one's own company is trusted where the system trusts it.
export UV_SYSTEM_CERTS ?= true
SOURCES := chatops connectors tests
# Compiled once at installation: start-up is half as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint types contracts fmt bench e2e chaos fuzz mutants lock check clean

demo: .venv/runtime.stamp
	@exec $(BIN)/chatops demo $(ARGS)

# A process for each core; each has its own Valkey and its own servers.
test: .venv/dev.stamp
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: .venv/dev.stamp
	$(BIN)/mypy

contracts: .venv/dev.stamp
	$(BIN)/lint-imports

fmt: .venv/dev.stamp
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

check: lint types contracts test

bench: .venv/dev.stamp
	$(BIN)/python -m tests.bench $(ARGS)

e2e: .venv/dev.stamp
	$(BIN)/python -m pytest -m "real or emulator or browser" $(ARGS)

# Two minutes; `make chaos SECONDS=1800` is the nightly form.
SECONDS ?= 120
chaos: .venv/dev.stamp
	CHATOPS_CHAOS_SECONDS=$(SECONDS) $(BIN)/python -m pytest -m chaos -s tests/app/test_chaos.py $(ARGS)

# A minute of mutated deliveries; Linux only. `make fuzz ARGS=-max_total_time=3600` for longer.
fuzz: .venv/fuzz.stamp
	$(BIN)/python -m tests.fuzz $(ARGS)

# Ten minutes: a sample of 200 mutants of the command gate; `make mutants ARGS="300 7"` draws 300 by another seed,
# `ARGS="200 1 redaction"` of redaction.
mutants: .venv/dev.stamp
	$(BIN)/python -m tests.policy.mutants $(ARGS)

# No index host is written into the lock files: an installation uses whatever index it is configured for.
lock: .tools/bin/uv
	$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements.lock
	$(UV) pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements-dev.lock
	$(UV) pip compile --group pyproject.toml:fuzz --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements-fuzz.lock
	printf 'hatchling>=1.27\n' | $(UV) pip compile - --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet --output-file requirements-build.lock

.venv/runtime.stamp: requirements.lock pyproject.toml | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "chatops needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 ...")'
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps -e .
	@touch $@

.venv/dev.stamp: requirements-dev.lock .venv/runtime.stamp
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@

.venv/fuzz.stamp: requirements-fuzz.lock .venv/dev.stamp
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements-fuzz.lock
	@touch $@

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.9"

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache dist
