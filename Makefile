# make help lists the targets.
GO ?= go
export CGO_ENABLED ?= 0
FUZZTIME ?= 60s
COUNT ?= 6
SOAK ?= 2h

.PHONY: help pgo build check test race fuzz linear drift labels bench bench-compare accept live-accept soak soak-live docs docs-check release clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## build ./pcapmill
	$(GO) build -trimpath -o pcapmill ./cmd/pcapmill

check: ## everything CI runs: about twenty minutes
	.ci/run

test: ## all tests; those that need ../shared or other tools skip without
	$(GO) test ./...

race: ## tests under the race detector, on one and on four processors
	CGO_ENABLED=1 $(GO) test -race -short -cpu 1,4 ./...

fuzz: ## fuzz each target for FUZZTIME (60s), or those that FUZZ matches
	@FUZZTIME=$(FUZZTIME) bench/fuzz.sh

linear: ## does time grow in line with size? ratios for every adversarial shape
	bench/linear.sh

drift: ## how many changed and unchanged hours of generated networks are flagged: ten minutes
	bench/drift.sh

labels: ## how true labels of generated weeks are, and at which offset of their times: half a minute
	bench/labels-week.sh

bench: ## Go benchmarks of every stage into bench/new.txt
	$(GO) test -run '^$$' -bench . -benchmem -count $(COUNT) ./... | tee bench/new.txt

bench-compare: ## compare bench/old.txt with bench/new.txt
	$(GO) -C .ci/tools tool benchstat $(CURDIR)/bench/old.txt $(CURDIR)/bench/new.txt

accept: ## the long sweeps over every reference capture
	PCAPMILL_ACCEPT=1 PCAPMILL_REQUIRE_SHARED=1 $(GO) test -timeout 120m ./...

live-accept: ## figures of live mode in network namespaces, as root: an hour
	PCAPMILL_ACCEPT=1 PCAPMILL_REQUIRE_SHARED=1 $(GO) test -v -count=1 -timeout 180m ./bench/live

soak: soak-live ## two hours of live mode with hostile traffic, then long and large captures: nothing may grow
	ROUNDS=1 bench/throughput.sh mixed 1
	ROUNDS=1 bench/throughput.sh mixed 4
	ROUNDS=1 bench/throughput.sh small 1
	ROUNDS=1 bench/throughput.sh small 4

soak-live: ## the two hours alone, as root, on a machine that does nothing else; SOAK=10m for less
	PCAPMILL_SOAK=$(SOAK) $(GO) test -v -count=1 -timeout 24h -run '^TestSoak$$' ./bench/live

pgo: ## renew cmd/pcapmill/default.pgo from generated captures
	bench/pgo.sh

docs: ## rewrite docs/cli.md, docs/columns.md, docs/links.md and the goldens from the code
	$(GO) test ./cmd/pcapmill -run 'Golden|Docs' -update

docs-check: ## fail where those are out of date
	$(GO) test -count=1 ./cmd/pcapmill -run 'Golden|Docs'

PLATFORMS = linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64

release: ## binaries of all platforms into dist/, built twice and compared
	rm -rf dist && mkdir -p dist/again
	@for p in $(PLATFORMS); do \
		name=pcapmill-$$(echo $$p | tr / -); case $$p in windows/*) name=$$name.exe;; esac; \
		for dir in dist dist/again; do \
			GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o $$dir/$$name ./cmd/pcapmill || exit 1; \
		done; \
		cmp dist/$$name dist/again/$$name || exit 1; \
	done
	rm -r dist/again
	cd dist && sha256sum pcapmill-* > SHA256SUMS && cat SHA256SUMS

clean: ## remove what make built
	rm -rf dist pcapmill bench/new.txt
