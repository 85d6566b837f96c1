# The tasks of this project. `make help` lists them.

# The architecture the functions are built for; sign-up and sign-in are always
# built for amd64, because argon2 has assembly for nothing else.
GOARCH ?= arm64

GO_TEST    = go test -race -shuffle=on
WITH_DB    = go run ./test/dynamolocal/run --
# The AWS services we call speak HTTP/1.1, and the code for HTTP/2 is 4 %
# of the binary.
BUILD      = CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags=-s -tags lambda.norpc,nethttpomithttp2
lower      = $(shell echo $(1) | tr A-Z a-z)
source     = $(firstword $(wildcard ./functions/$(call lower,$(1)) ./examples/$(call lower,$(1)) ./examples/*/$(call lower,$(1))))

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Not go run, which calls Ctrl-C an error.
.PHONY: run
run: ## the whole API on this machine, in memory (needs Go only)
	@go build -o .cache/local ./cmd/local && exec .cache/local $(ARGS)

.PHONY: test
test: ## every test; says at its end what came of each part, and fails where one could not run
	@./test/run.sh

.PHONY: test-units
test-units: ## the tests in Go, the stores' on DynamoDB Local included
	$(WITH_DB) $(GO_TEST) -tags dynamodb ./...

.PHONY: test-go
test-go: ## the tests that need Go only
	$(GO_TEST) ./...

.PHONY: test-browser
test-browser: ## SuperTokens' own clients in a headless Chromium (needs Node.js, Python and Chromium)
	./test/browser/run.sh

.PHONY: test-sam
test-sam: ## the functions under SAM CLI (needs Python and a Docker engine)
	./test/sam/run.sh || [ $$? = 77 ]

.PHONY: test-awscli
test-awscli: ## the AWS CLI and signed requests against the local run (needs Python)
	./test/awscli/run.sh

.PHONY: test-clients
test-clients: ## the clients for backends in Node.js and Python, against the local run (needs both)
	./test/clients/run.sh

.PHONY: test-deploy
test-deploy: ## sam deploy against moto's server, and everything read back (needs Python)
	./test/deploy/run.sh

.PHONY: test-cdk
test-cdk: ## the CDK example, synthesized and checked (needs Node.js)
	./test/attach/cdk.sh

.PHONY: test-terraform
test-terraform: ## the Terraform example, validated (needs Terraform)
	./test/attach/terraform.sh

.PHONY: smoke
smoke: ## the path on a deployed stack, API=https://…, and what only AWS itself can show
	@go run ./test/smoke -api "$(API)" $(if $(ORIGIN),-origin "$(ORIGIN)")

.PHONY: screenshots
screenshots: ## the pictures in README and docs, made anew
	npm --prefix test/browser ci --no-audit --no-fund
	node test/browser/screenshots.mjs docs/images

.PHONY: events
events: ## the files in events/, signed anew: their tokens are good for a day, by design
	go run ./events/generate

.PHONY: cost
cost: ## docs/cost.md, from what calls ask of AWS and what AWS charges
	go run ./test/cost > docs/cost.md

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, and cfn-lint where it is installed
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	go mod tidy -diff
	go vet -tags dynamodb ./...
	go tool staticcheck -tags dynamodb ./...
	@if command -v cfn-lint >/dev/null; then cfn-lint template.yaml; else echo "cfn-lint is not installed: template.yaml was not linted"; fi

.PHONY: bench
bench: ## benchmarks; read the ratios inside one run
	go test -run '^$$' -bench . -benchmem ./sessions/... ./authorizer/...

# Run in the package's folder, go test prints what a passing test prints.
.PHONY: bench-lambda
bench-lambda: ## how long functions take to start and to answer, beside one that does nothing (four minutes)
	$(WITH_DB) go -C test/lambda test -count=1 -tags 'dynamodb bench' -run TestTimes

.PHONY: mutate
mutate: ## takes guards out, one at a time, and wants tests to fail, by a share for each package; ARGS names packages (hours for all)
	$(WITH_DB) go run ./test/mutate $(ARGS)

.PHONY: proof
proof: ## the tests of the promises in their long size; ends with a table (under two hours)
	$(WITH_DB) ./test/proof.sh

.PHONY: fuzz
fuzz: ## fuzzes every parser for ten minutes each, or for FUZZTIME (3s, 100000x)
	@FUZZTIME=$(FUZZTIME) ./test/fuzz.sh

.PHONY: vuln
vuln: ## known vulnerabilities in what is reachable (needs the Go vulnerability database)
	go run golang.org/x/vuln/cmd/govulncheck@v1.9.0 ./...

.PHONY: build
build: ## sam build, every function
	sam build

# Called by sam build, once for each function, with ARTIFACTS_DIR set.
build-SignUpFunction build-SignInFunction: GOARCH = amd64
build-%Function:
	GOARCH=$(GOARCH) $(BUILD) -o $(ARTIFACTS_DIR)/bootstrap $(call source,$*)

# Backends of the examples that are not in Go. Python's runtime has botocore.
build-NotesNodeFunction:
	npm ci --prefix examples/notes-node --omit=dev
	cp -R examples/notes-node/index.mjs examples/notes-node/node_modules $(ARTIFACTS_DIR)
build-NotesPythonFunction:
	python3 -m pip install --quiet --disable-pip-version-check --no-deps --target $(ARTIFACTS_DIR) ./clients/python
	cp examples/notes-python/app.py $(ARTIFACTS_DIR)
