#!/usr/bin/env python3
"""Two names change places under the programs' feet.

What is swapped in is what would hurt most: a link to a directory or a file
outside, a fifo, another name of a file, another directory; it takes the place
of a domain, of a snapshot, of what a run builds, keeps or puts in its place, or
of libvirt's lock. First by the count: before each call that has a path, and
back before one of the next; then by chance, by a second process that swaps them
as fast as it can.

Nothing outside is opened, read or changed; every run ends by itself, with a
status of its own; no snapshot is lost that nobody took away; and when the
names are back in their places, one more run ends where an undisturbed one ends.
"""
import collections
import ctypes
import multiprocessing
import os
import random
import re
import shutil
import signal
import stat
import time

from hostile_entries import CANARY, fifo, outside, second_name
from runs import (bulk_store, one_domain, one_domain_bulk,
                  safely_damaged_store, side_by_side, write)
from support import (BUILD, WHOLE, MIGRATE, VERIFY, Scratch, Tally, identities)
from watch import LIBC, STAGE, Watch, attempt, entries, lost, regular

SWAP = os.path.join(BUILD, "tests", "swapbefore")
SWAPPED = re.compile(rb"^swapped (\d+) times in (\d+) calls$", re.MULTILINE)
# How many calls later they change back; 0: they do not.
LATER = (0, 1, 2, 3, 5)
MOMENTS = 60 if WHOLE else 3
ROUNDS = 20 if WHOLE else 2
ROOT = os.geteuid() == 0
HERE = -100
EXCHANGE = 2
tally = Tally()


def exchange(one, other):
    return not LIBC.renameat2(HERE, one, HERE, other, EXCHANGE)


# What is swapped in, made at a path.

class LinkTo:
    """A symbolic link to something outside."""

    def __init__(self, what):
        self.what, self.__name__ = what, "link to outside/" + what

    def __call__(self, path, there):
        os.symlink(os.path.join(there, self.what), path)


def twin(path, _):
    """Another directory of the same domain, with snapshots of its own."""
    above, name = os.path.split(path)
    for snapshot, created in (("a", 11), ("b", 12), ("t", 13)):
        write(above, name, snapshot, created)


def hollow(path, _):
    """A directory that looks like ours."""
    for name in ("to-bulk", "to-legacy"):
        os.makedirs(os.path.join(path, name), 0o700)
    os.chmod(path, 0o700)


def strangers(path, there):
    """The same, but it belongs to somebody else."""
    hollow(path, there)
    for name in ("to-bulk", "to-legacy", ""):
        os.chown(os.path.join(path, name), 65534, 65534)


def folder(path, _):
    os.makedirs(os.path.join(path, "inside"))


def plain(path, _):
    with open(path, "wb") as file:
        file.write(b"no snapshot\n")


def rooted(base):
    """BASE is below the scratch directory as in a mounted system."""
    one_domain(base)
    top = base[:-len("/var/lib/libvirt/qemu/snapshot")]
    os.makedirs(os.path.join(top, "run/libvirt/qemu"))
    with open(os.path.join(top, "run/libvirt/qemu/driver.pid"), "w",
              encoding="ascii") as file:
        file.write("4711\n")


Case = collections.namedtuple("Case", "label make options target plant ends",
                              defaults=(True,))
OUTSIDE = LinkTo("vm")
FILE = LinkTo("s1.xml")
LIST = LinkTo("vm.xml")
ALL = LinkTo("")
MIGRATES = ([], ["--backup=@/kept"], ["--output-dir=@/out"])


