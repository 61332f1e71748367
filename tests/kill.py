#!/usr/bin/env python3
"""Killed before any system call that changes something, and run again.

For N = 1, 2, 3 ... until a run passes untouched: kill the program before its
Nth changing call; every snapshot must then stand complete in one of the
layouts; a rerun must end where a run without a kill ends, and a third run must
change nothing. The rerun is killed as well, at a few places.
"""
import multiprocessing
import os
import shutil

from support import (BUILD, MIGRATE, Scratch, Tally, differences,
                     identities, run, tree)

KILL = os.path.join(BUILD, "tests", "killbefore")
KILLED = 99
tally = Tally()
# The leak checker traces its own process, which is traced by ours.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0"

WARNING = b"""<!--
WARNING: THIS IS AN AUTO-GENERATED FILE. CHANGES TO IT ARE LIKELY TO BE
OVERWRITTEN AND LOST. Changes to this xml configuration should be made using:
  virsh snapshot-edit
or other application using the libvirt API.
-->

"""
SNAPSHOT = """<domainsnapshot>
  <name>%s</name>
  <state>shutoff</state>
%s  <creationTime>%d</creationTime>
  <domain>
    <name>%s</name>
    <uuid>6f9d2c1e-0000-4000-8000-000000000001</uuid>
  </domain>
  <active>%d</active>
</domainsnapshot>
"""


def write(base, domain, name, created, active=0, parent=None):
    folder = os.path.join(base, domain)
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name + ".xml")
    above = ""
    if parent:
        above = f"  <parent>\n    <name>{parent}</name>\n  </parent>\n"
    with open(path, "wb") as file:
        file.write(WARNING + (SNAPSHOT % (name, above, created, domain,
                                          active)).encode())
    os.chmod(path, 0o600)


def legacy_store(base):
    """A clash chain, a branch, an empty and a shared directory."""
    os.makedirs(base)
    write(base, "foo", "a", 1)
    write(base, "foo", "b", 2, 1, "a")
    write(base, "foo.xml", "a", 1, 1)
    write(base, "foo.xml.xml", "c", 1)
    write(base, "plain", "one", 1)
    write(base, "plain", "two", 2, 0, "one")
    write(base, "plain", "three", 3, 1, "one")
    write(base, "shared", "s", 5, 1)
    with open(os.path.join(base, "shared", "notes.txt"), "w",
              encoding="ascii") as file:
        file.write("golden image\n")
    os.mkdir(os.path.join(base, "empty"))


def bulk_store(base):
    legacy_store(base)
    result = run(MIGRATE, base)
    assert result.returncode == 0, result


def swappable_store(base):
    """Directories that may become files: nothing else lies in them."""
    legacy_store(base)
    shutil.rmtree(os.path.join(base, "shared"))


def swapped_store(base):
    swappable_store(base)
    run(MIGRATE, "--no-suffix", base)


def differing_store(base):
    """Both layouts: an old bulk file, and snapshots taken after a downgrade."""
    os.makedirs(base)
    write(base, "vm", "old", 1)
    write(base, "vm", "kept", 2, 1, "old")
    assert run(MIGRATE, base).returncode == 0
    write(base, "vm", "old", 1)
    write(base, "vm", "new", 9, 1, "old")


def contents(base):
    """The bytes of every file below BASE, staging apart."""
    return {name: entry[3] for name, entry in tree(base).items()
            if entry[3] is not None and b".virt-snapshot-migrate" not in name}


def layouts(files, suffix):
    """The files of each domain in each layout: only the type tells them."""
    found = {}
    for name, content in files.items():
        if b"/" in name:
            key = (name.split(b"/")[0], "legacy")
        else:
            key = (name[:len(name) - len(suffix)], "bulk")
        found.setdefault(key, {})[name] = content
    return found


def lost_domains(states, now, suffix):
    """Domains of which no layout holds all that it holds in one of STATES."""
    lost = []
    wanted = {}
    for state in states:
        for (domain, layout), files in layouts(state, suffix).items():
            wanted.setdefault(domain, []).append(files)
    for domain, choices in wanted.items():
        if not any(all(now.get(name) == content
                       for name, content in files.items())
                   for files in choices):
            lost.append(domain)
    return lost


