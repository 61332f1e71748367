#!/usr/bin/env python3
"""Threads, under ThreadSanitizer: no two of them at one place at a time.

Run by `make check-threads', which builds the programs for it. The stores have
more snapshots than there are threads, alike and different ones, sound and
damaged; both programs read them, and migrate builds, proves and removes.
"""
import os
import subprocess
import sys

from runs import damaged_store, legacy_store
from support import (BUILD, HERE, MIGRATE, VERIFY, Scratch, Tally, run)

JOBS = "4"
RACED = 66
tally = Tally()
os.environ["TSAN_OPTIONS"] = f"exitcode={RACED} halt_on_error=0"


def store(where, kind, layout):
    subprocess.run([sys.executable, os.path.join(HERE, "store.py"),
                    "--kind", kind, "--layout", layout, "--domains", "4",
                    "--snapshots", "40", where], check=True,
                   stdout=subprocess.DEVNULL)


def clean(what, *words, status=0):
    result = run(*words)
    tally.check(result.returncode == status and b"ThreadSanitizer" not in
                result.stderr, what, (result.returncode, result.stderr[:3000]))


def each(base, name, status=0):
    verify = [VERIFY, "--jobs=" + JOBS]
    for more in ([], ["--no-memo"], ["--list", "--format=json"],
                 ["--schema=" + os.path.join(HERE, "..", "schemas",
                                             "domainsnapshot.rng")]):
        clean(f"verify {name} {more}", *verify, *more, base, status=status)


def unit(name):
    """Their own threads."""
    clean(name, os.path.join(BUILD, "tests", name))


if __name__ == "__main__":
    with open(VERIFY, "rb") as program:
        assert b"__tsan_init" in program.read(), "run make check-threads"
    for test in ("test-crew", "test-crew-help", "test-memo"):
        unit(test)
    with Scratch() as scratch:
        for kind in ("internal", "external", "drifting"):
            for layout, way in (("legacy", []), ("bulk", ["--export"])):
                base = os.path.join(scratch, kind + layout)
                store(base, kind, layout)
                each(base, f"{kind} {layout}")
                clean(f"migrate {kind} {way}", MIGRATE, "--jobs=" + JOBS, *way,
                      base)
        base = os.path.join(scratch, "sound")
        legacy_store(base)
        each(base, "a small store")
        base = os.path.join(scratch, "damaged")
        damaged_store(base)
        each(base, "a damaged store", 1)
        clean("repair", MIGRATE, "--jobs=" + JOBS, "--repair=all",
              "--backup=" + os.path.join(scratch, "kept"), base)
    tally.end()
