# Everything a developer does with Veza. `make` alone lists it. Each target installs what it needs (dev/bootstrap.sh).
SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PATH := $(CURDIR)/.veza/bin:$(CURDIR)/.venv/bin:$(CURDIR)/.veza/uv/bin:$(PATH):/usr/local/sbin:/usr/sbin

PYTHON := .venv/bin/python
DEV := $(PYTHON) -m dev
TYPED := functions infra cli dev tests layers bench
STAGE ?= local
LOCK := .veza/uv/bin/uv pip compile -q --generate-hashes --no-emit-index-url --universal --python-version 3.11

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^## /{ printf "\n%s\n", substr($$0, 4) } \
	  /^[a-z-]+:.*## /{ printf "  make %-17s %s\n", $$1, $$2 }' Makefile
	@printf '\nOptions: make status JSON=1 · make logs FN=scan · make demo FILE=song.flac · make deploy STAGE=aws · VEZA_PORT=4567 make up\n'

## Run it
.PHONY: up down reset demo
up: bootstrap ## Start the local cloud, deploy everything, print what to open
	@$(DEV) up

down: ## Stop the local cloud; nothing is lost
	@[ ! -x $(PYTHON) ] || $(DEV) down

reset: ## Stop the local cloud and forget everything in it
	@[ ! -x $(PYTHON) ] || $(DEV) reset

demo: bootstrap ## Make a short piece, upload it, follow it to ready, play it back (or FILE=song.flac)
	@$(DEV) demo $(if $(FILE),--file "$(FILE)")

## Look into it
.PHONY: status doctor logs invoke redrive grant
status: bootstrap-python ## The health of every part (JSON=1 for programs)
	@$(DEV) status $(if $(JSON),--json)

doctor: bootstrap-python ## What this machine lacks, in plain words
	@$(DEV) doctor

logs: bootstrap-python ## What the functions said (FN=scan: one of them, FOLLOW=1: keep reading)
	@$(DEV) logs $(if $(FN),--fn "$(FN)") $(if $(FOLLOW),--follow)

invoke: bootstrap-python ## Run one function on an event (FN=scan EVENT=events/inbound/….json)
	@$(DEV) invoke --fn "$(FN)" --event "$(EVENT)"

redrive: bootstrap-python ## Put the dead letters of a queue back to work (QUEUE=scan)
	@$(DEV) redrive --queue "$(QUEUE)"

grant: bootstrap-python ## Give an account a role (EMAIL=ada@example.com ROLE=superadmin, STAGE=aws)
	@$(DEV) grant --email "$(EMAIL)" --role "$(ROLE)" --stage $(STAGE)

## Change it
.PHONY: deploy synth localstack definitions
deploy: bootstrap ## Deploy a change, in seconds (STAGE=aws: to the account of your shell, CDK="-c audit_days=365": to cdk)
	@$(DEV) deploy --stage $(STAGE) $(if $(CDK),--cdk "$(CDK)")

synth: bootstrap ## The CloudFormation of a stage, no credentials needed (STAGE=aws)
	@$(DEV) synth --stage $(STAGE)

localstack: bootstrap ## Deploy to a running LocalStack, after saying what its plan lacks
	@$(DEV) localstack

definitions: bootstrap ## Fetch the official virus definitions and publish them to the local cloud
	@$(DEV) definitions

## Prove it
.PHONY: check audit test test-faults test-fuzz test-iam format frames lock
check: bootstrap-python ## Format, lint, types, import contracts, advisories, unit and contract tests: the first half of CI
	@ruff format --check .
	@ruff check .
	@mypy $(wildcard $(TYPED))
	@lint-imports
	@$(DEV) audit
	@$(DEV) test quick

audit: bootstrap-python ## Whether an advisory names a version that is locked here
	@$(DEV) audit

test: bootstrap-browser ## Everything, on a cloud of its own: the second half of CI
	@$(DEV) test all

