# certbeam: `make demo` issues the examples, `make test` runs every check and test, `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DEMO := demo-out
# How many processes run the tests of "make quick": a number, or one for each logical core.
JOBS := logical
QUICK := not slow and not survival
COVERAGE := --cov --cov-report=term:skip-covered --cov-report=html:build/coverage
# A copy of the source under its import name, for tools that find packages by folder.
SOURCE := build/source/certbeam

.DEFAULT_GOAL := help

.PHONY: help
help:  ## List what can be made.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# With -j, two of them would install packages at once.
.NOTPARALLEL:

.PHONY: python
python:
	@test -x $(BIN)/pip || $(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' \
	  || { echo "Python 3.10 to 3.14 is needed: make PYTHON=/path/to/it …" >&2; exit 1; }

INSTALL := PYTHON="$(PYTHON)" sh deploy/install-system.sh $(if $(wildcard $(BIN)/pip),,venv)

.PHONY: system
system: python  ## Install libcairo2 and the Noto fonts where missing (needs root or sudo).
	@$(INSTALL) drawing

.PHONY: packages
packages: python  ## Install all that "make system" and "make java" install, and what tests check files and pages with.
	@$(INSTALL) drawing servers readers browsers

$(VENV)/runtime: requirements.txt setup.py | python
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/dev: $(VENV)/runtime requirements-dev.txt
	@PYTHON=$(BIN)/python sh deploy/install-system.sh compiler
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.PHONY: env
env: system $(VENV)/runtime  ## Make the environment in .venv.

$(DEMO)/certbeam.db: examples/lms.json
	@mkdir -p $(DEMO)
	@rm -f $@.new*
	@$(BIN)/certbeam lms load examples/lms.json --lms sqlite:$@.new
	@mv $@.new $@

.PHONY: demo
demo: env  ## Issue the certificates of examples/ and show them.
	@$(MAKE) --no-print-directory $(DEMO)/certbeam.db
	@BIN=$(BIN) sh examples/demo.sh $(DEMO)

# What does not run the code; the hooks of .pre-commit-config.yaml make the same targets.
CHECKS := formatting lint spelling prose types

.PHONY: check $(CHECKS)
check: $(CHECKS)  ## Formatting, lint, spelling, prose, types: what does not run the code.

formatting: $(VENV)/dev
	$(BIN)/ruff format --check .

lint: $(VENV)/dev
	$(BIN)/ruff check .

spelling: $(VENV)/dev
	$(BIN)/codespell

prose: $(VENV)/dev
	$(BIN)/python -m certbeam.tools.prose

$(VENV)/docs: $(VENV)/runtime requirements-docs.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-docs.txt
	@touch $@

.PHONY: docs
docs: $(VENV)/docs  ## Build the documentation site: build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

types: $(VENV)/dev $(SOURCE)
	cd $(dir $(SOURCE)) && $(abspath $(BIN))/mypy --config-file ../../pyproject.toml --cache-dir ../mypy -p certbeam

$(SOURCE):
	@mkdir -p $(@D) && ln -sfn ../.. $@

.PHONY: hooks
hooks: $(VENV)/dev  ## Run "make check" before each commit in this clone.
	$(BIN)/pre-commit install

.PHONY: quick
quick: system env check  ## Every check, and the tests without servers that take seconds: under 3 minutes.
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m '$(QUICK)' --ignore tests/integration

.PHONY: test
test: packages env javascript check  ## Every check and every test, with the coverage measured.
	$(BIN)/pytest $(COVERAGE)

BENCH_EVENTS := 1000,10000
BENCH_ROUNDS := 3

.PHONY: bench
bench: env $(VENV)/dev  ## Measure what certbeam costs: build/bench/index.html (BENCH_EVENTS=1000,10000,100000 for more)
	$(BIN)/python -m certbeam.bench build/bench --events $(BENCH_EVENTS) --rounds $(BENCH_ROUNDS)

include deploy/flink.mk deploy/services.mk deploy/image.mk

.PHONY: pins
pins: $(VENV)/dev  ## Pin the newest versions that setup.py and the requirements-*.in files allow.
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate --no-emit-index-url \
	  --upgrade --extra drawing setup.py -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate --no-emit-index-url \
	  --upgrade requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate --no-emit-index-url \
	  --upgrade requirements-docs.in -c requirements.txt -c requirements-dev.txt -o requirements-docs.txt

.PHONY: templates
templates: $(VENV)/runtime  ## Write the flex-template specifications from the pipelines' flags.
	$(BIN)/python -m certbeam.pipelines.cli.flex_templates deploy/templates

.PHONY: reference
reference: $(VENV)/runtime  ## Write the generated pages of docs/: commands, error codes, adapters.
	$(BIN)/python -m certbeam.tools.adapter_reference
	$(BIN)/python -m certbeam.tools.cli_reference
	$(BIN)/python -m certbeam.tools.error_reference

.PHONY: clean
clean:  ## Remove what was made.
	rm -rf $(VENV) $(DEMO) build *.egg-info