def loop(label, make, options, elsewhere=False, suffix=b".xml"):
    with Scratch() as scratch:
        start = os.path.join(scratch, "start")
        base = os.path.join(scratch, "base")
        out = os.path.join(scratch, "out")
        make(start)
        before = contents(start)
        words = [MIGRATE] + [word.replace("@", out) for word in options] + \
            [base]

        def fresh():
            shutil.rmtree(base, ignore_errors=True)
            shutil.rmtree(out, ignore_errors=True)
            shutil.copytree(start, base, symlinks=True)

        fresh()
        whole = run(*words)
        if b"RENAME_EXCHANGE" in whole.stderr:
            tally.skip(label + ": this file system cannot exchange names")
            return
        tally.check(whole.returncode == 0, label + ": a whole run",
                    whole.stdout + whole.stderr)
        end, end_out = tree(base), tree(out)
        states = [before] if elsewhere else [before, contents(base)]
        kills = 0
        good = True
        for number in range(1, 2000):
            fresh()
            cut = run(KILL, str(number), *words)
            if cut.returncode != KILLED:
                good &= tally.check(cut.returncode == 0,
                                    f"{label}: call {number} is behind the "
                                    "end", cut.stderr)
                break
            kills += 1
            lost = lost_domains(states, contents(base), suffix)
            if lost:
                good = tally.check(False, f"{label}: lost at {number}", lost)
            # A rerun that is cut as well, at another place each time.
            run(KILL, str(1 + number % 7), *words)
            lost = lost_domains(states, contents(base), suffix)
            if lost:
                good = tally.check(False, f"{label}: lost in the rerun after "
                                          f"{number}", lost)
            again = run(*words)
            if again.returncode or tree(base) != end or \
                    not set(end_out) <= set(tree(out)):
                good = tally.check(False, f"{label}: rerun after {number}",
                                   (again.stdout + again.stderr,
                                    differences(tree(base), end)))
            quiet = identities(base)
            third = run(*words)
            if third.returncode or identities(base) != quiet:
                good = tally.check(False, f"{label}: third run after {number}",
                                   third.stdout + third.stderr)
        tally.check(good and kills > 5, f"{label}: {kills} kills")
        print(f"  {label}: killed before each of {kills} calls")


def one_domain(base):
    os.makedirs(base)
    write(base, "vm", "a", 1)
    write(base, "vm", "b", 2, 1, "a")


def one_domain_bulk(base):
    one_domain(base)
    assert run(MIGRATE, base).returncode == 0


def called(words):
    """The names of the changing calls of a whole run, in order."""
    listed = run(KILL, "--list", *words)
    tally.check(listed.returncode == 0, "it ran", listed.stderr)
    return [line.split()[1] for line in listed.stderr.decode().split("\n")
            if line[:1].isdigit()]


def order(label, make, options):
    """Invariants 2 and 3: what is on disk before what is done.

    Written, synced, renamed, synced, (kept, synced,) removed: in a run with one
    domain no call of a later step may come before one of an earlier.
    """
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        make(base)
        words = [word.replace("@", os.path.join(scratch, "kept"))
                 for word in options]
        calls = called([MIGRATE, *words, base])
        placed = calls.index("renameat2")
        synced = placed + calls[placed:].index("fsync")
        removed = synced + calls[synced:].index("unlinkat")
        tally.check("syncfs" in calls[:placed] and
                    "write" not in calls[calls.index("syncfs"):placed],
                    label + ": synced before it is renamed in", calls)
        tally.check("unlinkat" not in calls[:synced],
                    label + ": nothing removed before that is synced", calls)
        if "--backup=@" in options:
            kept = [i for i, call in enumerate(calls) if call == "syncfs"][-1]
            tally.check("write" in calls[synced:kept] and
                        kept < calls.index("unlinkat", kept) and
                        "write" not in calls[kept:],
                        label + ": kept and synced before it is removed", calls)
        tally.check(removed > synced, label + ": removed in the end", calls)


def order_of_rerun():
    """The same after a kill right behind a swap: what was swapped in may not
    be on disk yet when the rerun finds the old copy in staging."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "base")
        one_domain(base)
        words = [MIGRATE, "--no-suffix", base]
        listed = os.path.join(scratch, "listed")
        shutil.copytree(base, listed)
        calls = called(words[:-1] + [listed])
        if "renameat2" not in calls:
            tally.skip("order of a rerun: names cannot be exchanged here")
            return
        run(KILL, str(calls.index("renameat2") + 2), *words)
        again = called(words)
        removed = again.index("unlinkat")
        tally.check({"syncfs", "fsync"} <= set(again[:removed]),
                    "order of a rerun: synced before the old copy goes", again)


def empty_store(base):
    for name in ("one", "two", "three"):
        os.makedirs(os.path.join(base, name))


LOOPS = (
    ("migrate", legacy_store, []),
    ("export", bulk_store, ["--export"]),
    ("migrate with backup", legacy_store, ["--backup=@"]),
    ("export with backup", bulk_store, ["--export", "--backup=@"]),
    ("migrate elsewhere", legacy_store, ["--output-dir=@"], True),
    ("merge into bulk", differing_store, ["--merge=legacy", "--backup=@"]),
    ("merge into directories", differing_store,
     ["--export", "--merge=bulk", "--backup=@"]),
    ("migrate without suffix", swappable_store, ["--no-suffix"], False, b""),
    ("only empty directories", empty_store, []),
    ("export without suffix", swapped_store, ["--no-suffix", "--export"],
     False, b""),
)


def one(words):
    """One loop in a process of its own; what came of it."""
    tally.passed = tally.failed = tally.skipped = 0
    loop(*words)
    return tally.passed, tally.failed, tally.skipped


if __name__ == "__main__":
    assert os.path.exists(KILL), KILL + " is missing: run make check"
    order("order of migrate", one_domain, [])
    order("order of export", one_domain_bulk, ["--export"])
    order("order with backup", one_domain_bulk, ["--export", "--backup=@"])
    order_of_rerun()
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for passed, failed, skipped in pool.imap(one, LOOPS, 1):
            tally.passed += passed
            tally.failed += failed
            tally.skipped += skipped
    tally.end()
