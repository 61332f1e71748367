#!/usr/bin/env python3
"""Somebody else at work in the directory, at any moment of a run.

Before each call N that changes something the run stands still, and an outsider
rewrites, adds, removes or replaces a file; then the run goes on. Neither it nor
the run after it may lose what the outsider wrote, nor anything else: it stands
in the directory, in one of the layouts, or in the backup. What was written to a
source before the new copy is in its place gets converted by the second run.

Nobody can help one thing: what is written between the last look at a file and
the call that removes or replaces it. Only that call itself is left out.

At each of these moments a second run and libvirt must find the locks taken; and
a domain whose name another domain still needs must stay when that one fails.
"""
import multiprocessing
import os
import re
import shutil
import stat
import subprocess

from kill import KILL, called, tally
from runs import (bare, damage, differing_store, one_domain, one_domain_bulk,
                  write)
from support import (BUILD, FULL, MIGRATE, VERIFY, Scratch, run)

HOLD = os.path.join(BUILD, "tests", "hold-lock")
STAGE = ".virt-snapshot-migrate"
# Longer than any of these runs takes: this one hangs.
TOO_LONG = 30
# A sanitizer's complaint is not to look like one of the program's own statuses.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:exitcode=66"
os.environ["UBSAN_OPTIONS"] = "exitcode=66"


def files(*folders):
    """Every regular file below the folders, staging apart: path and bytes."""
    found = {}
    for folder in folders:
        for where, below, names in os.walk(folder):
            below[:] = [name for name in below if name != STAGE]
            for name in names:
                path = os.path.join(where, name)
                if stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as file:
                        found[path] = file.read()
    return found


def held(*folders):
    """All snapshots below the folders."""
    return set().union(*map(bare, files(*folders).values()))


def described(content, word):
    """The same file after the description of its first snapshot changed."""
    return re.sub(rb"( *)(<name>[^<]*</name>\n)",
                  rb"\1\2\1<description>" + word + rb"</description>\n",
                  content, count=1)


class Outsider:
    """What somebody does to one FILE of the directory; see command()."""

    def __init__(self, does, file):
        self.does = does
        self.file = file

    def prepare(self, start, end, scratch):
        """What is written: the file as it is before or after, but changed."""
        old = [files(tree).get(os.path.join(tree, self.file), b"")
               for tree in (start, end)]
        wrote = b""
        if self.does in ("rename over", "write into"):
            wrote = described(old[0] or old[1], b"by somebody else")
        elif self.does == "add":
            write(scratch, "added", "n", 77)
            with open(os.path.join(scratch, "added", "n.xml"), "rb") as file:
                wrote = file.read()
        self.bytes = wrote
        self.wrote = bare(wrote)
        # What is overwritten is the outsider's doing, not ours.
        self.spoilt = bare(old[0]) | bare(old[1]) if wrote else set()

    def command(self, base, scratch):
        """A shell command; it leaves `did' behind if there was what it needs.
        What it takes away is in `aside'."""
        target = os.path.join(base, self.file)
        new = os.path.join(scratch, "new")
        with open(new, "wb") as file:
            file.write(self.bytes)
        os.chmod(new, 0o600)
        aside = os.path.join(scratch, "aside", "file")
        how = {
            "rename over": f"[ -f {target} ] && mv -f {new} {target}",
            "write into": f"[ -f {target} ] && cat {new} >{target}",
            "add": f"mkdir -p {os.path.dirname(target)} && mv {new} {target}",
            "link": f"[ -f {target} ] && mv {target} {aside} && "
                    f"ln -s {aside} {target}",
            "fifo": f"[ -f {target} ] && mv {target} {aside} && "
                    f"mkfifo {target}",
            "remove": f"[ -f {target} ] && mv {target} {aside}",
        }[self.does]
        return f"if {how}; then : >{scratch}/did; fi"

    def stands(self, base):
        """Is the link or fifo that was put there still there?"""
        kind = {"link": stat.S_ISLNK, "fifo": stat.S_ISFIFO}.get(self.does)
        path = os.path.join(base, self.file)
        return not kind or (os.path.lexists(path) and
                            kind(os.lstat(path).st_mode))


