# make demo   examine a photograph of a face and an altered copy of it, from nothing
# make test   run the tests, from nothing
# make check  formatting, types, layers, spelling, fresh docs
# make bench  speed and memory, with the reference in the same run
# make docs   regenerate the generated parts of docs/
# make populations DATA=FOLDER   where the values of pristine pictures lie, into the shipped table
# make validation DATA=FOLDER   what each examination is worth on labelled media, into docs/validation

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: setup demo test check bench docs models validation populations
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

$(BIN)/veridical: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable ".[demo]"
	@touch $@

$(VENV)/.tested: pyproject.toml | $(BIN)/veridical
	$(BIN)/pip install --quiet --editable ".[test]"
	@touch $@

setup: $(BIN)/veridical $(VENV)/.tested

models: $(BIN)/veridical
	$(BIN)/veridical models fetch

demo: models
	$(BIN)/veridical demo --out demo

test: setup models
	$(BIN)/python -m pytest --numprocesses 2 --cov --cov-report=term --cov-fail-under=90

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src tests docs bench README.md CONTRIBUTING.md CHANGELOG.md
	$(BIN)/python docs/generate.py --check

docs: setup
	$(BIN)/python docs/generate.py

bench: setup models
	$(BIN)/python bench/budgets.py --long
	$(BIN)/python bench/damaged_files.py
	$(BIN)/python bench/spatial_profile.py
	@test -z "$(DATA)" || $(BIN)/python bench/prnu.py "$(DATA)/prnu"

DATA ?= $(VERIDICAL_DATA)
KINDS ?= images video audio
WORKERS ?= 2
# tables KIND_people.csv of who is shown in the files of these collections; with media of your own: PEOPLE=
PEOPLE ?= docs/validation

# status 1 of a benchmark says that single files could not be examined; they are counted on the page
validation: setup models
	@test -d "$(DATA)" || { echo "name the folder of labelled media: make validation DATA=FOLDER"; exit 2; }
	@for kind in $(KINDS); do \
	  people="$(PEOPLE)/$${kind}_people.csv"; test -f "$$people" || people=; \
	  $(BIN)/veridical benchmark "$(DATA)/$$kind" --chain native --chain common --workers $(WORKERS) \
	    $${people:+--groups "$$people"} --out out/validation/$$kind || test $$? -eq 1 || exit 1; \
	done
	$(BIN)/python docs/validate.py $(addprefix out/validation/,$(KINDS))

# the examinations that need a user's cameras, or that were fitted on these pictures, have no population
populations: setup models
	@test -d "$(DATA)" || { echo "name the folder of labelled media: make populations DATA=FOLDER"; exit 2; }
	$(BIN)/veridical benchmark "$(DATA)/images" --chain native --only spatial --skip spatial.prnu \
	  --skip spatial.context_identity --skip spatial.generator_attribution --workers $(WORKERS) \
	  --out out/populations || test $$? -eq 1
	$(BIN)/python docs/populations.py out/populations
