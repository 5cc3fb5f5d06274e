# Every verb of the project. Needs make and Python 3.11 or newer; everything else is set up on first use.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
CLEAN_ENV := env -u PYTHONPATH -u PYTHONHOME -u VIRTUAL_ENV
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.DEFAULT_GOAL := help
.PHONY: help demo test lint format unit integration e2e docs support lock image clean

help: ## list the verbs
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: .venv/.run ## the main job on real models: examples/quickstart, then examples/pretrained
	$(BIN)/onnx-convert run examples/quickstart/onnx-convert.toml --out onnx-convert-out/quickstart
	$(BIN)/onnx-convert run examples/pretrained/onnx-convert.toml --out onnx-convert-out/pretrained

test: lint ## everything a contributor runs; container tests skip where there is no engine
	$(BIN)/pytest

lint: .venv/.dev ## formatting, lint, types, workflows, Dockerfile
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/zizmor --quiet --offline --persona pedantic .github action.yml
	$(BIN)/zizmor --quiet --offline --persona pedantic --config .github/zizmor.yml examples/workflows/*.yml
	$(BIN)/zizmor --quiet --offline tests/e2e/workflows/*.yml tests/e2e/actions
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml $$(find tests/e2e/actions -name action.yml)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/workflows/*.yml tests/e2e/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml

format: .venv/.dev ## rewrite the code in the project's style
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

unit: .venv/.dev ## seconds, no framework
	$(BIN)/pytest tests/unit

integration: .venv/.dev ## real converters in their own environments
	$(BIN)/pytest tests/integration

e2e: .venv/.dev ## the command and the container as users meet them
	$(BIN)/pytest tests/e2e

docs: .venv/.dev ## regenerate the diagnostics pages and the schemas
	$(BIN)/python -m onnx_convert.diagnostics.page docs/diagnostics
	$(BIN)/python -m onnx_convert.spec.schema

support: .venv/.dev ## convert every model at every opset and write docs/support.md; part of it: ARGS="--only jax"
	$(BIN)/python -m tests.support $(ARGS)

lock: .venv/.run ## pin the newest versions anew
	$(LOCK) --upgrade pyproject.toml -o requirements/core.lock
	$(LOCK) --upgrade pyproject.toml --group dev -o requirements/dev.lock
	$(LOCK) --upgrade --group pyproject.toml:build -o requirements/build.lock
	$(BIN)/python -m onnx_convert.environments lock

image: ## build the full image as onnx-convert-action:dev
	docker build --target full -t onnx-convert-action:dev .

clean: ## remove what the verbs made, but not the environments that are shared between checkouts
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis onnx-convert-out

# Set-up in two steps, so that a first `make demo` waits for no developer tools. pip, because it honours the index,
# mirror and certificates that this machine is configured for.
.venv/.run: requirements/core.lock requirements/build.lock pyproject.toml
	$(CLEAN_ENV) $(PYTHON) -m venv .venv
	$(PIP) --require-hashes -r requirements/core.lock -r requirements/build.lock
	$(PIP) --no-build-isolation --no-deps -e .
	touch $@

.venv/.dev: .venv/.run requirements/dev.lock
	$(PIP) --require-hashes -r requirements/dev.lock
	touch $@
