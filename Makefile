# Two commands do everything: `make run` and `make test`.  They need Python 3.11 (with venv) and make.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# pip's own chatter says nothing to a person; errors still show.
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

# Tests start hundreds of processes: a shell that forbids bytecode has each of them compile every module again.
export PYTHONDONTWRITEBYTECODE :=

CSS := $(BIN)/css-beautify --indent-size=2 --end-with-newline --space-around-combinator --disable-newline-between-rules
STYLE := static/look.css

.PHONY: run install test lint format types tests prove clean

run: install
	$(BIN)/tracker migrate
	$(BIN)/tracker seed --demo
	exec $(BIN)/tracker serve

install: $(VENV)/.installed

test: $(VENV)/.installed-dev lint types tests

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --check --quiet templates
	$(CSS) $(STYLE) | diff $(STYLE) -

# What lint asks of the layout of sources, done.
format: $(VENV)/.installed-dev
	$(BIN)/ruff format .
	$(BIN)/djlint --reformat --quiet templates
	$(CSS) --replace $(STYLE)

types: $(VENV)/.installed-dev
	$(BIN)/mypy

tests: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n auto --dist worksteal

# What is long by nature; each part prints its time.
prove: $(VENV)/.installed-dev
	$(BIN)/python -m tests.proofs

# constraints.txt pins what was tried together; pyproject.toml says the least that will do.
$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt -e '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .coverage .coverage.json .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
