# Everything a person or a CI job does here is one of these targets: "make help".
# Works with GNU make 3.81 and later, which macOS has too.

BIN   := .bin
LOCAL  = $(BIN)/localcloud
# Stacks of this project, but for the one that only the local cloud has.
STACKS = $(filter-out local,$(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml)))

# The local cloud finds pulumi on PATH; deploy, diff and destroy use the one of
# the person who calls them, because it comes with the language host for Go.
USER_PATH := $(PATH)
export PATH := $(CURDIR)/$(BIN):$(PATH)

# Nothing here needs a C compiler but the race detector. Said once, for otherwise
# everything would be compiled anew on the day that one is installed.
export CGO_ENABLED := 0

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

# say tells what takes long before it does, on standard error: the output of
# "make -s env" is evaluated by a shell.
say = printf '%s\n' '$(1)' >&2

# PROVIDER=official deploys through Pulumi's own OCI provider.
THROUGH = $(addprefix --provider=,$(PROVIDER))
# How long things take in a local cloud that is started.
TIMED = $(addprefix --profile=,$(PROFILE))

##@ On this machine

.PHONY: up preview refresh down push status logs stop env rehearse

up: $(BIN)/pulumi $(LOCAL) ## Deploy into the local cloud and print applicationUrl (PROVIDER=official: by Pulumi's plugin; PROFILE=realistic: in OCI's times)
	@$(LOCAL) up --stack $(or $(STACK),local) $(THROUGH) $(TIMED)

preview: $(BIN)/pulumi $(LOCAL) ## Show what up would change
	@$(LOCAL) preview --stack $(or $(STACK),local) $(THROUGH)

refresh: $(BIN)/pulumi $(LOCAL) ## Compare the stack's state with the local cloud
	@$(LOCAL) refresh --stack $(or $(STACK),local) $(THROUGH)

down: $(BIN)/pulumi $(LOCAL) ## Remove what up made
	@$(LOCAL) down --stack $(or $(STACK),local) $(THROUGH)

push: $(BIN)/pulumi $(LOCAL) ## Push HEAD to the stack's code repository (delivery.enabled), which rolls out what changed
	@$(LOCAL) push --stack $(or $(STACK),local)

status: $(LOCAL) ## Show what is in the local cloud
	@$(LOCAL) status

logs: $(LOCAL) ## Show what workloads wrote (ARGS="-f", ARGS="--requests", ARGS="--failed")
	@$(LOCAL) logs $(ARGS)

stop: $(LOCAL) ## Stop the local cloud; its state stays
	@$(LOCAL) stop

env: $(LOCAL) ## Print the environment for OCI clients: eval "$$(make -s env)"
	@$(LOCAL) env

rehearse: need-stack $(BIN)/pulumi $(LOCAL) ## Deploy STACK=dev's configuration into a local cloud of its own, test it, remove it
	@$(LOCAL) rehearse --stack $(STACK) $(THROUGH) $(TIMED)

##@ In a tenancy (needs the Pulumi CLI and OCI credentials)

.PHONY: deploy diff url destroy recover rollback need-stack need-pulumi need-function

deploy: need-stack need-pulumi ## Deploy STACK=dev (ARGS="--yes" asks nothing)
	@PATH="$(USER_PATH)" pulumi up --stack $(STACK) $(ARGS)

diff: need-stack need-pulumi ## Show what deploy would change
	@PATH="$(USER_PATH)" pulumi preview --stack $(STACK) $(ARGS)

url: need-stack need-pulumi ## Print applicationUrl of STACK=dev
	@PATH="$(USER_PATH)" pulumi stack output applicationUrl --stack $(STACK)

# The program runs, for its hooks empty the bucket.
destroy: need-stack need-pulumi ## Remove STACK=dev, bucket contents included
	@PATH="$(USER_PATH)" pulumi destroy --run-program --stack $(STACK) $(ARGS)

# Nothing goes through a file: the state holds secrets.
recover: need-stack need-pulumi $(LOCAL) ## After a deploy of STACK=dev that was cut off: take what it made into the state
	@PATH="$(USER_PATH)" pulumi stack export --show-secrets --stack $(STACK) | $(LOCAL) recover | PATH="$(USER_PATH)" pulumi stack import --stack $(STACK)