def cases():
    for options in MIGRATES:
        for plant in (OUTSIDE, fifo, twin, plain):
            yield Case("migrate", one_domain, options, "base/vm", plant,
                       plant != twin)
        for plant in (FILE, fifo, second_name, folder):
            yield Case("migrate", one_domain, options, "base/vm/a.xml", plant,
                       plant != second_name)
    for options in MIGRATES:
        options = ["--export", *options]
        for plant in (LIST, fifo, second_name, folder):
            yield Case("export", one_domain_bulk, options, "base/vm.xml", plant,
                       plant != second_name)
        # There is no such name in a run that writes elsewhere.
        for plant in (OUTSIDE, fifo, twin) if "out" not in options[-1] else ():
            yield Case("export", one_domain_bulk, options, "base/vm", plant,
                       plant != twin)
    for options in MIGRATES[:2]:
        for plant in (ALL, fifo, plain, hollow) + (strangers,) * ROOT:
            yield Case("migrate", one_domain, options, "base/" + STAGE, plant)
            yield Case("export", bulk_store, ["--export", *options],
                       "base/" + STAGE, plant)
        yield Case("migrate", one_domain, options, f"base/{STAGE}/to-bulk",
                   LinkTo("to-bulk"))
        yield Case("export", one_domain_bulk, ["--export", *options],
                   f"base/{STAGE}/to-legacy", LinkTo("to-legacy"))
        yield Case("migrate", one_domain, options, "base/vm.xml", LIST, False)
    backup, repair = "--backup=@/kept", "--repair=all"
    for target, plant in (("legacy", LinkTo("legacy")), ("legacy", fifo),
                          ("legacy/vm", OUTSIDE), ("legacy/vm/b.xml", FILE),
                          (".virt-snapshot-migrate.new", FILE)):
        yield Case("migrate", one_domain, [backup], "kept/" + target, plant)
        yield Case("repair", safely_damaged_store,
                   ["--export", repair, backup], "kept/" + target, plant)
    for target, plant in ((STAGE, ALL), (STAGE, hollow), ("vm.xml", LIST),
                          (STAGE + "/to-bulk", LinkTo("to-bulk"))):
        yield Case("elsewhere", one_domain, ["--output-dir=@/out"],
                   "out/" + target, plant)
    for target, plant in (("vm", OUTSIDE), ("vm", twin), ("vm/b.xml", FILE),
                          ("vm/b.xml", fifo), ("vm/x.xml", FILE),
                          ("vm/a.xml.new", FILE), (STAGE, ALL)):
        yield Case("repair", safely_damaged_store, [repair, backup],
                   "base/" + target, plant, plant != twin)
    for target, plant in (("driver.pid", LinkTo("secret")),
                          ("driver.pid", plain), ("driver.pid", folder),
                          ("", ALL)):
        yield Case("lock", rooted, ["--root=@"],
                   os.path.join("run/libvirt/qemu", target), plant)
    for words in ([], ["--list"], ["--format=json"]):
        for target, plant in (("vm", OUTSIDE), ("vm/a.xml", FILE),
                              ("vm/a.xml", fifo)):
            yield Case("verify", one_domain, ["verify", *words],
                       "base/" + target, plant)
        for plant in (LIST, fifo):
            yield Case("verify", one_domain_bulk, ["verify", *words],
                       "base/vm.xml", plant)


class Scene:
    """The directories of one case, made anew for each run."""

    def __init__(self, scratch, case, watch):
        self.scratch, self.case, self.watch = scratch, case, watch
        self.rooted = case.make == rooted
        self.base = os.path.join(scratch, "var/lib/libvirt/qemu/snapshot"
                                 if self.rooted else "base")
        self.aside = os.path.join(scratch, "aside")
        self.there = os.path.join(scratch, "outside")
        self.target = os.path.join(scratch, case.target).rstrip("/")
        self.plant = os.path.join(self.aside, "vm")
        self.start = os.path.join(scratch, "start")
        self.label = (f"{case.label} {' '.join(case.options)}: "
                      f"{case.target}, {case.plant.__name__}")
        program, options = MIGRATE, case.options
        if options[:1] == ["verify"]:
            program, options = VERIFY, options[1:]
        else:
            options = ["--jobs=1", *options]
        self.words = [program, *(word.replace("@", scratch)
                                 for word in options)]
        if not self.rooted:
            self.words.append(self.base)
            case.make(self.start)
        outside(self.there)
        self.outside = identities(self.there)
        with open(os.path.join(scratch, "linked"), "rb") as file:
            self.linked = file.read()
        watch.add_below(self.there)
        self.good = True
        self.known = set()  # states from which a rerun is known to go right
        self.swaps = 0
        self.fresh()
        self.check(attempt(*self.words)[0] == 0, "undisturbed")
        self.end = entries(self.base)

    def check(self, right, what, detail=""):
        self.good &= bool(right)
        return right or tally.check(False, f"{self.label}: {what}",
                                    repr(detail)[:2000])

    def fresh(self):
        for name in ("base", "kept", "out", "aside", "var", "run"):
            shutil.rmtree(os.path.join(self.scratch, name), ignore_errors=True)
        os.mkdir(self.aside)
        if self.rooted:
            rooted(self.base)
        else:
            shutil.copytree(self.start, self.base)
        self.case.plant(self.plant, self.there)
        self.planted = os.lstat(self.plant)
        self.inside = entries(self.plant) \
            if self.case.plant in (strangers, folder) else {}
        self.before = regular(self.base, *self.elsewhere())
        if self.case.plant == second_name:
            self.before = regular(self.base)
        self.watch.seen()

    def is_plant(self, path):
        return os.path.lexists(path) and os.path.samestat(
            os.lstat(path), self.planted) and \
            stat.S_IFMT(os.lstat(path).st_mode) == \
            stat.S_IFMT(self.planted.st_mode)

    def heal(self):
        """Put back what can be."""
        if self.is_plant(self.target):
            if os.path.lexists(self.plant):
                exchange(os.fsencode(self.plant), os.fsencode(self.target))
            else:
                os.rename(self.target, self.plant)
        elif os.path.lexists(self.plant) and not self.is_plant(self.plant) \
                and os.path.isdir(os.path.dirname(self.target)) and \
                not os.path.lexists(self.target):
            os.rename(self.plant, self.target)

    def elsewhere(self):
        return [os.path.join(self.scratch, name)
                for name in ("aside", "kept", "run")]

    def held(self, what, said):
        gone = lost(self.before, self.base, *self.elsewhere())
        self.check(not gone, f"{what}: lost", (gone, said))

    def judge(self, what, outcome):
        """A run has ended: what is true of it whatever was swapped."""
        status, said, problem = outcome
        self.check(not problem, what, (problem, said))
        seen = self.watch.seen()
        self.check(not seen, f"{what}: it looks outside", (seen[:5], said))
        self.check(identities(self.there) == self.outside,
                   f"{what}: it changes what is outside", said)
        self.watch.seen()  # that was us
        with open(os.path.join(self.scratch, "linked"), "rb") as file:
            self.check(file.read() == self.linked, f"{what}: it changes a file "
                       "by its other name")
        self.check(CANARY.encode() not in said, f"{what}: it tells", said)
        self.held(what, said)
        for path in (self.plant, self.target):
            self.check(self.inside in ({}, entries(path)) or
                       not self.is_plant(path),
                       f"{what}: it works in another's directory",
                       (entries(path), said))
        self.heal()
        state = hash(tuple(frozenset(entries(folder).items()) for folder in
                           (self.base, *self.elsewhere())))
        if state in self.known:
            return
        status, said, problem = attempt(*self.words)
        self.check(not problem, f"{what}: rerun", (problem, said))
        self.held(f"{what}: rerun", said)
        if self.case.ends:
            self.check(status == 0 and entries(self.base) == self.end,
                       f"{what}: rerun: it does not converge",
                       (status, said, sorted(entries(self.base))))
        self.watch.seen()
        self.known.add(state)


