# virt-snapshot-tools
#
#   make            build both programs
#   make deps       install what is needed to build and test
#   make demo       show the main job on a copy of a real store
#   make check      run the tests
#   make check-more     more of each part: some ten minutes
#   make check-full     all of it: hours
#   make check-threads  what has threads, under ThreadSanitizer
#   make check-libvirt  against a real libvirt: as root; installs it and QEMU
#   make check-maintscript  upgrades and downgrades by dpkg and rpm: as root
#   make fuzz           SECONDS=60 for each target, or those in TARGETS="memo"
#   make coverage       which lines and branches the tests reach
#   make static     both programs in build/static, without any libraries
#   make dist       a tarball, the same bytes for the same commit
#   make distcheck  build, test and install what is in it
#   make deb rpm    packages, from that tarball
#   make check-packages build, judge, install, run and remove them: as root
#   make help       all targets
#
# Set as usual: CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR, V=1 for the commands,
# B=DIR for another build directory, SANITIZE=1 for ASan and UBSan, WERROR=1.
# Where things go: SBINDIR DATADIR MANDIR BASHDIR ZSHDIR, and UNITDIR for the
# systemd unit, which is not installed without it. Packages are built without
# their tests with DEB_BUILD_OPTIONS=nocheck.

VERSION = 0.1.0
B ?= build
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
DATADIR ?= $(PREFIX)/share/virt-snapshot-tools
MANDIR ?= $(PREFIX)/share/man
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
UNITDIR ?=
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g

WARNINGS = -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes \
  -Wmissing-prototypes -Wold-style-definition -Wvla -Wundef -Wwrite-strings \
  -Wpointer-arith -Wnull-dereference -Wimplicit-fallthrough -Wswitch-enum \
  -Wconversion -fno-common
PACKAGES = libxml-2.0 libxslt libexslt popt cmocka
all_cflags = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
  -DVERSION='"$(VERSION)"' $(CPPFLAGS) $(WARNINGS) \
  $(shell $(PKG_CONFIG) --cflags libxml-2.0 libxslt popt) $(CFLAGS)
libs = $(shell $(PKG_CONFIG) --libs libxml-2.0 libxslt popt) -pthread

ifdef SANITIZE
override CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=all \
  -fno-omit-frame-pointer
override LDFLAGS += -fsanitize=address,undefined
endif
ifdef WERROR
override CFLAGS += -Werror
endif
ifndef V
quiet = @printf '  %-7s %s\n' $(1) $(2);
endif