test-faults: bootstrap ## The faults at length: hundreds of random schedules, thousands of mutated files, a burst of uploads
	@$(DEV) test faults

test-fuzz: bootstrap ## A hundred made-up requests to every route, signed in and not: only what the contract says comes back
	@$(DEV) test fuzz

test-iam: bootstrap-browser ## What people do, on a cloud that holds every function to its own role
	@$(DEV) test roles

format: bootstrap-python ## Format the code and fix what can be fixed
	@ruff check --fix --quiet . || true
	@ruff format .

frames: bootstrap ## Write docs/frames/ anew: the sockets' frames as JSON Schema and for TypeScript
	@for door in chat stream; do \
	  PYTHONPATH=functions $(PYTHON) -m core.frames.schema $$door docs/frames/$$door.json; \
	  node_modules/.bin/json2ts docs/frames/$$door.json -o docs/frames/$$door.d.ts --maxItems=-1; \
	done

lock: bootstrap-python ## Compile requirements/*.lock from pyproject.toml and requirements/*.in (UPGRADE=1: newest)
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements/runtime.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml --group media --group cli --group infra --group dev -o requirements/dev.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) --group bench -c requirements/dev.lock -o requirements/bench.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) requirements/cloud.in -o requirements/cloud.lock
	@$(LOCK) $(if $(UPGRADE),--upgrade) requirements/bootstrap.in -o requirements/bootstrap.lock
	@npm install --package-lock-only --no-audit --no-fund

## Measure it
.PHONY: bench bench-pipeline bench-scan bench-throughput bench-longest bench-cost bench-ws bench-enumeration bench-aac-coder
BENCH := $(PYTHON) -m bench
bench: bootstrap ## Everything below, one after the other, into bench/results and docs/benchmarks.md (QUICK=1: do they work?)
	@$(BENCH) all $(if $(QUICK),--quick)

bench-pipeline: bootstrap ## Time to playable and ready, beside a sequential pipeline and one hand-tuned ffmpeg (PIECE="3 h": one file)
	@$(BENCH) pipeline $(if $(QUICK),--quick) $(if $(PIECE),--piece "$(PIECE)")

bench-scan: bootstrap ## How fast files are hashed, sniffed and scanned, beside INSTREAM and clamscan
	@$(BENCH) scan $(if $(QUICK),--quick)

bench-throughput: bootstrap ## A hundred tracks through the pipeline, and the API meanwhile
	@$(BENCH) throughput $(if $(QUICK),--quick)

bench-longest: bootstrap ## Six hours of audio through our pipeline alone: do all calls end within Lambda's time?
	@$(BENCH) longest $(if $(QUICK),--quick)

bench-cost: bootstrap ## Dollars for a thousand tracks, beside MediaConvert and GuardDuty
	@$(BENCH) cost $(if $(QUICK),--quick)

bench-ws: bootstrap ## How fast a message is with 10, 100, 1,000 sockets, what it takes and costs
	@$(BENCH) ws $(if $(QUICK),--quick)

bench-enumeration: bootstrap ## Whether the time of an answer tells who has an account
	@$(BENCH) enumeration $(if $(QUICK),--quick)

bench-aac-coder: bootstrap ## What ffmpeg's two AAC coders make of music (MUSIC=folder; else Debian's, fetched)
	@.veza/uv/bin/uv pip install -q --require-hashes -r requirements/bench.lock --python $(PYTHON)
	@$(PYTHON) -m bench.aac_coder $(MUSIC)

## Behind the others
.PHONY: bootstrap bootstrap-python bootstrap-browser
bootstrap: ## Install what is missing: uv, Python packages, MiniStack, CDK, FFmpeg, ClamAV
	@dev/bootstrap.sh

bootstrap-python:
	@dev/bootstrap.sh python

bootstrap-browser: ## The same, and Chromium for the tests that look at the page
	@dev/bootstrap.sh browser