def attempt(*words):
    """A run that must end by itself, and not by a crash."""
    try:
        result = run(*words, timeout=TOO_LONG)
    except subprocess.TimeoutExpired:
        return None, "it hangs", ""
    problem = ""
    if result.returncode not in (0, 1, 2):
        problem = f"status {result.returncode}"
    return result, problem, result.stderr.decode(errors="replace")


def moments(words):
    """Number, name and path of the calls before which there is a chance.

    Not those that only give attributes to a new file: between them and the next
    one the program looks at nothing.
    """
    return [(number, *call) for number, call in enumerate(called(words), 1)
            if call[0] not in ("fchmod", "fchown", "utimensat")]


def ran(said):
    """Did the shell command run?"""
    return re.search(r"^ran before \d+ \S+ .*$", said,
                     re.MULTILINE) is not None


class Scene:
    """Directories for one kind of run, made anew for each moment."""

    def __init__(self, scratch, make, options):
        self.scratch = scratch
        self.start = os.path.join(scratch, "start")
        self.base = os.path.join(scratch, "base")
        self.kept = os.path.join(scratch, "kept")
        self.aside = os.path.join(scratch, "aside")
        self.words = [MIGRATE, "-q", "--jobs=1", *(word.replace("@", self.kept)
                                       for word in options), self.base]
        make(self.start)
        self.fresh()
        self.moments = moments(self.words)
        if not FULL:
            self.moments = [call for at, call in enumerate(self.moments)
                            if at < 10 or at % 3 == 1 or
                            call[1].startswith("rename")]
        self.end = os.path.join(scratch, "end")
        os.rename(self.base, self.end)

    def fresh(self):
        for folder in (self.base, self.kept, self.aside):
            shutil.rmtree(folder, ignore_errors=True)
        if os.path.exists(os.path.join(self.scratch, "did")):
            os.unlink(os.path.join(self.scratch, "did"))
        os.mkdir(self.aside)
        shutil.copytree(self.start, self.base)

    def meddled(self, number, command):
        """A run with the command run before call NUMBER."""
        return attempt(KILL, "--run", command, str(number), *self.words)

    def did(self):
        return os.path.exists(os.path.join(self.scratch, "did"))


def repairable_store(base):
    """A file that is written anew, one that goes, and one that is renamed."""
    one_domain(base)
    damage(os.path.join(base, "vm", "a.xml"), b"  <active>0</active>\n", b"")
    shutil.copy2(os.path.join(base, "vm", "b.xml"),
                 os.path.join(base, "vm", "b.xml.new"))
    write(base, "vm", "c", 3)
    os.rename(os.path.join(base, "vm", "c.xml"),
              os.path.join(base, "vm", "x.xml"))


def layout_of(name):
    return "legacy" if "/" in name else "bulk"


def loop(label, make, options, does, file):
    """One thing that an outsider does, at every moment of one kind of run."""
    outsider = Outsider(does, file)
    label = f"{label}, {does} {file}"
    to = "legacy" if "--export" in options else "bulk"
    with Scratch() as scratch:
        scene = Scene(scratch, make, options)
        outsider.prepare(scene.start, scene.end, scratch)
        wanted = (held(scene.start) - outsider.spoilt) | outsider.wrote
        target = os.path.join(scene.base, file)
        # It is to be converted as well: of the old layout, or of any to merge.
        source = outsider.wrote and (layout_of(file) != to or
                                     "merge" in label)
        done = converted = 0
        placed = False
        good = True

        def check(right, what, detail=""):
            return right or tally.check(False, f"{label}: {what}", detail)

        for number, name, path in scene.moments:
            where = f"call {number}, {name} {path}"
            placed = placed or (name.startswith("rename") and
                                path.startswith(scene.base) and
                                STAGE not in path)
            scene.fresh()
            result, problem, said = scene.meddled(
                number, outsider.command(scene.base, scratch))
            good &= check(ran(said) and not problem, where, (problem, said))
            # The one instant at which nobody can help it.
            if not scene.did() or (path == target and
                                   name in ("unlinkat", "renameat")):
                continue
            done += 1
            for after in ("the run", "one more run"):
                lost = wanted - held(scene.base, scene.kept, scene.aside)
                good &= check(not lost and outsider.stands(scene.base),
                              f"lost after {after}, {where}", (lost, said))
                if after == "the run":
                    result, problem, said = attempt(*scene.words)
                    good &= check(not problem, where, (problem, said))
            if source and not placed:
                converted += 1
                left = [name for name in files(scene.base)
                        if layout_of(os.path.relpath(name, scene.base)) != to]
                good &= check(result and result.returncode == 0 and not left,
                              f"not converted, {where}", (left, said))
        tally.check(good and placed and done > 1 and
                    (converted > 5 or not source),
                    f"{label}: {done} times, {converted} of them converted")


