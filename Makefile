# mlconsole: `make up` starts the console, `make test` proves it; both set up what they need first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
TESTING := $(VENV)/.installed-testing
# What the second run of `make test`, on PostgreSQL, repeats: whatever speaks to the database.
ON_POSTGRES := tests/unit tests/contract tests/test_flow.py

.PHONY: help up check test bench soak screenshots clean

help:
	@echo "make up [BARE=1]        start the console (BARE=1: without sample data and the first job)"
	@echo "make check              ruff, mypy, import rules, templates, migrations"
	@echo "make test [ARGS=...]    every test, on SQLite and then on PostgreSQL (ARGS: pytest's own, SQLite only)"
	@echo "make bench [ONLY=name]  a line a figure: ours, bound, ok or MISS"
	@echo "make screenshots        take the pictures of docs/ anew"
	@echo "make soak [SEED=1] [COUNT=200] [ONLY=drill]  kills at random and requests of no sense; nothing may be lost"

up: $(RUNTIME)
	@exec $(BIN)/python manage.py up $(if $(BARE),--bare)

check: $(TESTING)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy manage.py mlconsole apps tests
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py validate_templates
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py check --fail-level WARNING

test: $(TESTING)
	$(BIN)/pytest $(ARGS)
	$(if $(ARGS),,$(BIN)/python -m tests.postgres $(BIN)/pytest $(ON_POSTGRES))

bench: $(TESTING)
	$(BIN)/python -m tests.bench $(ONLY)

soak: $(TESTING)
	$(BIN)/python -m tests.soak --seed $(or $(SEED),1) --count $(or $(COUNT),200) $(ONLY)

screenshots: $(TESTING)
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache

$(RUNTIME): requirements.lock | $(BIN)/uv
	@echo "Installing what requirements.lock pins"
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r requirements.lock
	@touch $@

$(TESTING): .ci/requirements-test.lock | $(BIN)/uv
	@echo "Installing what .ci/requirements-test.lock pins"
	@$(BIN)/uv pip install --python $(BIN)/python --require-hashes -r .ci/requirements-test.lock
	@touch $@

# uv itself comes by pip, from its own block of hashes in the lock.
$(BIN)/uv:
	@command -v $(PYTHON) >/dev/null || { echo "mlconsole needs Python 3.11 or later; name it as in: PYTHON=python3.12 make up" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mlconsole needs Python 3.11 or later, and $(PYTHON) is $$($(PYTHON) -V 2>&1); name another as in: PYTHON=python3.12 make up" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "$(PYTHON) has no venv module; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@awk '/^uv==/ { on = 1; print; next } /^[^ ]/ { on = 0 } on' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
