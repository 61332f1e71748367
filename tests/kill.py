#!/usr/bin/env python3
"""Killed before any system call that changes something, and run again.

For N = 1, 2, 3 ... until a run passes untouched: kill the program before its
Nth changing call; every snapshot must then stand complete in one of the
layouts; a rerun must end where a run without a kill ends, and a third run must
change nothing. The rerun is killed as well, at a few places.

Before that, the order of the syncs: what a run writes, renames, copies into the
backup and removes must come in the order of convert.c's invariants.
"""
import os
import re
import resource
import shutil

from runs import (KINDS, Scene, bulk_store, contents, damaged_store,
                  differing_store, legacy_store, one_domain, one_domain_bulk,
                  side_by_side, swappable_store, swapped_store)
from support import BUILD, FULL, MIGRATE, Scratch, Tally, run

KILL = os.path.join(BUILD, "tests", "killbefore")
KILLED = 99
tally = Tally()
# The leak checker traces its own process, which is traced by ours.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"


def loop(tally, kind):
    """Kill one kind of run at every number; how many kills that were."""
    label = kind.label
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        if not scene.is_possible(tally):
            return 0
        kills = 0
        good = True
        for number in numbers(kind.mends):
            scene.fresh()
            cut = run(KILL, str(number), *scene.words)
            if cut.returncode != KILLED:
                good &= tally.check(cut.returncode == 0,
                                    f"{label}: call {number} is behind the "
                                    "end", cut.stderr)
                break
            kills += 1
            lost = scene.lost()
            if lost:
                good = tally.check(False, f"{label}: lost at {number}", lost)
            # A rerun that is cut as well, at another place each time.
            again = run(KILL, str(1 + number % 7), *scene.words)
            kills += again.returncode == KILLED
            lost = scene.lost()
            if lost:
                good = tally.check(False, f"{label}: lost in the rerun after "
                                          f"{number}", lost)
            amiss = scene.amiss()
            if amiss:
                good = tally.check(False, f"{label}: after {number}", amiss)
        tally.check(good and kills > 10, f"{label}: {kills} kills")
        print(f"  {label}: killed before {kills} calls")
        return kills


def numbers(long):
    """The calls to kill before: if it has to be quick, from some point on every
    fifth only, and of a long run every eleventh."""
    number = 1
    while number < 2000:
        yield number
        step = 11 if long else 5
        number += 1 if FULL or number < 12 else step


def called(words, **options):
    """The changing calls of a whole run, in order: name and path of each."""
    listed = run(KILL, "--list", *words, **options)
    tally.check(listed.returncode == 0, "it ran", listed.stderr)
    return re.findall(r"^\d+ (\S+) (.*)$", os.fsdecode(listed.stderr),
                      re.MULTILINE)


