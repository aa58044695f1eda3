# What is done again and again. `make` alone lists it.
PYTHON ?= python3
BIN = .venv/bin
LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -q

AUDIT = pip-audit --disable-pip --no-deps

.PHONY: help setup test check fix lock audit demo docs picture dist clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 12

setup:  ## an environment to work in
	$(PYTHON) -m venv .venv
	$(BIN)/pip install -q -r requirements-dev.lock
	$(BIN)/pip install -q --no-deps -e .

test:  ## everything that needs only packages
	$(BIN)/python -m pytest

check:  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fix:  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:  ## both locks anew from pyproject.toml; needs uv
	$(LOCK) -o requirements.lock
	$(LOCK) --extra dev -c requirements.lock -o requirements-dev.lock
	$(LOCK) --extra docs -c requirements.lock -o requirements-docs.lock
	sed -i '1i # What feedhub needs to run, for Python 3.11 to 3.14; made from pyproject.toml by `make lock`' requirements.lock
	sed -i '1i # The same and what the tests need; made from pyproject.toml by `make lock`' requirements-dev.lock
	sed -i '1i # The same and what the documentation site needs; made from pyproject.toml by `make lock`' requirements-docs.lock

audit:  ## the locks against known vulnerabilities; needs pip-audit and the network
	$(AUDIT) -r requirements.lock
	$(AUDIT) -r requirements-dev.lock
	$(AUDIT) -r requirements-docs.lock

demo:  ## the whole thing with no network
	$(BIN)/feedhub demo

docs:  ## the documentation site into docs/_build/; needs `pip install -e .[docs]`
	$(BIN)/python -m sphinx -W --keep-going -b html docs docs/_build

picture:  ## the pictures of README and docs anew; the pages need chromium and `.[browser]`
	$(BIN)/python docs/picture.py
	$(BIN)/python docs/page_pictures.py

dist:  ## sdist and wheel into dist/; needs `pip install build`
	$(BIN)/python -m build

clean:  ## what building and testing leave
	rm -rf build dist docs/_build docs/reference .mypy_cache .pytest_cache .ruff_cache .hypothesis