def by_count(scene):
    """A swap at each call, and back a few calls later."""
    scene.fresh()
    names = [scene.target, scene.plant]
    count = int(SWAPPED.search(attempt(SWAP, *names, "0",
                                       *scene.words)[1])[2])
    dice = random.Random(scene.label)
    moments = [f"{number}-{number + later if later else 0}"
               for number in range(1, count + 1)
               for later in LATER]
    if len(moments) > MOMENTS:
        moments = dice.sample(moments, MOMENTS)
    moments += [f"{number}+" for number in (1, 2)]
    done = 0
    for moment in moments:
        scene.fresh()
        status, said, problem = attempt(SWAP, *names, moment, *scene.words)
        swapped = SWAPPED.search(said)
        done += bool(swapped and int(swapped[1]))
        scene.judge(f"swapped at {moment}", (status, said, problem))
    scene.swaps += done
    return len(moments)


class Racer:
    """A process that swaps as fast as it can while it is let."""

    def __init__(self, names):
        self.state = multiprocessing.RawArray("q", 3)  # go, goes, swaps
        self.names = [os.fsencode(name) for name in names]
        self.pid = os.fork()
        if not self.pid:
            try:
                LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
                self.run()
            finally:
                os._exit(0)

    def run(self):
        state, dice = self.state, random.Random(os.getpid())
        one, other = map(ctypes.c_char_p, self.names)
        call = LIBC.renameat2
        while True:
            if not state[0]:
                state[1] = 0
                time.sleep(0.0002)
                continue
            state[1] = 1
            for _ in range(8):
                if not call(HERE, one, HERE, other, EXCHANGE):
                    state[2] += 1
                # Sometimes it stays for as long as a run may need to notice.
                for _ in range(dice.choice((0, 0, 10, 100, 1000))):
                    pass

    def race(self, words):
        self.state[0] = 1
        while not self.state[1]:
            time.sleep(0.0001)
        outcome = attempt(*words)
        self.state[0] = 0
        while self.state[1]:
            time.sleep(0.0001)
        return outcome

    def end(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return self.state[2]


def by_chance(scene):
    racer = Racer([scene.target, scene.plant])
    try:
        for number in range(ROUNDS):
            scene.fresh()
            # One thread, and as many as there are processors.
            words = [word for word in scene.words
                     if number % 2 == 0 or word != "--jobs=1"]
            scene.judge(f"round {number}", racer.race(words))
    finally:
        swaps = racer.end()
    return swaps


def one(tally_of, case):
    """Runs by the count, rounds by chance, swaps in them."""
    with Scratch() as scratch, Watch() as watch:
        scene = Scene(scratch, case, watch)
        counted = by_count(scene)
        swaps = by_chance(scene)
        tally_of.check(scene.good and (scene.swaps or swaps),
                       f"{scene.label}: {scene.swaps} of {counted}, {swaps}")
        return counted, scene.swaps, swaps


def can_exchange():
    with Scratch() as scratch:
        names = [os.path.join(scratch, name).encode() for name in "ab"]
        for name in names:
            plain(name, None)
        return exchange(*names)


if __name__ == "__main__":
    assert os.path.exists(SWAP), SWAP + " is missing: run make check"
    if can_exchange():
        CASES = list(cases())[::1 if WHOLE else 3]
        FOUND = side_by_side(tally, one, CASES)
        print(f"  {len(CASES)} pairs of names: "
              f"{sum(found[0] for found in FOUND)} runs by the count, "
              f"{sum(found[1] for found in FOUND)} of them with a swap; "
              f"{ROUNDS * len(CASES)} rounds by chance with "
              f"{sum(found[2] for found in FOUND)} swaps")
    else:
        tally.skip("this file system cannot exchange names")
    tally.end()
