"""Stores, the kinds of runs that are killed, failed and cut short on them, and
what may not be lost whatever happens to a run."""
import multiprocessing
import os
import re
import shutil
from collections import namedtuple

from support import MIGRATE, differences, identities, run, tree

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


def bare(content):
    """The snapshots in a file of either layout, in a form that both share."""
    found = set()
    for element in re.findall(rb"<domainsnapshot>.*?</domainsnapshot>", content,
                              re.DOTALL):
        lines = [line.strip() for line in element.split(b"\n")]
        found.add(b"\n".join(line for line in lines
                             if not line.startswith(b"<active>")))
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


def one_domain(base):
    os.makedirs(base)
    write(base, "vm", "a", 1)
    write(base, "vm", "b", 2, 1, "a")


def one_domain_bulk(base):
    one_domain(base)
    assert run(MIGRATE, base).returncode == 0


def empty_store(base):
    for name in ("one", "two", "three"):
        os.makedirs(os.path.join(base, name))


# ELSEWHERE: BASE is not changed. MENDS: files are changed as well.
Kind = namedtuple("Kind", "label make options elsewhere suffix mends",
                  defaults=(False, b".xml", False))

KINDS = (
    Kind("migrate", legacy_store, []),
    Kind("export", bulk_store, ["--export"]),
    Kind("migrate with backup", legacy_store, ["--backup=@"]),
    Kind("export with backup", bulk_store, ["--export", "--backup=@"]),
    Kind("migrate elsewhere", legacy_store, ["--output-dir=@"], True),
    Kind("export elsewhere", bulk_store, ["--export", "--output-dir=@"], True),
    Kind("merge into bulk", differing_store,
         ["--merge=legacy", "--backup=@"]),
    Kind("merge into directories", differing_store,
         ["--export", "--merge=bulk", "--backup=@"]),
    Kind("migrate without suffix", swappable_store, ["--no-suffix"],
         suffix=b""),
    Kind("only empty directories", empty_store, []),
    Kind("export without suffix", swapped_store, ["--no-suffix", "--export"],
         suffix=b""),
    Kind("repair what is safe", safely_damaged_store,
         ["--export", "--repair=safe", "--backup=@"], mends=True),
    Kind("repair and migrate", safely_damaged_store,
         ["--repair=safe", "--backup=@"], mends=True),
    Kind("repair all", damaged_store,
         ["--export", "--repair=all", "--backup=@"], mends=True),
    Kind("repair all and migrate", damaged_store,
         ["--repair=all", "--backup=@"], mends=True),
)


class Scene:
    """Directories for one kind of run, and what has to be true of them.

    Call fresh() before each run, which is of self.words, and then what is
    wanted of lost() and amiss().
    """

    def __init__(self, scratch, kind):
        self.kind = kind
        self.start = os.path.join(scratch, "start")
        self.base = os.path.join(scratch, "base")
        self.out = os.path.join(scratch, "out")
        self.words = [MIGRATE, "--jobs=1",
                      *(word.replace("@", self.out) for word in kind.options),
                      self.base]
        kind.make(self.start)
        self.before = contents(self.start)
        self.known = set()  # states from which a rerun is known to go right

    def fresh(self):
        shutil.rmtree(self.base, ignore_errors=True)
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.start, self.base, symlinks=True)

    def whole(self):
        """A run to the end, which all others are held against."""
        self.fresh()
        result = run(*self.words)
        self.end, self.end_out = tree(self.base), tree(self.out)
        self.states = [self.before]
        if not self.kind.elsewhere:
            self.states.append(contents(self.base))
        return result

    def is_possible(self, tally):
        """Do whole() first; False, and said, if names cannot be exchanged."""
        result = self.whole()
        if b"RENAME_EXCHANGE" in result.stderr:
            tally.skip(self.kind.label + ": this file system cannot exchange "
                                         "names")
            return False
        tally.check(result.returncode == 0, self.kind.label + ": a whole run",
                    result.stdout + result.stderr)
        return True

    def lost(self):
        """What no layout holds any more, or nothing at all."""
        if self.kind.mends:
            return lost_in_repair(self.before, self.base, self.out)
        now = contents(self.base)
        held = set().union(*map(bare, now.values()),
                           *map(bare, contents(self.out).values()))
        return lost_domains(self.states, now, self.kind.suffix) + \
            sorted(set().union(*map(bare, self.before.values())) - held)

    def is_end(self):
        return tree(self.base) == self.end and \
            set(self.end_out) <= set(tree(self.out))

    def amiss(self):
        """What is wrong with a rerun, or with one more; None if nothing is.
        The directories are used up by it."""
        state = hash((frozenset(tree(self.base).items()),
                      frozenset(tree(self.out).items())))
        if state in self.known:
            return None
        again = run(*self.words)
        if again.returncode or not self.is_end():
            return ("a rerun", again.returncode, again.stdout + again.stderr,
                    differences(tree(self.base), self.end))
        quiet = identities(self.base)
        third = run(*self.words)
        if third.returncode or identities(self.base) != quiet:
            return ("a third run", third.returncode,
                    third.stdout + third.stderr)
        self.known.add(state)
        return None


def side_by_side(tally, function, items):
    """Call FUNCTION for each of the items, each in a process of its own, and add
    up what it passes and fails. It returns a number; theirs are the result."""
    numbers = []
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for counts, number in pool.imap(
                _one, [(tally, function, item) for item in items], 1):
            tally.passed += counts[0]
            tally.failed += counts[1]
            tally.skipped += counts[2]
            numbers.append(number)
    return numbers


def _one(task):
    tally, function, item = task
    tally.passed = tally.failed = tally.skipped = 0
    number = function(tally, item)
    return (tally.passed, tally.failed, tally.skipped), number