verify_src = $(filter-out verify/virt-snapshot-verify.c,$(wildcard verify/*.c))
migrate_src = $(filter-out migrate/virt-snapshot-migrate.c,$(wildcard migrate/*.c))
unit_src = $(wildcard tests/unit/test-*.c)
harness_src = $(wildcard tests/harness/*.c)
trace_src = $(wildcard tests/harness/trace/*.c)
preload = $(patsubst tests/harness/preload/%.c,$B/tests/%.so,\
  $(wildcard tests/harness/preload/*.c))
verify_obj = $(verify_src:%.c=$B/%.o) $B/verify/embedded.o
schemas = $(wildcard schemas/*.rng schemas/*.xsl)
migrate_obj = $(migrate_src:%.c=$B/%.o)
program_names = virt-snapshot-verify virt-snapshot-migrate
programs = $(program_names:%=$B/%)
unit_tests = $(unit_src:tests/unit/%.c=$B/tests/%)
harness = $(harness_src:tests/harness/%.c=$B/tests/%)
fuzz_src = $(wildcard tests/fuzz/fuzz-*.c)
fuzz_targets = $(fuzz_src:tests/fuzz/%.c=$B/tests/%)
sources = $(wildcard verify/*.[ch] migrate/*.[ch] tests/*/*.[ch] \
  tests/harness/*/*.[ch])

all: $(programs)

help:
	@sed -n 's/^#   make/make/p' Makefile
	@echo "make install uninstall clean lint bench problems check-short" \
	  "check-static help"

$B/libverify.a: $(verify_obj)
	$(call quiet,AR,$@) rm -f $@ && $(AR) rcs $@ $^

$B/libmigrate.a: $(migrate_obj)
	$(call quiet,AR,$@) rm -f $@ && $(AR) rcs $@ $^

$B/virt-snapshot-verify: $B/verify/virt-snapshot-verify.o $B/libverify.a
	$(call quiet,LINK,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libs)

$B/virt-snapshot-migrate: $B/migrate/virt-snapshot-migrate.o \
    $B/libmigrate.a $B/libverify.a
	$(call quiet,LINK,$@) $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(libs)

# Everything is built anew when the flags change; but `make install' takes what
# there is, for the flags may have been given to `make' alone.
flags = $(CC) $(all_cflags) $(LDFLAGS)
flags_file = $(if $(filter install,$(MAKECMDGOALS)),,$B/flags)
$B/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(flags))' | cmp -s - $@ || \
	  echo '$(subst ','\'',$(flags))' >$@

$B/%.o: %.c $(flags_file) Makefile
	@mkdir -p $(@D)
	$(call quiet,CC,$<) $(CC) $(all_cflags) -MMD -MP -c -o $@ $<

# The list of the schemas is a dependency too: one that goes must go from here.
$B/verify/embedded.c: verify/embed $(schemas) schemas
	@mkdir -p $(@D)
	$(call quiet,EMBED,$@) sh verify/embed $(schemas) >$@

$B/verify/embedded.o: $B/verify/embedded.c verify/embedded.h $(flags_file)
	$(call quiet,CC,$<) $(CC) $(all_cflags) -Iverify -c -o $@ $<

$B/tests/test-%: tests/unit/test-%.c $B/libmigrate.a $B/libverify.a $(flags_file)
	@mkdir -p $(@D)
	$(call quiet,LINK,$@) $(CC) $(all_cflags) $(LDFLAGS) -MMD -MP \
	  $(shell $(PKG_CONFIG) --cflags cmocka) -o $@ $(filter %.c %.a,$^) \
	  $(libs) $(shell $(PKG_CONFIG) --libs cmocka)

# With FUZZER=1 libFuzzer's main() drives them, else our own.
$B/tests/fuzz-%: tests/fuzz/fuzz-%.c $(if $(FUZZER),,$B/tests/fuzz/main.o) \
    $B/libmigrate.a $B/libverify.a $(flags_file)
	@mkdir -p $(@D)
	$(call quiet,LINK,$@) $(CC) $(all_cflags) $(LDFLAGS) -MMD -MP \
	  $(if $(FUZZER),-fsanitize=fuzzer) -o $@ $< $(filter %.o %.a,$^) \
	  $(libs)

$B/tests/%: tests/harness/%.c $(trace_src) $(flags_file)
	@mkdir -p $(@D)
	$(call quiet,LINK,$@) $(CC) $(all_cflags) $(LDFLAGS) -MMD -MP -o $@ \
	  $(filter %.c,$^)

$B/tests/%.so: tests/harness/preload/%.c $(flags_file)
	@mkdir -p $(@D)
	$(call quiet,LINK,$@) $(CC) $(all_cflags) $(LDFLAGS) -fPIC -shared -MMD -MP \
	  -o $@ $<

-include $(shell find $B -name '*.d' 2>/dev/null)

deps:
	@sh tests/install-deps $(PACKAGES)

demo: all
	@B='$B' sh tests/demo

check-programs: all $(unit_tests) $(harness) $(preload) $(fuzz_targets)

check: check-programs
	@B='$B' SANITIZE='$(SANITIZE)' FULL='$(FULL)' sh tests/run

# The unit tests and the cases: a minute.
check-short: check-programs
	@B='$B' PARTS=run-cases sh tests/run

check-more:
	@$(MAKE) --no-print-directory check FULL=more

check-full:
	@$(MAKE) --no-print-directory check FULL=all

# All under ThreadSanitizer that has threads.
threads = $(MAKE) --no-print-directory B='$B/threads' \
  CFLAGS='-O1 -g -fsanitize=thread' LDFLAGS=-fsanitize=thread
check-threads:
	@$(threads) all $(addprefix $B/threads/tests/,test-crew test-crew-help \
	  test-memo)
	@B='$B/threads' python3 tests/threads.py

coverage:
	@B='$B' sh tests/coverage

# By real package managers, dpkg and rpm: as root.
check-maintscript: all $B/tests/killbefore $B/tests/hold-lock
	@B='$B' FULL='$(FULL)' python3 tests/maintscript.py
	@B='$B' FULL='$(FULL)' python3 tests/maintscript_rpm.py
	@B='$B' python3 tests/maintscript_hostile.py

# A libvirtd of our own, in namespaces of its own: as root.
check-libvirt: all $B/tests/killbefore $B/tests/hold-lock
	@B='$B' FULL='$(FULL)' sh tests/check-libvirt

# Each target, or those in TARGETS, for so many SECONDS; with clang and its
# libFuzzer, whatever CC is.
SECONDS ?= 60
fuzz_flags = -O1 -g -fsanitize=fuzzer-no-link,address,undefined \
  -fno-sanitize-recover=all -fno-omit-frame-pointer
fuzz: all
	@if echo 'int LLVMFuzzerTestOneInput(void); int LLVMFuzzerTestOneInput(void) \
	    { return 0; }' | clang -fsanitize=fuzzer -x c -o /dev/null - \
	    >/dev/null 2>&1; then \
	  $(MAKE) --no-print-directory B='$B/fuzz' CC=clang FUZZER=1 SANITIZE= \
	    WERROR= CFLAGS='$(fuzz_flags)' fuzz-targets && \
	  B='$B' python3 tests/fuzz.py '$B/fuzz/tests' '$(SECONDS)' $(TARGETS); \
	else \
	  echo 'fuzz: skipped: clang with libFuzzer is not installed'; \
	fi

fuzz-targets: $(fuzz_targets)

lint:
	@B='$B' sh tests/lint $(sources)

# Write the list of problems in the manual page anew, from problem.def.
problems:
	@sh verify/problems-to-mdoc >$B/problems.mdoc
	@sed -i -e '/problems: begin/,/problems: end/{/problems: /!d}' \
	  -e '/problems: begin/r $B/problems.mdoc' verify/virt-snapshot-verify.8

# Programs that need nothing but a Linux: for this machine in $B/static, for
# STATIC_ARCH=aarch64 or x86_64 on another in $B/static-aarch64 or -x86_64. What
# is there is handed on, all of it; what they are made from is elsewhere. A
# thread of musl gets a stack as large as that of the first one, as with glibc.
host_arch := $(shell uname -m)
STATIC_ARCH ?= $(host_arch)
foreign = $(if $(filter-out $(host_arch),$(STATIC_ARCH)),-$(STATIC_ARCH))
static = $B/static$(foreign)
static_objects = $B/static-objects$(foreign)
static_libraries = $(static_objects)/libraries
static_pages = $(wildcard migrate/virt-snapshot-migrate.8 \
  verify/virt-snapshot-verify.8 verify/virt-snapshot-bulk.5)
rescue = $(wildcard migrate/virt-snapshot-rescue.7)
page_text = mandoc -T ascii -O width=78 $(1) | col -bx >'$(static)/$(2).txt'
static:
	@sh packaging/static-libraries '$(static_libraries)' '$(STATIC_ARCH)'
	@PKG_CONFIG_LIBDIR='$(static_libraries)/lib/pkgconfig' $(MAKE) \
	  --no-print-directory B='$(static_objects)' SANITIZE= \
	  CC='$(static_libraries)/cc' PKG_CONFIG='$(PKG_CONFIG) --static' \
	  CPPFLAGS='$(CPPFLAGS) -include packaging/static.h' CFLAGS='$(CFLAGS)' \
	  LDFLAGS='$(LDFLAGS) -static -s -Wl,-z,stack-size=8388608' all
	@rm -rf '$(static)' && mkdir '$(static)'
	@cp $(program_names:%='$(static_objects)'/%) COPYING '$(static)'
	@cp '$(static_libraries)/licences' '$(static)/COPYING.libraries'
	@! command -v mandoc >/dev/null || { : \
	  $(if $(rescue),&& $(call page_text,$(rescue),RESCUE)) \
	  $(foreach page,$(static_pages),&& \
	    $(call page_text,$(page),$(basename $(notdir $(page))))); }
	@echo '$(static)'

# On another machine's programs with qemu-user-static, where that is there.
check-static: all $B/tests/hold-lock static
	@B='$B' STATIC='$(static)' STATIC_ARCH='$(STATIC_ARCH)' \
	  python3 tests/static.py

# With QUICK=1 on small stores, once, to try the bench itself.
bench: all $B/tests/measure
	@B='$B' QUICK='$(QUICK)' python3 tests/bench.py $(PARTS)

# What is installed: a mode, a directory, and the files that go there. Pages,
# completions, the helper for maintainer scripts and the unit are taken as they
# are found; the unit only where UNITDIR says where it goes. The paths in the
# catalog, the pages and the unit become those of this installation.
pages = $(wildcard verify/*.[578] migrate/*.[578] packaging/*/*.[578])
quoted = '$(subst ','\'',$(1))'
installed = \
  each 755 $(call quoted,$(SBINDIR)) $(programs) \
    $(wildcard packaging/maintscript/virt-snapshot-maintscript) && \
  each 644 $(call quoted,$(DATADIR)) $(schemas) schemas/catalog.xml && \
  each 644 $(call quoted,$(MANDIR)/man5) $(filter %.5,$(pages)) && \
  each 644 $(call quoted,$(MANDIR)/man7) $(filter %.7,$(pages)) && \
  each 644 $(call quoted,$(MANDIR)/man8) $(filter %.8,$(pages)) && \
  each 644 $(call quoted,$(BASHDIR)) $(wildcard verify/*.bash migrate/*.bash) \
    && \
  each 644 $(call quoted,$(ZSHDIR)) $(wildcard verify/*.zsh migrate/*.zsh) && \
  each 644 $(call quoted,$(UNITDIR)) \
    $(if $(UNITDIR),$(wildcard packaging/systemd/*.service))

# The beginning of a shell command: each() calls the function put() or drop()
# with a mode, a file and where it goes. Completions lose their suffix.
destination = DESTDIR=$(call quoted,$(DESTDIR)); each() { \
  mode=$$1 dir=$$DESTDIR$$2; shift 2; \
  for file; do name=$${file\#\#*/}; \
    case $$name in *.bash) name=$${name%.bash};; \
      *.zsh) name=_$${name%.zsh};; esac; \
    act || return 1; \
  done; };
