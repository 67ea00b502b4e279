# The front everybody knows; meson does the work underneath. `make help` lists the targets.

BUILD    ?= build
RELEASE  ?= build-release
# Of the machine's hugepages a run may take this much, and gives it back.
HUGE_MB  ?= 512
BENCH_MB ?= 2048
BENCH_FULL_MB ?= 10240
# A program that does what is undefined ends there, or a test would go on and pass.
SANITIZED = -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=undefined
NINJA     = ninja -C $(BUILD)
INSTALL   = scripts/install-packages

all: build  ## build everything (the default)
.PHONY: all

build: $(BUILD)/build.ninja
	$(NINJA)
.PHONY: build

$(BUILD)/build.ninja:
	$(INSTALL) build
	meson setup $(BUILD)

release:  ## build what is to be installed into build-release, the data plane trained by traffic
	$(INSTALL) build
	scripts/build-release $(RELEASE)
.PHONY: release

demo: packages-demo build  ## the call between two domains, on real packets (root)
	scripts/hugepages $(HUGE_MB) /usr/bin/python3 tests/flow/demo.py --build $(BUILD)
.PHONY: demo

test: packages-test build  ## every test, with a closing line and an exit code (root)
	scripts/hugepages $(HUGE_MB) scripts/run-tests $(BUILD)
.PHONY: test

bench: packages-test release  ## measure everything once, in minutes; the report is in build/bench (root)
	scripts/hugepages $(BENCH_MB) /usr/bin/python3 bench/run.py --build $(RELEASE) --out $(BUILD)/bench
.PHONY: bench

bench-full: packages-test release  ## the same with longer trials and up to a million terminals (root)
	scripts/hugepages $(BENCH_FULL_MB) /usr/bin/python3 bench/run.py --build $(RELEASE) --out $(BUILD)/bench --full
.PHONY: bench-full

soak: build  ## a million registrations come and go, in the registrar alone and through real processes (root)
	$(BUILD)/bench/bench_registrar --bindings 1000000 --rounds 1 --soak 1000000 --people 1000000
	SEKISHO_BUILD=$(abspath $(BUILD)) /usr/bin/python3 tests/flow/flow_soak.py 1000000
.PHONY: soak

install: release  ## install the programs and their manuals; DESTDIR is honoured
	meson install -C $(RELEASE) --no-rebuild
.PHONY: install

asan: packages-test  ## every test again under ASan and UBSan, in build-asan (root)
	test -f build-asan/build.ninja || meson setup build-asan $(SANITIZED)
	ninja -C build-asan
	scripts/run-tests build-asan
.PHONY: asan

fuzz: packages-test  ## build the libFuzzer targets, in build-fuzz
	test -f build-fuzz/build.ninja || CC=clang meson setup build-fuzz -Dfuzz=true $(SANITIZED)
	ninja -C build-fuzz
.PHONY: fuzz

packages-demo:
	$(INSTALL) build demo
packages-test:
	$(INSTALL) build demo test
.PHONY: packages-demo packages-test

check-packages:  ## build in a bare Debian 12 with nothing but the package list (root)
	scripts/check-packages
.PHONY: check-packages

clean:  ## remove every build directory
	rm -rf $(BUILD) $(RELEASE) build-asan build-fuzz
.PHONY: clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16
.PHONY: help