class Order:
    """Invariants 2 and 3: what is on disk before what is done.

    Written, synced, renamed, synced, (kept, synced,) removed, synced. Takes the
    calls of a run one by one, and remembers what is not synced yet.
    """

    def __init__(self, base, target, kept, start, swaps):
        self.base, self.kept, self.swaps = base, kept, swaps
        self.target = target  # BASE, or the output directory
        self.stage = os.path.join(target, ".virt-snapshot-migrate")
        self.start = start  # names of the files that there were
        self.built = False  # new copies are not synced yet
        self.entries = set()  # directories with new names in them are not
        self.gone = False  # nor BASE, out of which something was removed
        self.copied = False  # nor is what was copied into the backup
        self.copies = set()  # all that was copied there, below its layout
        self.renamed = self.removed = self.syncs = 0
        self.broken = []

    def demand(self, right, what, call):
        if not right:
            self.broken.append((what, call))

    def see(self, name, path):
        if self.kept and path.startswith(self.kept):
            self.in_backup(name, path)
        elif path.startswith(self.stage):
            self.in_stage(name, path)
        elif path.startswith(self.target) or path.startswith(self.base):
            self.in_place(name, path)

    def in_backup(self, name, path):
        self.copied = name != "syncfs"
        if name.startswith("rename"):
            self.copies.add(os.path.relpath(path, self.kept).split("/", 1)[1])

    def in_stage(self, name, path):
        if name == "syncfs":
            self.built = False
            self.syncs += 1
        elif name == "unlinkat":
            # An old copy that was swapped out: to-bulk/foo/a.xml.
            below = os.path.relpath(path, self.stage).split("/", 1)
            if self.swaps and len(below) > 1:
                self.remove(below[1], (name, path))
        elif not name.startswith("rename"):
            self.built = True

    def in_place(self, name, path):
        call = (name, path)
        above = os.path.dirname(path)
        file = os.path.relpath(path, self.base)
        if name.startswith("rename"):
            self.demand(not self.built, "renamed in before it is synced", call)
            # renameat2() has flags: it replaces nothing.
            if name == "renameat":
                self.demand(not self.copied and file in self.copies,
                            "replaced before its copy is synced", call)
            self.renamed += 1
            self.entries.add(above)
        elif name == "fsync":
            self.entries.discard(path)
            self.gone = self.gone and path != self.base
        elif name == "unlinkat":
            self.gone = self.gone or above == self.base
            self.remove(file, call)

    def remove(self, file, call):
        self.demand(not self.entries, "removed before the new one is synced",
                    call)
        if self.kept:
            self.demand(not self.copied,
                        "removed before the backup is synced", call)
            self.demand(file in self.copies or file not in self.start,
                        "removed without a copy", call)
        self.removed += 1

    def end(self):
        self.demand(not self.entries and not self.gone,
                    "not synced in the end", self.entries)


def order(label, make, options, syncs=1, files=None):
    """The calls of a run in their order. It syncs its new copies as often as it
    has waves and batches, SYNCS; FILES is how many may be open."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        other = os.path.join(scratch, "other")
        make(base)
        start = {os.fsdecode(name) for name in contents(base)}
        words = [word.replace("@", other) for word in options]

        def limit():
            if files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        if "--no-suffix" in options and not can_exchange():
            tally.skip(label + ": this file system cannot exchange names")
            return
        seen = Order(base, other if "--output-dir=@" in options else base,
                     other if "--backup=@" in options else None, start,
                     "--no-suffix" in options)
        calls = called([MIGRATE, "--jobs=1", *words, base], preexec_fn=limit)
        for name, path in calls:
            seen.see(name, path)
        seen.end()
        tally.check(not seen.broken, label, seen.broken)
        # A batch of empty directories alone has nothing to rename.
        tally.check(seen.syncs >= syncs and
                    seen.renamed >= max(1, syncs - 1) and
                    (seen.removed > 0 or "--output-dir=@" in options),
                    f"{label}: {seen.syncs} syncs, {seen.renamed} renamed, "
                    f"{seen.removed} removed", calls)


def can_exchange():
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        one_domain(base)
        return b"RENAME_EXCHANGE" not in run(MIGRATE, "--no-suffix",
                                             base).stderr


def cut_export_store(base):
    """What an export leaves that was cut short: the directory is there."""
    one_domain(base)
    with open(os.path.join(base, "vm", "a.xml"), "rb") as file:
        content = file.read()
    assert run(MIGRATE, base).returncode == 0
    os.mkdir(os.path.join(base, "vm"))
    with open(os.path.join(base, "vm", "a.xml"), "wb") as file:
        file.write(content)


def orders():
    """Of the ways through the recipe each once. Chains of names make waves; and
    where few files may be open, each domain is a batch of its own."""
    backup = ["--backup=@"]
    export = ["--export"]
    order("order of migrate", one_domain, [])
    order("order of export", one_domain_bulk, export)
    order("order with backup", one_domain_bulk, export + backup)
    order("order of an export that goes on", cut_export_store, export + backup)
    order("order elsewhere", one_domain, ["--output-dir=@"])
    order("order of waves", legacy_store, [], 3)
    order("order of waves with backup", legacy_store, backup, 3)
    order("order of waves of an export", bulk_store, export + backup, 3)
    order("order of batches", legacy_store, [], 6, 48)
    order("order of batches of an export", bulk_store, export + backup, 5, 48)
    order("order of batches elsewhere", legacy_store, ["--output-dir=@"], 5, 48)
    order("order of merge", differing_store, ["--merge=legacy"] + backup)
    order("order of merge into directories", differing_store,
          ["--merge=bulk"] + export + backup)
    order("order of a repair", damaged_store,
          ["--repair=all"] + export + backup)
    order("order of a repair and a conversion", damaged_store,
          ["--repair=all"] + backup)
    order("order without suffix", swappable_store, ["--no-suffix"] + backup)
    order("order of batches without suffix", swappable_store,
          ["--no-suffix"] + backup, 5, 48)
    order("order of export without suffix", swapped_store,
          ["--no-suffix"] + export + backup)


def order_of_rerun():
    """The same after a kill right behind a swap: what was swapped in may not
    be on disk yet when the rerun finds the old copy in staging."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        one_domain(base)
        words = [MIGRATE, "--jobs=1", "--no-suffix", base]
        listed = os.path.join(scratch, "listed")
        shutil.copytree(base, listed)
        calls = [name for name, _ in called(words[:-1] + [listed])]
        if "renameat2" not in calls:
            tally.skip("order of a rerun: names cannot be exchanged here")
            return
        run(KILL, str(calls.index("renameat2") + 2), *words)
        again = [name for name, _ in called(words)]
        removed = again.index("unlinkat")
        tally.check({"syncfs", "fsync"} <= set(again[:removed]),
                    "order of a rerun: synced before the old copy goes", again)


