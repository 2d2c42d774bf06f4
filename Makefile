SHELL := /bin/bash
NODE_MAJOR := 24
PLATFORM := $(shell uname -s | tr A-Z a-z)-$(shell uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
NODE_FOLDER := $(CURDIR)/.node/node_modules/node-$(PLATFORM)/bin
export PATH := $(NODE_FOLDER):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help check test up down status logs token tools simulate mutants fuzz test-observability timing watchers dead-letters supabase-verify reconciler-token test-kind kind-up kind-demo kind-down

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-16s %s\n", $$1, $$2}'

# The machine's Node where it is new enough, else one of our own from npm. What a target reads and prints is its own.
# The stamp comes last, so that an install which was cut short counts for nothing.
STAMP := node_modules/.tickwork-installed
tools:
	@node -e 'process.exit(+process.versions.node.split(".")[0] >= $(NODE_MAJOR) ? 0 : 1)' 2>/dev/null || { \
	  echo "Node $(NODE_MAJOR) from npm into .node/, as this machine's is older" && \
	  npm install --silent --no-save --no-package-lock --prefix .node node-$(PLATFORM)@$(NODE_MAJOR); } </dev/null >&2
	@[ $(STAMP) -nt package-lock.json ] || { \
	  echo "installing packages; the first time takes some minutes" && \
	  npm ci --no-audit --no-fund --loglevel error && touch $(STAMP); } </dev/null >&2

check: tools ## formatter, linter, types, layers, generated files
	@npm run --silent check

# Tests start servers of their own, whatever the user set.
test: tools ## every test, on real services
	@env -u REDIS_URL -u RABBITMQ_URL bash test/stack/install-servers.sh
	@npx vitest run --reporter=default --reporter=json --outputFile.json=.stack/test-results.json

# FUZZ_EXAMPLES calls of each operation by itself, then FUZZ_SECONDS of one after the other; another SEED tries others.
fuzz: tools ## the API tried by schemathesis, about four minutes; needs Python
	@bash test/fuzz/install.sh
	@env -u REDIS_URL -u RABBITMQ_URL bash test/stack/install-servers.sh
	@npx vitest run --config test/fuzz/vitest.config.ts

# About seven minutes: a real Prometheus scrapes real processes, which are killed, cut off and brought back.
test-observability: tools ## rules, alerts and dashboards by promtool and under a scenario of failures; traces, a real collector
	@env -u REDIS_URL -u RABBITMQ_URL bash test/stack/install-servers.sh
	@bash test/stack/install-prometheus.sh
	@bash test/observability/install-collector.sh
	@npx vitest run --config test/observability/vitest.config.ts

# Measures until it is sure: sooner on a machine that does nothing else.
timing: tools ## whether an answer's time tells another's task from none, on every route
	@bash test/stack/install-servers.sh
	@TIMING_PAIRS=2000 npx vitest run --project integration --reporter=verbose test/acceptance/timing.test.ts

# They stay under 200 MiB; make test has a slice of 500.
watchers: tools ## 5,000 streams on one API process, and the memory that they take
	@bash test/stack/install-servers.sh
	@WATCHERS=5000 npx vitest run --project integration --reporter=verbose test/acceptance/watchers.test.ts

# OBSERVABILITY=1 starts a Prometheus and a trace viewer too.
# AGENT names the agent: demo, http, llm, a package or ./a-module.ts; AGENT_ENV the variables that one of your own reads.
up: tools ## start everything and run a task through it: make up AGENT=./my-agent.ts
	@bash test/stack/install-servers.sh
	@[ '$(OBSERVABILITY)' != 1 ] || bash test/stack/install-prometheus.sh
	@USER_FOLDER='$(PWD)' node test/stack/up.ts

down: ## stop what make up started
	@node test/stack/down.ts

# STACK_FOLDER may be another than .stack.
status: ## what runs, and where
	@node test/stack/status.ts '$(STACK_FOLDER)'

logs: tools ## follow the logs
	@ls .stack/*.log >/dev/null 2>&1 || { echo "nothing was started; run make up" >&2; exit 1; }
	@tail -n 50 -F .stack/*.log | node_modules/.bin/pino-pretty --singleLine --ignore pid,hostname

token: ## a user's token: make token USER=name@example.com
	@node test/stack/token.ts $(if $(filter command line,$(origin USER)),$(USER))

# SEEDS schedules from the seed FROM on; FAULTS runs one again with some of its faults.
simulate: tools ## 20,000 simulated schedules of faults: make simulate SEEDS=1000 FROM=1
	@node test/simulation/simulate.ts

# MUTANTS names some, by comma.
mutants: tools ## each protection of the protocol off in its turn: something must catch it
	@bash test/stack/install-servers.sh
	@node test/mutants/run.ts

# ID is the correlation_id, the message's id or the hash that the list shows; ALL=1 takes all. RABBITMQ_URL and RABBITMQ_QUEUE name
# another broker and queue than those of make up.
dead-letters: tools ## what no worker could do: make dead-letters ACTION=list|requeue|drop ID=... ALL=1
	@set -a; [ -n "$$RABBITMQ_URL" ] || [ ! -f .stack/env ] || source .stack/env; node services/gateway/src/dead-letters.ts

supabase-verify: tools ## check a Supabase project: make supabase-verify SUPABASE_DB_URL=postgresql://...
	@node supabase/verify.ts

# The key and the token alone go through standard input and output. DAYS, ISSUER and AUDIENCE may be given.
reconciler-token: tools ## the reconciler's token: make reconciler-token < signing-key.json
	@node supabase/reconciler-token.ts

# Needs docker, kind, kubectl and helm. KIND_NODE_IMAGE replaces kind's own; KEEP_CLUSTER=1 leaves the cluster for the next run.
test-kind: tools ## the chart on a real kind cluster
	@npx vitest run --config test/kind/vitest.config.ts --reporter=default --reporter=json --outputFile.json=.stack/test-kind-results.json

kind-up: tools ## a kind cluster with Tickwork and all that it needs
	@node test/kind/up.ts

kind-demo: tools ## run a task through that cluster
	@node test/kind/demo.ts

kind-down: tools ## remove that cluster
	@node test/kind/down.ts