def waiting(label, command):
    """foo.xml fails, and foo needs its name: foo stays, and is lost never."""
    def store(base):
        os.makedirs(base)
        write(base, "foo", "a", 1, 1)
        write(base, "foo.xml", "b", 1, 1)

    with Scratch() as scratch:
        scene = Scene(scratch, store, [])
        outsider = Outsider("rename over", "foo.xml/b.xml")
        outsider.prepare(scene.start, scene.end, scratch)
        wanted = held(scene.start) - outsider.spoilt
        failures = 0
        good = True
        for number, name, path in scene.moments:
            where = f"{label}: call {number}, {name} {path}"
            scene.fresh()
            words = command or outsider.command(scene.base, scratch)
            result, problem, said = scene.meddled(
                number, words.format(base=scene.base, aside=scene.aside))
            good &= tally.check(ran(said) and not problem, where,
                                (problem, said))
            if "domain 'foo.xml': " in said:
                failures += 1
                stays = os.path.exists(os.path.join(scene.base, "foo/a.xml"))
                good &= tally.check(
                    stays and result.returncode == 2 and
                    not os.path.isfile(os.path.join(scene.base, "foo.xml")) and
                    "domain 'foo': domain 'foo.xml', whose name it needs, "
                    "failed" in said, f"{where}: foo waits", said)
            result, problem, said = attempt(*scene.words)
            lost = wanted - held(scene.base, scene.aside)
            good &= tally.check(not problem and not lost, f"{where}: lost",
                                (lost, said))
        tally.check(good and failures > 1, f"{label}: failed {failures} times")


def spoilt(label, make, options, file):
    """What reached the disk is not what was written: nothing is replaced."""
    with Scratch() as scratch:
        scene = Scene(scratch, make, options)
        before = files(scene.start)
        scene.fresh()
        sync = [number for number, name, path in moments(scene.words)
                if name == "syncfs" and STAGE in path][0]
        copy = os.path.join(scene.base, STAGE, file)
        scene.fresh()
        result, problem, said = scene.meddled(
            sync, f"sed -i 's/creationTime>[12]</creationTime>7</' {copy}")
        now = files(scene.base)
        left = [name for name, content in before.items()
                if now.get(name.replace(scene.start, scene.base)) != content]
        tally.check(not problem and result.returncode == 2 and not left and
                    "read back" in said, label, (problem, said, left))


def locked(label, options):
    """Another run, verify and libvirt find the directory taken, always."""
    with Scratch() as scratch:
        base = os.path.join(scratch, "var/lib/libvirt/qemu/snapshot")
        pids = os.path.join(scratch, "run/libvirt/qemu")
        pid_file = os.path.join(pids, "driver.pid")
        start = os.path.join(scratch, "start")
        (one_domain_bulk if options else one_domain)(start)
        os.makedirs(pids)
        words = [f"--root={scratch}", *options]
        # Whoever gets the lock holds it in a process that is to be ended.
        command = (
            f"{MIGRATE} {' '.join(words)}; [ $? = 3 ] || exit 1; "
            f"{MIGRATE} --allow-running {base}; [ $? = 3 ] || exit 1; "
            f"{VERIFY} --root={scratch}; [ $? = 3 ] || exit 1; "
            f"if pid=$({HOLD} {pid_file}); then kill $pid; exit 1; fi")
        shutil.copytree(start, base)
        words = [MIGRATE, "-q", "--jobs=1", *words]
        calls = moments(words)
        good = tally.check(calls[0] == (1, "openat", pid_file),
                           f"{label}: the lock comes first", calls[0])
        for number, name, path in calls[1:]:
            shutil.rmtree(base)
            shutil.copytree(start, base)
            if os.path.exists(pid_file):
                os.unlink(pid_file)
            result, problem, said = attempt(KILL, "--run", command,
                                            str(number), *words)
            good &= tally.check(ran(said) and not problem and
                                result.returncode == 0,
                                f"{label}: call {number}, {name} {path}",
                                (problem, said))
            good &= tally.check(not os.path.exists(pid_file),
                                f"{label}: driver.pid is left")
        tally.check(good and len(calls) > 10, f"{label}: {len(calls)} moments")


