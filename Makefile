# `make help` lists what can be done here. Settings pass through: make run PORT=8080 DATA="/srv/attendance"

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# The newest Python that the pinned packages are published for; PYTHON=/path/to/python chooses another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10 python; do \
	"$$name" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 15))' 2>/dev/null && echo "$$name" && break; done)

VENV := .venv/bin/python
NODE := $(shell node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && echo node)
ifneq ($(NODE),)
test-pages = node --test tests/pages/*.test.js tests/pages/*/*.test.js
fetch-page-tools = $(MAKE) --no-print-directory node_modules/.package-lock.json \
	|| echo "npm ci failed: what the browser tests check with axe is skipped."
else
test-pages = echo "The pages' own tests (tests/pages) were NOT run: they need Node.js 20 or later."
fetch-page-tools = :
endif
# Nothing stops where they cannot be had: the server says what it cannot do without them, and tests say what they skip.
ifeq ($(FACES),off)
fetch-models = :
else
fetch-models = $(VENV) -m secure_attend.models fetch || true
endif
# At a terminal the server fetches them itself, and shows how far it is.
fetch-models-unwatched = { [ -t 0 ] && [ -t 1 ]; } || $(fetch-models)
STYLES = npx --no-install tailwindcss --input static/css/app.src.css --minify

# The Python under .venv may have gone since (an upgrade of the system): then everything is installed again.
$(if $(wildcard .venv/installed*),$(shell $(VENV) -c '' 2>/dev/null || rm -f .venv/installed .venv/installed-dev))

.PHONY: help run demo test test-fast test-nightly test-engines check bench bench-database bench-durability bench-liveness bench-clips bench-forged fuzz evaluate pages css docs sbom audit pins lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "Settings: make run PORT=8080 HOST=127.0.0.1 DATA=/srv/attendance MODELS=sface HTTPS=1 (all: docs/administrator/settings.md)"

run: .venv/installed ## Install what is needed and start the server
	@$(fetch-models-unwatched)
	@$(VENV) app.py

demo: .venv/installed ## Try it with invented students; nothing is kept
	@$(fetch-models-unwatched)
	@$(VENV) app.py --demo

test: .venv/installed-dev ## Run every test (pytest, and the pages' own where Node.js is); ARGS="-k roster" picks
	@$(fetch-page-tools)
	@$(fetch-models)
	@$(VENV) -m pytest $(ARGS)
	@$(test-pages)

test-fast: .venv/installed-dev ## Run the tests that take no browser, no database server and no long random runs
	@$(fetch-page-tools)
	@$(VENV) -m pytest -q --numprocesses 2 --dist loadfile -m "not browser and not database and not slow" $(ARGS)
	@$(test-pages)

test-nightly: .venv/installed-dev ## Play the long random runs, kills and forged calls: hours (PostgreSQL on PATH)
	@FORGED_STEPS=100000 FUZZ_REQUESTS=25000 KILL_ROUNDS=2000 LOG_EDITS=10000 MODEL_RUNS=2000 REGISTER_RUNS=10000 LIMIT_RUNS=2000 \
		$(VENV) -m pytest -q -m nightly $(ARGS)
	@$(MAKE) --no-print-directory test-engines

test-engines: .venv/installed-dev ## Open the pages in Firefox and WebKitGTK; Debian: firefox-esr webkit2gtk-driver xvfb dbus-daemon
	@$(VENV) -m pytest -q -m engines tests/e2e/engines $(ARGS)

check: .venv/installed-dev ## Look for mistakes without running: format, lint, types, packages, pages, stylesheet, shipped files, links
	@$(VENV) -m ruff format --check .
	@$(VENV) -m ruff check .
	@$(VENV) -m mypy
	@$(VENV) -m pip check --disable-pip-version-check
	@$(VENV) -m pytest -q tests/repository/test_shipped.py tests/repository/test_links.py tests/repository/test_plain_words.py
	@$(VENV) pages/build.py --check
ifneq ($(NODE),)
	@$(MAKE) --no-print-directory node_modules/.package-lock.json
	@npx --no-install prettier --check --log-level warn .
	@npx --no-install eslint .
	@npx --no-install tsc
	@mkdir -p build && $(STYLES) --output build/app.css 2>/dev/null && cmp build/app.css static/css/app.css \
		|| { echo "static/css/app.css is not what its source gives: run make css and commit it."; exit 1; }
else
	@echo "Stylesheet and scripts were NOT checked: that needs Node.js 20 or later."
endif

bench: .venv/installed-dev ## Measure on this machine; GROUPS="search storage" picks
	@$(VENV) -m benchmarks $(GROUPS)

bench-database: .venv/installed-dev ## Measure stores at their size; ARGS="--records 1000000 --gallery 100000" (PostgreSQL on PATH)
	@$(VENV) -m benchmarks.storage.database $(ARGS)

