# `make` lists what there is. Without make (on Windows, say), README.md spells the same steps out.
# The students' edition has this very file: it is known by having no tests/.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS ?= course,test

.PHONY: help lab test bench clean

help:
	@echo "make lab     JupyterLab, opened on the first module of the students' edition"
	@echo "make test    everything that has to hold; in the students' edition, its checks up to the first that fails"
	@echo "make bench   how fast it is beside PyTorch and numpy (not in the students' edition)"
	@echo "make clean   remove what these commands made; no notebook is touched"

ifeq ($(wildcard tests),)

lab: $(VENV)/.has-course
	$(BIN)/tito lab

test: $(VENV)/.has-course
	@for notebook in nbs/[0-9]*.ipynb; do $(BIN)/tito check $$notebook || exit 1; done

else

lab: student-edition
	$(MAKE) -C student-edition lab

student-edition: | $(VENV)/.has-course
	$(BIN)/tito release student-edition

test: $(VENV)/.has-$(EXTRAS)
	$(BIN)/python -m pytest -n logical

bench: $(VENV)/.has-$(EXTRAS)
	$(BIN)/python -m benchmarks

endif

# The stamp's name says which extras are installed.
$(VENV)/.has-%: settings.ini setup.py constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[$*]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "\
	TinyTorch needs Python 3.11 or newer, but $(PYTHON) is not: make PYTHON=python3.12 …"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find tinytorch tito -name __pycache__ -prune -exec rm -rf {} +
