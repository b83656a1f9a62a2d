# The front door. `make` lists what it can do.
#
# Everything runs on the Node that npm brings (node_modules/node-linux-*), so an older system Node will do.

ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x64,$(shell uname -m)))
RUNTIME := node_modules/node-linux-$(ARCH)
NODE := $(RUNTIME)/bin/node
RUN := $(NODE) --disable-warning=ExperimentalWarning
ADDON := firmware-shim/native/build/linux-$(ARCH)/shim.node
export PATH := $(CURDIR)/$(RUNTIME)/bin:$(CURDIR)/node_modules/.bin:$(PATH):/usr/sbin:/sbin

.DEFAULT_GOAL := help
.PHONY: help setup demo stories test unit live test-guest fuzz mutation crash check fix format types lint direction dead-code contract contract-check tidy replay seeds canaries bench fresh picture clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## bring npm packages, the native addon and (root on Debian) the system packages of lab and tests
	@tools/system-packages.sh
	@tools/runtime.sh
	@$(MAKE) --no-print-directory -C firmware-shim/native NODE_INCLUDE=$(CURDIR)/$(RUNTIME)/include/node

demo: setup ## the main job in a private network lab, live; SCRIPT=cable-pull runs the headless story, ENGINE=ipsec|mixed
	@bin/sag-sim demo $(if $(SCRIPT),--script $(SCRIPT)) $(if $(ENGINE),--engine $(ENGINE))

stories: setup ## failovers of real tunnels over two impaired uplinks, into out/stories.json; ENGINE=ipsec ONLY=NAME SEED=1
	@bin/sag-sim stories $(if $(ENGINE),--engine $(ENGINE)) $(if $(ONLY),--only '$(ONLY)') $(if $(SEED),--seed $(SEED))

test: setup ## every test: unit, deterministic scenarios, a stock kernel in QEMU, live parts
	@$(RUN) node_modules/vitest/vitest.mjs run

unit: ## the pure tests only
	@$(RUN) node_modules/vitest/vitest.mjs run --project unit

live: setup ## the tests on real parts only (pty, namespaces, tunnels, brokers)
	@$(RUN) node_modules/vitest/vitest.mjs run --project live

check: setup format lint types direction dead-code contract-check tidy ## format, lint, types, import direction, dead code, contract, house rules

format: ## formatting and import order
	@$(RUN) node_modules/@biomejs/biome/bin/biome ci --error-on-warnings --colors=off .

fix: ## put format and import order right
	@$(RUN) node_modules/@biomejs/biome/bin/biome check --write --colors=off .

lint: ## type-aware lint
	@$(RUN) node_modules/oxlint/bin/oxlint --type-aware --deny-warnings .

types: ## the type checker
	@$(RUN) node_modules/typescript/bin/tsc -p .

direction: ## imports point downward, and cores reach neither node:* nor npm
	@$(RUN) tools/direction.ts

dead-code: ## files, exports and packages nobody uses
	@$(RUN) node_modules/knip/bin/knip.js --no-progress

contract: setup ## write docs/asyncapi.yaml and the topic table of docs/PROTOCOL.md from agent/contract
	@$(RUN) tools/contract.ts

contract-check: ## both are what the contract makes, and valid AsyncAPI
	@$(RUN) tools/contract.ts --check

tidy: ## the house rules, as a test
	@$(RUN) node_modules/vitest/vitest.mjs run --project unit test/tidy.test.ts --reporter=dot

seeds: ## simulated worlds with drawn faults, on all cores until one fails; N=100 FROM=1 [TWICE=1: each is the same twice]
	@bin/sag-sim world run --seeds $(or $(N),100) --from $(or $(FROM),1) $(if $(TWICE),--twice)

canaries: ## bugs planted in the cores, one after the other: which seed of the world finds each
	@bin/sag-sim world canaries

replay: ## one simulated world again, step by step; SEED=4711 [UNTIL=ms] [FORMAT=mermaid] [KEEP=places]
	@test -n "$(SEED)" || { echo "which one? make replay SEED=4711"; exit 2; }
	@bin/sag-sim world replay $(SEED) $(if $(UNTIL),--until $(UNTIL)) $(if $(FORMAT),--format $(FORMAT)) $(if $(KEEP),--keep $(KEEP))

test-guest: setup ## kernel WireGuard and kernel ESP under the fast path, in a QEMU guest with Debian's stock kernel
	@GUEST_FETCH=1 $(RUN) node_modules/vitest/vitest.mjs run --project guest

fuzz: ## damaged inputs against a reader of foreign bytes; TARGET=framer N=1000000 [SEED=1]
	@$(RUN) test/fuzz/main.ts --target $(or $(TARGET),framer) --n $(or $(N),1000000) --seed $(or $(SEED),1)

mutation: ## does a test notice when the safety core is changed? into out/mutation.json; AREA=bfd SURVIVORS=1 CHANGED=1 KEEP=1
	@$(RUN) test/mutation/main.ts $(if $(AREA),--area '$(AREA)') $(if $(SURVIVORS),--survivors) $(if $(CHANGED),--changed) $(if $(KEEP),--keep)

crash: setup ## the real agent is killed at random moments and loses nothing; KILLS=200 MUTANTS=2000 [SEED=1]
	@$(RUN) test/crash/main.ts --kills $(or $(KILLS),200) --mutants $(or $(MUTANTS),2000) --seed $(or $(SEED),1)

bench: setup ## benchmarks, most of them paired with a peer, into out/bench-<suite>.json; BENCH=failover|tunnel|access|diag|shim|sim
	@$(RUN) bench/main.ts $(or $(BENCH),failover)

fresh: ## both README commands in a new Debian 12 root: the proof of a fresh machine (root)
	@tools/fresh.sh

picture: setup ## draw the folders and their imports into docs/img/imports.mmd
	@$(RUN) tools/direction.ts --picture docs/img/imports.mmd

clean: ## remove what was built
	rm -rf out firmware-shim/native/build
