"""A system in a directory, in which dpkg and rpm install packages.

Its programs are this machine's, bound there read-only in a mount namespace of
our own. What is written to is made anew for each test: the package managers'
books, the snapshot directory, the helper's state. The toy package in it ships
nothing but its scripts.
"""
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

from runs import write
from support import (BUILD, HERE, MIGRATE, VERIFY, Scratch, differences, run,
                     tree, unpack, without_empty)

HELPER = os.path.join(HERE, "..", "packaging", "maintscript",
                      "virt-snapshot-maintscript")
HOLD = os.path.join(BUILD, "tests", "hold-lock")
KILL = os.path.join(BUILD, "tests", "killbefore")
INSIDE = "--inside"
# They say what they were asked for, and know which units are said to run.
LOGGER = """#!/bin/sh
printf '%s\\n' "$*" >>/log
"""
SYSTEMCTL = """#!/bin/sh
case $1 in
is-active) grep -qx "$3" /active; exit ;;
stop) shift; echo "stop $*" >>/units
    for unit; do sed -i "/^$unit\\$/d" /active; done ;;
start) shift; echo "start $*" >>/units; printf '%s\\n' "$@" >>/active ;;
esac
"""
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
# The leak checker traces its own process, which may be traced by ours.
PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DPKG_COLORS": "never",
        "ASAN_OPTIONS": "detect_leaks=0"}
LINE = 'virt-snapshot-maintscript --since=2.0 %s -- "$@"'
# As debhelper writes them, they end well whatever they are called with.
SCRIPT = """#!/bin/sh
set -e
%s
case $FAIL in *"%s-%s-$1;"*) echo "fails on purpose" >&2; exit 1 ;; esac
exit 0
"""


def program(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o755)