def sync_of_rerun():
    """Killed before its last sync of BASE a run leaves nothing to do; but the
    next one may not say so before it has synced."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        one_domain(base)
        words = [MIGRATE, "--jobs=1", base]
        listed = os.path.join(scratch, "listed")
        shutil.copytree(base, listed)
        calls = [name for name, _ in called(words[:-1] + [listed])]
        last = len(calls) - calls[::-1].index("fsync")
        run(KILL, str(last), *words)
        again = [name for name, _ in called(words)]
        tally.check("syncfs" in again, "sync of a rerun that has nothing to do",
                    again)


def order_of_rerun_with_backup():
    """There the old copy is kept, and that is synced before it goes."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        kept = os.path.join(scratch, "kept")
        if not can_exchange():
            tally.skip("order of a rerun with backup: names cannot be "
                       "exchanged here")
            return
        one_domain(base)
        words = [MIGRATE, "--jobs=1", "--no-suffix", base]
        listed = os.path.join(scratch, "listed")
        shutil.copytree(base, listed)
        calls = [name for name, _ in called(words[:-1] + [listed])]
        run(KILL, str(calls.index("renameat2") + 2), *words)
        again = called(words[:1] + [f"--backup={kept}"] + words[1:])
        removed = [i for i, (name, path) in enumerate(again)
                   if name == "unlinkat" and path.startswith(base)][0]
        copied = [i for i, (name, path) in enumerate(again[:removed])
                  if name.startswith("rename") and path.startswith(kept)]
        synced = [i for i, (name, path) in enumerate(again[:removed])
                  if name == "syncfs" and path.startswith(kept)]
        tally.check(len(copied) == 2 and synced and copied[-1] < synced[-1],
                    "order of a rerun with backup: what is kept is synced "
                    "before the old copy goes", again)


if __name__ == "__main__":
    assert os.path.exists(KILL), KILL + " is missing: run make check"
    orders()
    order_of_rerun()
    sync_of_rerun()
    order_of_rerun_with_backup()
    print(f"  {sum(side_by_side(tally, loop, KINDS))} kills in all")
    tally.end()
