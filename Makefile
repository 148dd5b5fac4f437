# The verbs of the project. CI runs the same ones. `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
PLUGINS := $(sort $(dir $(wildcard plugins/*/pyproject.toml)))
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types contracts generate migrations constraints bench clean

help: ## list the verbs
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## make the virtual environment, pinned by constraints.txt

$(STAMP): constraints.txt core/pyproject.toml $(addsuffix pyproject.toml,$(PLUGINS))
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
		-e 'core[dev]' $(foreach plugin,$(PLUGINS),-e $(plugin))
	@touch $@

demo: install ## start the demo on http://127.0.0.1:8000 (PORT=9000 make demo for another port)
	$(BIN)/bawaba serve --demo --data .demo --port $(PORT)

test: install ## run every test; suites on PostgreSQL, Redis and Node run where these are found
	$(BIN)/python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder

check: install lint types contracts ## all that CI checks, tests included
	$(BIN)/bawaba schema check
	$(MAKE) test

lint: install ## style: ruff, every rule on
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install ## types: mypy, strict, one distribution at a time
	$(BIN)/mypy core/bawaba
	@for plugin in $(PLUGINS); do (cd $$plugin && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache bawaba_*) || exit 1; done

contracts: install ## the laws that are about imports
	$(BIN)/lint-imports

generate: install ## write schema/ and the generated docs; the tree must be clean afterwards
	$(BIN)/bawaba schema export

migrations: install ## fail where a model and its migrations differ
	$(BIN)/python -m pytest -q tests/house/test_migrations.py

constraints: install ## pin the newest allowed versions into constraints.txt
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --no-header --no-annotate --no-emit-index-url --universal \
		--no-emit-package bawaba --all-extras core/pyproject.toml \
		$(addsuffix pyproject.toml,$(PLUGINS)) -o constraints.txt

bench: install ## timings, as ratios against a peer of the same run
	$(BIN)/python bench/revoke.py
	$(BIN)/python bench/attacks.py
	$(BIN)/python bench/live.py
	$(BIN)/python bench/emeeting.py
	$(BIN)/python bench/tawasul.py
	$(BIN)/python bench/tawasul_deadlines.py
	$(BIN)/python bench/transparency.py
	$(BIN)/python bench/accounting.py

clean: ## remove the environment and the demo's data
	rm -rf .venv .demo
