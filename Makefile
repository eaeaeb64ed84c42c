# The one list of commands; `make` prints it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
# Shows what long commands are doing: a line that moves on a terminal, nothing elsewhere.
WATCH := $(PYTHON) .ci/watch.py
CORE := $(wildcard Cargo.toml Cargo.lock rust-toolchain.toml) $(shell find rust -name '*.rs' -o -name '*.toml')
SOURCES := pyproject.toml $(CORE) $(shell find python -name '*.py' -o -name '*.pyi')
# Lint takes the package that is installed: the editable one after `make dev`, else the wheel.
PRESENT := $(or $(wildcard $(VENV)/editable),$(VENV)/installed)

.DEFAULT_GOAL := help
.PHONY: help tools install dev demo test rust-test lint lowest deny docs bench clean

help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

tools: ## Check that Python and a Rust toolchain are there
	@command -v $(PYTHON) >/dev/null || { echo "audioclust needs CPython 3.11 or newer as '$(PYTHON)'; PYTHON=... names another"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "audioclust needs CPython 3.11 or newer; $$($(PYTHON) --version) is '$(PYTHON)', PYTHON=... names another"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "audioclust needs Python's venv module (Debian: apt install python3-venv)"; exit 1; }
	@command -v cc >/dev/null || { echo "audioclust needs a linker, 'cc' (Debian: apt install gcc)"; exit 1; }
	@command -v cargo >/dev/null || { echo "audioclust needs a Rust toolchain, 1.89 or newer, with cargo on the PATH: see https://rustup.rs"; exit 1; }
	@cargo --version | awk '{ split($$2, v, "."); exit !(v[1] > 1 || v[2] >= 89) }' || { echo "audioclust needs Rust 1.89 or newer; $$(cargo --version) is on the PATH: 'rustup update' may help"; exit 1; }

# pip installs dependency groups since 25.1.
$(VENV)/made:
	@$(MAKE) --no-print-directory tools
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(WATCH) $(BIN)/python -m pip install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/group-%: $(VENV)/made pyproject.toml
	@echo "Installing the packages of the group '$*'"
	@$(WATCH) $(BIN)/pip install --group $*
	@touch $@

$(VENV)/installed: $(VENV)/made $(SOURCES)
	@rm -rf dist $(VENV)/editable
	@echo "Building the wheel: a few minutes the first time, for the Rust core"
	@$(WATCH) $(BIN)/pip wheel --verbose --no-deps --wheel-dir dist .
	@echo "Installing the wheel and what it depends on"
	@$(WATCH) $(BIN)/pip install dist/*.whl
	@$(WATCH) $(BIN)/pip install --force-reinstall --no-deps dist/*.whl
	@touch $@

# Python files are used where they are, so this does not depend on them.
$(VENV)/editable: $(VENV)/group-dev $(CORE)
	@rm -f $(VENV)/installed
	@echo "Building the Rust core for the edit loop"
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(WATCH) $(BIN)/maturin develop --profile quick
	@touch $@

install: $(VENV)/installed ## Build audioclust and install it into .venv

dev: $(VENV)/editable ## Set up the edit loop: Python edits count at once, Rust edits after `make dev`

demo: install ## Set up, and cluster a small synthetic library
	@echo "Making 60 sounds and clustering them"
	$(BIN)/audioclust demo

test: $(VENV)/installed $(VENV)/group-test rust-test ## Set up, and run all tests on the installed wheel
	$(BIN)/python -m pytest

rust-test: tools
	cargo test --quiet --package audioclust-core --package audioclust-decode

lint: $(VENV)/group-lint $(PRESENT) ## Check formatting, lints, spelling and types
	cargo fmt --all --check
	cargo clippy --quiet --workspace --all-targets -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --no-deps --package audioclust-core --package audioclust-decode
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/codespell
	$(BIN)/typos
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest audioclust._core
	PATH="$(CURDIR)/$(BIN):$$PATH" pyright --verifytypes audioclust --ignoreexternal

# Old versions of other packages warn of each other, so warnings are no errors here.
lowest: $(VENV)/installed $(VENV)/group-lowest ## Run the Python tests with the lowest versions that pyproject.toml allows
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(LOWEST)
	$(BIN)/uv pip compile --quiet --resolution lowest-direct --python $(LOWEST)/bin/python --group test --extra plot --output-file $(LOWEST)/requirements.txt pyproject.toml
	$(BIN)/uv pip sync --quiet --python $(LOWEST)/bin/python $(LOWEST)/requirements.txt
	$(BIN)/uv pip install --quiet --python $(LOWEST)/bin/python --no-deps dist/*.whl
	$(LOWEST)/bin/python -m pytest -W default

deny: tools ## Check licences and sources of the Rust crates; builds cargo-deny if it is missing
	@command -v cargo-deny >/dev/null || { echo "Building cargo-deny: many minutes"; cargo install cargo-deny --locked; }
	cargo deny check licenses bans sources

docs: install ## Write docs/features.md and the README's list of formats from their tables
	$(BIN)/python -c "from audioclust.extraction.registry import as_markdown; print(as_markdown(), end='')" > docs/features.md
	$(BIN)/python tests/support/generated.py

bench: $(VENV)/installed $(VENV)/group-bench ## Measure speed beside peers, and write docs/benchmarks.md
	cd benches && BENCH_DOCUMENT=1 ../$(BIN)/python -m pytest --quiet

clean: ## Remove all that was built
	rm -rf $(VENV) $(LOWEST) target demo dist
	rm -f python/audioclust/*.so