# The local stack is meant unless another is named, which is a tenancy's.
HERE = $(filter local,$(or $(STACK),local))

rollback: need-function $(if $(HERE),$(LOCAL),need-stack need-pulumi) $(BIN)/rollback ## Give a function an earlier image: FUNCTION=analyze VERSION=… (without it: list them; STACK=dev: in a tenancy)
ifneq ($(HERE),)
	@outputs="$$($(LOCAL) outputs)" && eval "$$($(LOCAL) env)" && $(BIN)/rollback -function "$(FUNCTION)" -version "$(VERSION)" <<< "$$outputs"
else
	@outputs="$$(PATH="$(USER_PATH)" pulumi stack output --json --stack $(STACK))" && $(BIN)/rollback -function "$(FUNCTION)" -version "$(VERSION)" <<< "$$outputs"
endif

need-function:
	@test -n "$(FUNCTION)" || { $(call say,Say which function: make rollback FUNCTION=analyze VERSION=…); exit 2; }

need-stack:
	@test -n "$(STACK)" || { $(call say,Say which stack: make $(MAKECMDGOALS) STACK=dev. There are: $(STACKS)); exit 2; }
	@test -f "Pulumi.$(STACK).yaml" || { $(call say,There is no Pulumi.$(STACK).yaml. There are: $(STACKS)); exit 2; }

need-pulumi:
	@PATH="$(USER_PATH)"; command -v pulumi >/dev/null && command -v pulumi-language-go >/dev/null || \
		{ $(call say,This needs the Pulumi CLI with its language host for Go: https://www.pulumi.com/docs/install/); exit 2; }

##@ Development

.PHONY: build test lint fmt bench interruptions stacks clean help

build: $(BIN)/pulumi $(LOCAL) ## Build the local cloud and the tools it needs

test: lint build $(BIN)/gotestsum ## Run every check and every test; what CI runs
	@tools/require.sh cc chromium ffmpeg ffprobe
	@tools/test.sh

lint: $(BIN)/revive $(BIN)/staticcheck ## Check formatting, modules, vet, revive and staticcheck
	@tools/lint.sh

fmt: ## Format the code and tidy the module
	@gofmt -w $$(git ls-files -co --exclude-standard '*.go')
	@go mod tidy

bench: build ## Run the benchmarks (the README's figures)
	@tools/bench.sh

interruptions: build ## Interrupt up and down at every request, in every way (hours)
	@E2E_INTERRUPTIONS=all go test ./e2e -run '^TestInterruptedOnce$$' -count=1 -v -timeout 24h

stacks: ## List the stacks that can be rehearsed and deployed
	@printf '%s\n' $(STACKS)

clean: ## Remove what was built; the local cloud's state stays ("make down" removes what is in it)
	@rm -rf $(BIN)

help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { gsub(/\$$\$$/, "$$", $$2); printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# Programs. Go knows better than make what is up to date, so the local cloud is
# always built; that takes a second when nothing changed.

.PHONY: $(LOCAL)
$(LOCAL):
	@$(call say,Building the local cloud and the Pulumi program (some minutes the first time; seconds after that).)
	@go build -buildvcs=false -ldflags "-s -w" -o $@ ./localcloud
	@go list -deps ./app ./function/... ./transcoder >/dev/null # what the images are built from; the local cloud lets no download through

.PHONY: $(BIN)/rollback
$(BIN)/rollback:
	@go build -buildvcs=false -ldflags "-s -w" -o $@ ./infra/rollback

$(BIN)/pulumi: tools/go.mod tools/pulumi.sh
	@tools/pulumi.sh $@

$(BIN)/gotestsum $(BIN)/revive $(BIN)/staticcheck: tools/go.mod
	@$(call say,Building $(@F) (half a minute the first time).)
	@cd tools && go build -buildvcs=false -ldflags "-s -w" -o ../$@ "$$(go list tool | grep '/$(@F)$$')"