class System:
    """The directory, and what it holds at the start of each test."""

    def __init__(self, scratch):
        self.scratch = scratch
        self.top = os.path.join(scratch, "system")
        self.base = self.at("var/lib/libvirt/qemu/snapshot")
        self.states = self.at("var/lib/virt-snapshot-tools")
        self.start, _ = unpack("real-libvirt-9.0.0", scratch)
        self.holder = None
        self.make_programs()
        self.legacy = tree(os.path.join(self.start, "snapshot"))
        copy = os.path.join(scratch, "bulk")
        shutil.copytree(os.path.join(self.start, "snapshot"), copy)
        assert run(MIGRATE, "--quiet", copy).returncode == 0
        self.bulk = tree(copy)

    def at(self, path):
        return os.path.join(self.top, path)

    def make_programs(self):
        os.makedirs(self.at("usr/sbin"))
        for name in os.listdir("/usr"):
            if name not in ("sbin", "local", "src"):
                self.bind(os.path.join("/usr", name))
        for name in ("bin", "sbin", "lib", "lib32", "lib64"):
            path = os.path.join("/", name)
            if os.path.islink(path):
                os.symlink(os.readlink(path), self.at(name))
            elif name != "sbin" and os.path.isdir(path):
                self.bind(path)
        for name in ("null", "zero", "random", "urandom"):
            self.bind("/dev/" + name)
        self.bind("/proc")
        for path in (MIGRATE, VERIFY, HELPER):
            shutil.copy(path, self.at("usr/sbin"))
        program(self.at("usr/sbin/logger"), LOGGER)
        program(self.at("usr/sbin/systemctl"), SYSTEMCTL)

    def bind(self, path):
        place = self.at(path.lstrip("/"))
        if os.path.isdir(path):
            os.makedirs(place)
        else:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "xb"):
                pass
        libc = ctypes.CDLL(None, use_errno=True)
        bound, again, read_only = 4096, 32, 1
        for flags in (bound, bound | again | read_only):
            if libc.mount(os.fsencode(path), os.fsencode(place), None,
                          flags, None):
                if path == "/proc" and flags != bound:
                    continue
                raise OSError(ctypes.get_errno(), "mount " + path)

    def fresh(self, snapshots=True):
        """As it was: nothing installed, the snapshots in directories."""
        for name in ("var", "run", "etc", "tmp"):
            shutil.rmtree(self.at(name), ignore_errors=True)
        for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates",
                     "var/lib/rpm", "var/tmp", "run/libvirt/qemu",
                     "etc/libvirt", "etc/rpm", "tmp"):
            os.makedirs(self.at(name))
        for name in ("var/lib/dpkg/status", "log", "units", "active"):
            with open(self.at(name), "wb"):
                pass
        with open(self.at("etc/rpm/macros"), "w", encoding="ascii") as file:
            file.write("%_dbpath /var/lib/rpm\n")
        if snapshots:
            shutil.copytree(os.path.join(self.start, "snapshot"), self.base)
            shutil.copytree(os.path.join(self.start, "domains"),
                            self.at("etc/libvirt/qemu"))

    def damage(self):
        """A domain that a conversion refuses, whatever the layout."""
        write(self.base, "damaged", "child", 1, 1, "nowhere")

    def run_units(self, *units):
        os.makedirs(self.at("run/systemd/system"))
        with open(self.at("active"), "w", encoding="ascii") as file:
            file.write("".join(unit + "\n" for unit in units))

    def text(self, name):
        with open(self.at(name), encoding="utf-8") as file:
            return file.read()

    def hold(self):
        """As libvirt would: its lock is held until release()."""
        held = run(HOLD, self.at("run/libvirt/qemu/driver.pid"))
        self.holder = int(held.stdout)

    def release(self):
        os.kill(self.holder, 9)
        self.holder = None

    def snapshots(self):
        return tree(self.base) if os.path.isdir(self.base) else {}

    def layout(self):
        """legacy, bulk: all as it was or as a conversion makes it; or a list
        of what is neither."""
        now = self.snapshots()
        # A directory that nothing was in does not come back.
        if not differences(now, self.legacy) or \
                not differences(now, without_empty(self.legacy)):
            return "legacy"
        wrong = differences(now, self.bulk)
        return wrong[:2] + [len(wrong)] if wrong else "bulk"

    def state(self):
        """What the helper wrote down: layout and status."""
        try:
            lines = self.text("var/lib/virt-snapshot-tools/toy.state")
        except FileNotFoundError:
            return None
        found = dict(line.split(": ", 1) for line in lines.splitlines()
                     if ": " in line and not line.startswith(" "))
        return found["Layout"], found["Status"]

    def helper(self, *words, user="0:0"):
        """The helper, as an administrator of that system calls it."""
        return run("/usr/sbin/chroot", "--userspec=" + user, self.top,
                   "/usr/sbin/virt-snapshot-maintscript", *words,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


class Dpkg:
    """A system and the versions of the toy package."""

    def __init__(self, system, tally):
        self.system = system
        self.tally = tally
        self.packages = {}
        for name, line in (("1.0", ""), ("1.5", LINE % ""),
                           ("2.0", LINE % ""), ("3.0", LINE % ""),
                           ("2.0+stop", LINE % "--stop=virtqemud.socket,"
                            "virtqemud.service"),
                           ("2.0+keep", LINE % "--backup=/var/tmp/kept")):
            self.build(name, line)
        self.build("1.0", "", "bare", ())
        self.build("1.0", "case $0,$FAIL in *preinst,kill*) "
                   "kill -9 ${FAIL#kill } ;; esac", "ends libvirt")

    def build(self, version, line, name=None, scripts=SCRIPTS):
        top = folder(self.system.scratch, "package")
        os.chmod(top, 0o755)
        os.mkdir(os.path.join(top, "DEBIAN"))
        with open(os.path.join(top, "DEBIAN", "control"), "w",
                  encoding="ascii") as file:
            file.write(f"Package: toy\nVersion: {version}\n"
                       "Architecture: all\nDescription: a toy\n"
                       "Maintainer: virt-snapshot-tools developers "
                       "<nobody@example.org>\n")
        for script in scripts:
            path = os.path.join(top, "DEBIAN", script)
            with open(path, "w", encoding="ascii") as file:
                file.write(SCRIPT % (line, version, script))
            os.chmod(path, 0o755)
        made = os.path.join(self.system.scratch, f"{name or version}.deb")
        built = run("dpkg-deb", "-b", top, made)
        assert built.returncode == 0, built
        self.packages[name or version] = made

    def words(self, *words):
        return ("dpkg", "--root=" + self.system.top, "--log=/dev/null",
                "--force-unsafe-io",
                *(self.packages.get(word, word) for word in words))

    def __call__(self, *words, fail="", before=()):
        result = run(*before, *self.words(*words), env={**PATH, "FAIL": fail})
        result.text = os.fsdecode(result.stdout + result.stderr)
        return result

    def status(self):
        """Version and state of the package, in dpkg's words."""
        asked = run("dpkg-query", "--admindir=" +
                    self.system.at("var/lib/dpkg"), "-W", "-f",
                    "${Version} ${db:Status-Status}", "toy")
        return asked.stdout.decode()

    def expect(self, label, status, layout, state, detail=""):
        found = (self.status(), self.system.layout(), self.system.state())
        self.tally.check(found == (status, layout, state), label,
                         (found, detail))

    def installed(self, *versions, **options):
        """Start afresh with these installed, one over the other."""
        self.system.fresh(**options)
        for version in versions:
            result = self("-i", version)
            assert result.returncode == 0, result.text


def in_namespace(tally, tests, *needed):
    """Run TESTS with a system, in a mount namespace of our own; the directory
    is removed outside of it, where nothing is bound."""
    if sys.argv[1:2] == [INSIDE]:
        tests(System(sys.argv[2]))
        tally.end()
    missing = [name for name in (*needed, "unshare", "chroot")
               if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if missing:
        tally.skip("not installed: " + ", ".join(missing))
    elif os.geteuid() != 0:
        tally.skip("only root can install packages")
    elif run("unshare", "-m", "true").returncode != 0:
        tally.skip("no mount namespaces here")
    else:
        with Scratch() as scratch:
            sys.exit(subprocess.run(
                ["unshare", "-m", sys.executable, sys.argv[0], INSIDE,
                 scratch], check=False).returncode)
    tally.end()


def folder(scratch, name):
    return tempfile.mkdtemp(prefix=name + "-", dir=scratch)
