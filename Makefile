# The one list of commands; `make` prints it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := pyproject.toml Cargo.toml Cargo.lock $(shell find rust python -name '*.rs' -o -name '*.toml' -o -name '*.py' -o -name '*.pyi')

.DEFAULT_GOAL := help
.PHONY: help tools install demo test lint rust-test docs bench clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

tools: ## Check that Python and a Rust toolchain are there
	@command -v $(PYTHON) >/dev/null || { echo "audioclust needs CPython 3.11 or newer as '$(PYTHON)'; PYTHON=... names another"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "audioclust needs CPython 3.11 or newer; $$($(PYTHON) --version) is '$(PYTHON)', PYTHON=... names another"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "audioclust needs Python's venv module (Debian: apt install python3-venv)"; exit 1; }
	@command -v cc >/dev/null || { echo "audioclust needs a linker, 'cc' (Debian: apt install gcc)"; exit 1; }
	@command -v cargo >/dev/null || { echo "audioclust needs a Rust toolchain, 1.89 or newer, with cargo on the PATH: see https://rustup.rs"; exit 1; }
	@cargo --version | awk '{ split($$2, v, "."); exit !(v[1] > 1 || v[2] >= 89) }' || { echo "audioclust needs Rust 1.89 or newer; $$(cargo --version) is on the PATH: 'rustup update' may help"; exit 1; }

$(VENV)/made:
	@$(MAKE) --no-print-directory tools
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/installed: $(VENV)/made $(SOURCES)
	@rm -rf dist
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .
	$(BIN)/pip install --quiet dist/*.whl
	$(BIN)/pip install --quiet --force-reinstall --no-deps dist/*.whl
	@touch $@

$(VENV)/installed-%: $(VENV)/installed
	$(BIN)/pip install --quiet "$$(echo dist/*.whl)[$*]"
	@touch $@

install: $(VENV)/installed ## Build audioclust and install it into .venv

demo: install ## Set up, and cluster a small synthetic library
	$(BIN)/audioclust demo

test: $(VENV)/installed-test rust-test ## Set up, and run all tests
	$(BIN)/python -m pytest

rust-test: tools
	cargo test --quiet --package audioclust-core

lint: $(VENV)/installed-lint $(VENV)/installed-test ## Check formatting, lints and types
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- --deny warnings
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest audioclust._core

bench: $(VENV)/installed-bench ## Measure speed beside peers, and write docs/benchmarks.md
	cd benches && BENCH_DOCUMENT=1 ../$(BIN)/python -m pytest --quiet

docs: install ## Write docs/features.md from the registry
	$(BIN)/python -c "from audioclust.extraction.registry import as_markdown; print(as_markdown(), end='')" > docs/features.md

clean: ## Remove all that was built
	rm -rf $(VENV) target demo dist