bench-durability: .venv/installed-dev ## Torture the stores and measure them at size; ARGS="kills faults --long" (PostgreSQL on PATH)
	@$(VENV) -m benchmarks.durability $(ARGS)

bench-liveness: .venv/installed-dev ## Attack the liveness check; ARGS="--tries 1000 --seconds 60 --only a e --write"
	@$(VENV) -m benchmarks.liveness $(ARGS)

bench-clips: .venv/installed-dev ## Feed clips of real people to the liveness check; ARGS="--pace 66 --each"
	@$(VENV) -m benchmarks.liveness.clips $(ARGS)

bench-forged: .venv/installed-dev ## Make 100,000 forged calls of a check-in; STEPS=5000 makes fewer
	@FORGED_STEPS=$(or $(STEPS),100000) $(VENV) -m pytest -q tests/web/attacks/test_forged.py

fuzz: .venv/installed-dev ## Make 20,000 random requests and more from the OpenAPI document; REQUESTS=100000
	@FUZZ_REQUESTS=$(or $(REQUESTS),25000) $(VENV) -m pytest -q -s tests/web/attacks/test_fuzz.py

evaluate: .venv/installed-dev ## Measure recognition on your own pictures: make evaluate FOLDER=people ARGS="--gallery 3"
	@$(VENV) -m secure_attend.evaluate $(FOLDER) $(ARGS)

pages: .venv/installed-dev ## Write faculty.html, student.html, me.html, register.html and trial.html from pages/
	@$(VENV) pages/build.py

css: node_modules/.package-lock.json ## Build static/css/app.css
	@$(STYLES) --output static/css/app.css

docs: .venv/installed-dev ## Write docs/administrator/settings.md and docs/licences.md
	@$(VENV) .ci/settings_page.py >docs/administrator/settings.md
	@mkdir -p build && $(VENV) .ci/licences_page.py >build/licences.md && mv build/licences.md docs/licences.md

sbom: .venv/installed-dev ## Write a bill of materials (CycloneDX) to build/secure-attend.cdx.json: packages and models
	@mkdir -p build && $(VENV) .ci/sbom.py >build/secure-attend.cdx.json && echo build/secure-attend.cdx.json

audit: .venv/installed-dev ## Ask pip-audit whether vulnerabilities of the pinned packages are known
	@$(VENV) .ci/audit.py

pins: .venv/installed-dev ## Ask the package index whether every pin installs on Python 3.10 to 3.14
	@$(VENV) .ci/pins.py check

lock: ## Pin requirements*.txt again from pyproject.toml (needs uv)
	@PATH="$$PWD/.venv/bin:$$PATH" $(VENV) .ci/pins.py write $(ARGS)

clean: ## Remove what was installed and built; students and attendance stay
	@rm -rf .venv node_modules build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than its list once everything on the list is installed: nothing is asked of the network then.
.venv/installed: requirements.txt
	$(install)

.venv/installed-dev: requirements-dev.txt
	$(install)
	@touch .venv/installed

node_modules/.package-lock.json: package-lock.json
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@

define install
@[ -n "$(PYTHON)" ] || { echo "Secure-Attend needs Python 3.10 to 3.14, and none was found. Install one (Debian, Ubuntu: sudo apt install python3 python3-venv) or name it: make run PYTHON=/path/to/python3.12"; exit 1; }
@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Secure-Attend needs Python 3.10 or later, and $(PYTHON) is older. Name a newer one: make run PYTHON=/path/to/python3.12"; exit 1; }
@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python cannot make virtual environments here. Install that part (Debian, Ubuntu: sudo apt install $$("$(PYTHON)" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')) and run make again."; exit 1; }
@echo "Installing into .venv what $< lists; the first time this takes a minute or two."
@$(VENV) -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv
@$(VENV) -m pip install --disable-pip-version-check --no-input --require-hashes -r $< >.venv/install.log 2>&1 & pid=$$!; \
	trap 'kill $$pid 2>/dev/null; echo; exit 130' INT TERM; \
	seconds=0; while kill -0 $$pid 2>/dev/null; do \
		sleep 1; seconds=$$((seconds + 1)); at=$$(grep -cE '^(Collecting|Requirement already)' .venv/install.log); \
		grep -q '^Installing collected' .venv/install.log && doing="fetched, unpacking" || doing="found"; \
		line="  $$at packages $$doing, $$seconds s"; \
		if [ -t 1 ]; then printf '\r\033[K%s ' "$$line"; elif [ $$((seconds % 15)) = 0 ]; then echo "$$line"; fi; \
	done; [ ! -t 1 ] || echo; \
	wait $$pid || { grep -E '^ERROR' .venv/install.log || tail -n 5 .venv/install.log; \
		echo "Not installed: see the lines above; all of it is in .venv/install.log"; exit 1; }
@touch $@
endef
