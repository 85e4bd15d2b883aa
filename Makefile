# The front door; CMake does the work (CMakePresets.json). Each target sets up what it needs.
.PHONY: demo build test check bench qwq-shape real-model fuzz format organism install uninstall deb wheel clean help
.DEFAULT_GOAL := help
PREFIX ?= /usr/local
INSTALLED ?= build/install/install_manifest.txt
FUZZ_SECONDS ?= 60
JOBS := $(shell nproc)
QUIET = >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }

help: ## say what the targets do
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 12

demo: build ## the whole study on two embedded model organisms: minutes, each ends with its report's path
	build/fluidrep run configs/demo.yaml
	build/fluidrep run configs/demo-ambiguous.yaml

build: ## the program, in build/fluidrep
	@scripts/setup
	@cmake --preset default $(QUIET)
	@cmake --build build --target fluidrep -- --quiet

test: ## build everything with warnings as errors, run every test
	@scripts/setup --test --organism
	@cmake --preset test $(QUIET)
	@cmake --build build/test -- --quiet
	@ctest --test-dir build/test --output-on-failure -j $(JOBS)

check: ## format, includes, headers, banned functions, host names; seconds of fuzzing; then the tests under sanitizers
	@scripts/setup --test --organism --check --fuzz
	@scripts/check
	@FUZZ_SECONDS=5 scripts/fuzz
	@cmake --preset sanitize $(QUIET)
	@cmake --build build/sanitize -- --quiet
	@ctest --test-dir build/sanitize --output-on-failure -j $(JOBS) -LE slow

bench: build ## throughput and overhead ratios on this machine
	build/fluidrep bench

qwq-shape: ## the paper's model at its true size with random weights: 40 minutes, 12 GB; bench/qwq_shape.py --help
	@scripts/setup --test
	@cmake --preset test $(QUIET)
	@cmake --build build/test --target fluidrep qwq_shape -- --quiet
	@python3 bench/qwq_shape.py $(QWQ_SHAPE)

real-model: ## fetch a small pretrained model (SmolLM2-135M, 90 MB; NAME=gemma: Gemma 3 270M), print its path; MODEL=FILE: prove taps and edits on FILE
ifdef MODEL
	@scripts/setup --test
	@cmake --preset test $(QUIET)
	@cmake --build build/test --target test_model_real_model -- --quiet
	@FR_REAL_MODEL="$(abspath $(MODEL))" ctest --test-dir build/test -R '^model/real_model$$' --output-on-failure
else
	@scripts/real-model $(NAME) $(if $(ACCEPT_TERMS),--accept-terms)
endif

fuzz: ## run every fuzz harness, or those named in FUZZ_ONLY, for FUZZ_SECONDS (60) each
	@scripts/setup --test --fuzz
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz

format: ## clang-format every C file
	@scripts/setup --check
	@git ls-files '*.c' '*.h' | xargs clang-format -i

organism: ## train the model organism again and write models/ (about 100 minutes)
	@scripts/setup --test --organism
	@scripts/organism

install: ## program, library and headers, into PREFIX (/usr/local)
	@scripts/setup
	@cmake --preset install -DCMAKE_INSTALL_PREFIX="$(abspath $(PREFIX))" \
	    -DFR_DATA_DIR="$(abspath $(PREFIX))/share/fluidrep" $(QUIET)
	@cmake --build build/install -- --quiet
	@cmake --install build/install --strip >build/install/install.log || { cat build/install/install.log >&2; exit 1; }
	@echo "installed into $(DESTDIR)$(abspath $(PREFIX))"
	@[ -n "$(DESTDIR)" ] || scripts/tell-loader "$(abspath $(PREFIX))/lib"

uninstall: ## take away what `make install` put in place last, and directories of its own that are empty then
	@test -f $(INSTALLED) || { echo "nothing was installed from here" >&2; exit 1; }
	@sed 's|^|$(DESTDIR)|' $(INSTALLED) | xargs -d '\n' rm -f
	@sed -n 's|^\(.*/fluidrep\)/.*|$(DESTDIR)\1|p' $(INSTALLED) | sort -u | \
	    while read -r own; do [ ! -d "$$own" ] || find "$$own" -depth -type d -empty -delete; done
	@rm $(INSTALLED)

deb: ## a package for this Debian, in build/deb
	@scripts/setup --package
	@cmake --preset install -B build/deb -DCMAKE_INSTALL_PREFIX=/usr -DFR_DATA_DIR=/usr/share/fluidrep \
	    -DFR_PORTABLE=ON -DFR_ZSH_COMPLETIONS=share/zsh/vendor-completions $(QUIET)
	@cmake --build build/deb -- --quiet
	@cd build/deb && cpack -G DEB >cpack.log || { cat cpack.log >&2; exit 1; }
	@scripts/check-deb build/deb/*.deb
	@ls build/deb/*.deb

wheel: ## the Python package, in build/wheel; it uses the library that is installed
	@scripts/setup --wheel
	@scripts/wheel build/wheel

clean: ## remove build/; libllama and the figure libraries stay in their cache
	rm -rf build