sed_text = $(subst |,\|,$(subst &,\&,$(subst \,\\,$(1))))
adapt = sed -e $(call quoted,s|/usr/local/sbin|$(call sed_text,$(SBINDIR))|g) \
  -e $(call quoted,s|/usr/local/share/virt\\*-snapshot\\*-tools|$(call \
  sed_text,$(DATADIR))|g)

install: all
	@$(destination) act() { \
	  $(if $V,echo "install -m $$mode $$file $$dir/$$name" &&) \
	  $(INSTALL) -d "$$dir" && \
	  case $$file in \
	  *.[578] | *.service | */catalog.xml) \
	    rm -f "$$dir/$$name" && $(adapt) "$$file" >"$$dir/$$name" && \
	    chmod $$mode "$$dir/$$name" ;; \
	  *) $(INSTALL) -m $$mode "$$file" "$$dir/$$name" ;; \
	  esac; }; $(installed)

# Directories are shared with others and stay, but for our own.
uninstall:
	@$(destination) act() { \
	  $(if $V,echo "rm -f $$dir/$$name" &&) rm -f "$$dir/$$name"; }; \
	$(installed)
	@data=$(call quoted,$(DESTDIR)$(DATADIR)); \
	  [ ! -d "$$data" ] || rmdir --ignore-fail-on-non-empty "$$data"

