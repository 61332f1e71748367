#!/usr/bin/env python3
"""Killed before any system call that changes something, and run again.

For N = 1, 2, 3 ... until a run passes untouched: kill the program before its
Nth changing call; every snapshot must then stand complete in one of the
layouts; a rerun must end where a run without a kill ends, and a third run must
change nothing. The rerun is killed as well, at a few places.

Before that, the order of the syncs: what a run writes, renames, copies into the
backup and removes must come in the order of convert.c's invariants.
"""
import multiprocessing
import os
import re
import resource
import shutil

from support import (BUILD, FULL, MIGRATE, Scratch, Tally, differences,
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


def damage(path, old, new):
    with open(path, "rb") as file:
        content = file.read()
    assert old in content, (path, old)
    with open(path, "wb") as file:
        file.write(content.replace(old, new))


def safely_damaged_store(base):
    """What --repair=safe mends, all in one directory."""
    os.makedirs(base)
    folder = os.path.join(base, "vm")
    none = b"  <active>0</active>\n"
    write(base, "vm", "a", 1, 1)
    write(base, "vm", "b", 2, 0, "a")
    damage(os.path.join(folder, "b.xml"), none, b"")
    shutil.copy2(os.path.join(folder, "a.xml"),
                 os.path.join(folder, "a.xml.new"))
    # Two changes of one file; one that waits for a name; and the only copies.
    for name, file in (("c", "x.xml"), ("d", "c.xml"), ("e", "e.bak"),
                       ("f", "f.xml.new")):
        write(base, "vm", name, 3, 0, "f" if name == "c" else None)
        os.rename(os.path.join(folder, name + ".xml"),
                  os.path.join(folder, file))
    damage(os.path.join(folder, "x.xml"), none, b"")
    # The same twice: it has to go before the one that stays is rewritten.
    write(base, "vm", "g", 4)
    damage(os.path.join(folder, "g.xml"), none, b"")
    shutil.copy2(os.path.join(folder, "g.xml"),
                 os.path.join(folder, "twin.xml"))
    # One of these gets the name, the other goes.
    write(base, "vm", "h", 5)
    os.rename(os.path.join(folder, "h.xml"), os.path.join(folder, "h.2023"))
    shutil.copy2(os.path.join(folder, "h.2023"),
                 os.path.join(folder, "h.2024"))
    write(base, "sound", "s", 1, 1)


def damaged_store(base):
    """And what only --repair=all mends; a bulk file as well."""
    write(base, "db", "a", 1, 1)
    write(base, "db", "b", 2, 0, "a")
    assert run(MIGRATE, base).returncode == 0
    bulk = os.path.join(base, "db.xml")
    damage(bulk, b"<name>a</name>\n    </parent>",
           b"<name>z</name>\n    </parent>")
    damage(bulk, b"current='a'", b"current='z'")
    write(base, "both", "a", 1, 1, "gone")
    write(base, "both", "b", 2, 1, "torn")
    write(base, "both", "c", 3, 1, "e")
    write(base, "both", "d", 4, 0, "c")
    write(base, "both", "e", 5, 0, "d")
    write(base, "both", "torn", 6)
    torn = os.path.join(base, "both", "torn.xml")
    damage(torn, b"</domainsnapshot>\n", b"")
    # A later .new that is the same as what will be rewritten; and one that
    # counts, and is rewritten, when what it was to replace is gone.
    late = os.path.join(base, "both", "a.xml.new")
    shutil.copy2(late[:-4], late)
    os.utime(late, (2000000000, 2000000000))
    write(base, "both", "only", 7)
    only = os.path.join(base, "both", "only.xml")
    shutil.copy2(only, only + ".new")
    damage(only, b"</domainsnapshot>\n", b"")
    damage(only + ".new", b"  <active>0</active>\n", b"")
    # Of two that count then, it is always the same one that gets the name.
    write(base, "both", "two", 8)
    two = os.path.join(base, "both", "two.xml")
    shutil.copy2(two, two + ".new")
    shutil.copy2(two, two + ".z")
    damage(two, b"</domainsnapshot>\n", b"")
    with open(os.path.join(base, "both", "n.xml"), "wb") as file:
        file.write(WARNING + (SNAPSHOT % ("b", "", 7, "both", 1)).encode())
    safely = os.path.join(base, "safely")
    safely_damaged_store(safely)
    os.rename(os.path.join(safely, "vm"), os.path.join(base, "vm"))
    shutil.rmtree(safely)


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


def plain(content):
    """The snapshots in a file of either layout, without what a repair changes
    in them; only whole ones."""
    found = set()
    for element in re.findall(rb"<domainsnapshot>.*?</domainsnapshot>", content,
                              re.DOTALL):
        element = re.sub(rb"<parent>.*?</parent>", b"", element,
                         flags=re.DOTALL)
        element = re.sub(rb"<active>.*?</active>", b"", element)
        found.add(re.sub(rb"\s+", b" ", element))
    return found


def lost_in_repair(before, base, kept):
    """Snapshots that no file of BASE holds any more, whatever the repair made
    of it, and files that stand neither there nor in the backup."""
    now = contents(base)
    held = set().union(*map(plain, now.values()))
    saved = set(now.values()) | set(contents(kept).values())
    lost = []
    for name, content in before.items():
        if not plain(content) <= held and not name.endswith(b"/n.xml"):
            lost.append((name, "a snapshot"))
        if content not in saved:
            lost.append((name, "its bytes"))
    return lost


def loop(label, make, options, elsewhere=False, suffix=b".xml", mends=False):
    with Scratch() as scratch:
        start = os.path.join(scratch, "start")
        base = os.path.join(scratch, "base")
        out = os.path.join(scratch, "out")
        make(start)
        before = contents(start)
        words = [MIGRATE, "--jobs=1"] + [word.replace("@", out) for word in options] + \
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

        def lost_now():
            if mends:
                return lost_in_repair(before, base, out)
            return lost_domains(states, contents(base), suffix)

        for number in numbers(mends):
            fresh()
            cut = run(KILL, str(number), *words)
            if cut.returncode != KILLED:
                good &= tally.check(cut.returncode == 0,
                                    f"{label}: call {number} is behind the "
                                    "end", cut.stderr)
                break
            kills += 1
            lost = lost_now()
            if lost:
                good = tally.check(False, f"{label}: lost at {number}", lost)
            # A rerun that is cut as well, at another place each time.
            run(KILL, str(1 + number % 7), *words)
            lost = lost_now()
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
        print(f"  {label}: killed before {kills} calls")


def numbers(long):
    """The calls to kill before: if it has to be quick, from some point on every
    third only, and of a long run every seventh."""
    number = 1
    while number < 2000:
        yield number
        step = 7 if long else 3
        number += 1 if FULL or number < 12 else step


def one_domain(base):
    os.makedirs(base)
    write(base, "vm", "a", 1)
    write(base, "vm", "b", 2, 1, "a")


def one_domain_bulk(base):
    one_domain(base)
    assert run(MIGRATE, base).returncode == 0


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
    ("repair what is safe", safely_damaged_store,
     ["--export", "--repair=safe", "--backup=@"], False, b".xml", True),
    ("repair and migrate", safely_damaged_store,
     ["--repair=safe", "--backup=@"], False, b".xml", True),
    ("repair all", damaged_store, ["--export", "--repair=all", "--backup=@"],
     False, b".xml", True),
    ("repair all and migrate", damaged_store, ["--repair=all", "--backup=@"],
     False, b".xml", True),
)


def one(words):
    """One loop in a process of its own; what came of it."""
    tally.passed = tally.failed = tally.skipped = 0
    loop(*words)
    return tally.passed, tally.failed, tally.skipped


if __name__ == "__main__":
    assert os.path.exists(KILL), KILL + " is missing: run make check"
    orders()
    order_of_rerun()
    order_of_rerun_with_backup()
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for passed, failed, skipped in pool.imap(one, LOOPS, 1):
            tally.passed += passed
            tally.failed += failed
            tally.skipped += skipped
    tally.end()