MODES = (
    ("migrate", one_domain, [], (
        ("rename over", "vm/a.xml"), ("write into", "vm/b.xml"),
        ("add", "vm/n.xml"), ("link", "vm/a.xml"), ("fifo", "vm/b.xml"),
        ("rename over", "vm.xml"), ("remove", "vm/b.xml"))),
    ("export", one_domain_bulk, ["--export"], (
        ("rename over", "vm.xml"), ("write into", "vm.xml"),
        ("add", "vm/n.xml"), ("link", "vm.xml"), ("fifo", "vm.xml"),
        ("rename over", "vm/b.xml"), ("remove", "vm.xml"))),
    ("migrate with backup", one_domain, ["--backup=@"], (
        ("rename over", "vm/b.xml"), ("add", "vm/n.xml"),
        ("link", "vm/b.xml"))),
    ("export with backup", one_domain_bulk, ["--export", "--backup=@"], (
        ("rename over", "vm.xml"), ("remove", "vm.xml"))),
    ("merge into bulk", differing_store, ["--merge=legacy", "--backup=@"], (
        ("rename over", "vm/old.xml"), ("add", "vm/n.xml"),
        ("rename over", "vm.xml"), ("fifo", "vm.xml"))),
    ("merge into directories", differing_store,
     ["--export", "--merge=bulk", "--backup=@"], (
         ("rename over", "vm/old.xml"), ("write into", "vm/new.xml"),
         ("add", "vm/n.xml"), ("rename over", "vm.xml"),
         ("fifo", "vm/new.xml"))),
    ("repair", repairable_store, ["--export", "--repair=safe", "--backup=@"], (
        ("rename over", "vm/a.xml"), ("write into", "vm/a.xml"),
        ("rename over", "vm/b.xml.new"), ("write into", "vm/b.xml"),
        ("rename over", "vm/x.xml"), ("add", "vm/c.xml"), ("add", "vm/n.xml"),
        ("link", "vm/a.xml"), ("fifo", "vm/b.xml.new"),
        ("remove", "vm/x.xml"))),
    ("repair and migrate", repairable_store, ["--repair=all", "--backup=@"], (
        ("rename over", "vm/a.xml"), ("write into", "vm/b.xml"),
        ("write into", "vm/x.xml"))),
)
JOBS = [(loop, label, make, options, *what)
        for label, make, options, whats in MODES for what in whats] + [
    (waiting, "a source of foo.xml is rewritten", None),
    (waiting, "foo.xml is moved away",
     "[ ! -d {base}/foo.xml ] || mv {base}/foo.xml {aside}"),
    (locked, "locks of migrate", []),
    (locked, "locks of export", ["--export"]),
    (spoilt, "a spoilt bulk file", one_domain, [], "to-bulk/vm"),
    (spoilt, "a spoilt file of a directory", one_domain_bulk, ["--export"],
     "to-legacy/vm/a.xml"),
    (spoilt, "a spoilt repair", repairable_store,
     ["--export", "--repair=safe", "--backup=@"], "to-legacy/vm/*.xml"),
]


def one(job):
    """One loop in a process of its own; what came of it."""
    tally.passed = tally.failed = tally.skipped = 0
    job[0](*job[1:])
    return tally.passed, tally.failed, tally.skipped


if __name__ == "__main__":
    assert os.path.exists(KILL), KILL + " is missing: run make check"
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for passed, failed, skipped in pool.imap(one, JOBS, 1):
            tally.passed += passed
            tally.failed += failed
            tally.skipped += skipped
    tally.end()