# The same bytes for the same commit, whenever, wherever and by whomever.
dist:
	@sh packaging/dist '$B' virt-snapshot-tools-$(VERSION)

# What is in the tarball builds, passes the tests and installs.
DISTCHECK_TESTS ?= check
distcheck: dist
	@MAKE='$(MAKE)' sh packaging/distcheck '$B' \
	  virt-snapshot-tools-$(VERSION) '$(DISTCHECK_TESTS)'

deb: dist
	@sh packaging/make-deb '$B' virt-snapshot-tools-$(VERSION)

rpm: dist
	@sh packaging/make-rpm '$B' virt-snapshot-tools-$(VERSION)

# The packages, the examples for CI with the tools that they build, the unit.
check-packages: all dist
	@B='$B' FULL='$(FULL)' python3 tests/own_packages.py \
	  virt-snapshot-tools-$(VERSION)
	@B='$B' FULL=more python3 tests/ci_examples.py
	@B='$B' python3 tests/systemd_unit.py

clean:
	rm -rf '$B'/verify '$B'/migrate '$B'/tests '$B'/fuzz '$B'/threads \
	  '$B'/coverage '$B'/*.a '$B'/problems.mdoc '$B'/problems.untested '$B'/flags \
	  '$B'/virt-snapshot-tools-*.tar.xz '$B'/static '$B'/static-* \
	  '$B'/deb '$B'/rpm
	rm -f $(programs)
	-rmdir '$B' 2>/dev/null || true

FORCE:

.PHONY: all FORCE help deps demo check-programs check check-more check-full \
  check-short check-libvirt check-maintscript check-static check-threads \
  coverage fuzz fuzz-targets lint problems bench static install uninstall \
  dist distcheck deb rpm check-packages clean
.DELETE_ON_ERROR:
