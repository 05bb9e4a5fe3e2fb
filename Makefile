# Every target is one command; package.json has the same one under the same name, for people without make.
# A variable given to make (slice=, PORT=, products=) reaches the command through its environment.
# `exec` makes a shell look the command up in the PATH below, and hands signals straight to the command.

.DEFAULT_GOAL := help
.PHONY: help install run dev demo test lint format types openapi isolate check proof break new seed bench config examples doctor clean
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

INSTALLED := node_modules/.installed
MANIFESTS := pnpm-lock.yaml pnpm-workspace.yaml package.json $(wildcard */package.json slices/*/package.json lab/new/template/package.json)

help: ## List the targets
	@exec node lab/help.mjs

install: $(INSTALLED) ## Install what the lockfile says; every other target does it when needed

$(INSTALLED): $(MANIFESTS)
	@exec node lab/install.mjs

run: $(INSTALLED) ## slice=NAME [PORT=N] - start one slice
	@exec node lab/run.ts

dev: $(INSTALLED) ## slice=NAME [PORT=N] - start one slice, restarted when its code or a .env file changes
	@exec node lab/dev.ts

demo: $(INSTALLED) ## [PORT=N] - start the combined demo, all slices on one server
	@exec node lab/run.ts slice=combined-demo

test: $(INSTALLED) ## [slice=NAME] - run all tests, or those of one slice (slice=lab: those of the lab)
	@exec node lab/test.ts

lint: $(INSTALLED) ## Check style, formatting and dead code
	@biome check --error-on-warnings && knip

format: $(INSTALLED) ## Format the sources and fix what can be fixed safely
	@exec biome check --write

types: $(INSTALLED) ## Check the types
	@exec tsc

openapi: $(INSTALLED) ## [slice=NAME] - lint the OpenAPI document of every server, or of one
	@exec node lab/openapi.ts

isolate: $(INSTALLED) ## slice=NAME - check and test one slice alone, in an empty folder
	@exec node lab/isolate.ts

check: $(INSTALLED) ## All that CI does: lint, types, tests of the lab, openapi, each package tested alone
	@exec node lab/check.ts

proof: $(INSTALLED) ## All tests at full size, storms and kills included: for nights
	@exec node lab/proof.ts

break: $(INSTALLED) ## slice=NAME - break the naive version of a slice, and see the slice hold
	@exec node lab/break.ts

new: $(INSTALLED) ## slice=NAME - lay down a new slice that runs and passes make check
	@exec node lab/new.ts

seed: $(INSTALLED) ## [products=N] - fill the database of catalog-pagination with sample products
	@exec node lab/seed.ts

bench: $(INSTALLED) ## [only=http|catalog|products|gifts|routers|reliability|edge|cache|limiter|accounts|variants|checkout|inventory] - measure throughput, pages, writes, routers, bad clients
	@exec node lab/bench/index.ts

config: $(INSTALLED) ## slice=NAME [check=yes] - show the settings that a server would start with, and where each comes from
	@exec node lab/config.ts

examples: $(INSTALLED) ## Write the .env.example of every server from its settings
	@exec node lab/examples.ts

doctor: $(INSTALLED) ## Check this machine: Node, pnpm, SQLite, Postgres, port, file watching
	@exec node lab/doctor.ts

clean: ## [data=yes] - remove what was installed, and with data=yes the databases
	@exec node lab/clean.mjs
