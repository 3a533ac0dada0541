# Two commands do everything on a fresh machine: make demo, make test.

GO      ?= go
LBSIM   := out/bin/lbsim
FUZZ    ?= 60s
SEEDS   ?= 20
PROFILED := lb/random/10 lb/round-robin/10 lb/least-connections/10 lb/two-choices/10 connections/1000000 network/10 network/held/1000

.PHONY: demo build test validate bench lab profile lint cover fuzz truth golden tools clean

demo: build ## run the two main jobs
	$(LBSIM) run source-ip-nat
	@echo
	$(LBSIM) run rejoin-storm
	@echo
	@echo "reports: $(CURDIR)/out/source-ip-nat/report.html"
	@echo "         $(CURDIR)/out/rejoin-storm/report.html"

build: ## the binary, out/bin/lbsim
	$(GO) build -o $(LBSIM) ./cmd/lbsim

test: tools ## everything that CI runs
	$(GO) vet ./...
	$(GO) test -timeout 30m ./...

validate: ## every row of theory.json with SEEDS (20) seeds, and how often 95 % intervals hold a mean; RECORD=-update keeps it
	$(GO) test ./models/internal/theory -run TestValidation -v -timeout 24h -validate $(SEEDS) $(RECORD)
	$(GO) test ./scenarios/experiment -run TestCoverage -v -validate -timeout 30m

tools: ## what some tests need, installed where that is allowed
	@sh cmd/tools/install.sh

bench: ## ratios against the smallest hand-written program that does the same work
	$(GO) run -pgo=cmd/lbsim/default.pgo ./scenarios/experiment/bench

lab: build ## experiments on the real HAProxy and nginx beside the model, 15 minutes; the table is out/lab/table.md
	@sh scenarios/lab/all.sh $(LBSIM) out/lab

profile: ## renew the profile that guides the compiler's inlining
	dir=$$(mktemp -d) && $(GO) build -trimpath -o $$dir/bench ./scenarios/experiment/bench && \
	for w in $(PROFILED); do $$dir/bench -measure $$w -profile $$dir/$$(echo $$w | tr / -).prof || exit 1; done && \
	$(GO) tool pprof -proto $$dir/*.prof > cmd/lbsim/default.pgo; rm -rf $$dir

lint: ## go vet, gofmt and staticcheck
	$(GO) vet ./...
	@files=$$(gofmt -l cmd models results scenarios sim); test -z "$$files" || { echo "not gofmt'ed: $$files"; exit 1; }
	$(GO) tool -modfile=cmd/tools/go.mod staticcheck ./...

cover: ## coverage of all packages by all tests
	$(GO) test -coverpkg=./... -coverprofile=out/cover.out ./...
	$(GO) tool cover -func=out/cover.out | tail -1

fuzz: ## each fuzz test for FUZZ (60s)
	@for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
		for n in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9]*).*/\1/p' $$f); do \
			$(GO) test -run '^$$' -fuzz "^$$n$$" -fuzztime $(FUZZ) ./$$(dirname $$f) || exit 1; done; done

truth: ## sizing against formulas with 200 seeds; at most 5 % may differ
	$(GO) test ./scenarios/experiment -timeout 10h -v -run TestSizingAgainstTruth -sizing-seeds 200

golden: ## rewrite the golden files; look at the diff before you commit it
	$(GO) test ./cmd/... ./results/... ./scenarios/... -update

clean:
	rm -rf out
