#!/usr/bin/env python3
"""The power goes off at any moment of a run.

A run is recorded; disk.py says what may then be on the disk after each of its
calls. In every such state every snapshot must stand complete in one of the
layouts, a rerun must end where a run without a power cut ends, and a third run
must change nothing. When the run has said that all is done, it must be.

The test is tested: with any one of the syncs taken out of what was recorded, it
must find something; but for some that are known to be there for good order.
"""
import os
import random
import shutil

from disk import SYNCS, Disk, apply, put_on_disk, read_calls
from runs import (KINDS, Kind, Scene, damage, differing_store, one_domain,
                  one_domain_bulk, side_by_side, write)
from support import BUILD, FULL, WHOLE, Scratch, Tally, run

RECORD = os.path.join(BUILD, "tests", "record")
# So many states of a kind of run, chosen at random, unless all are to be tried.
QUICK = 300 if FULL else 8
QUICK_SINGLE = 1000 if FULL else 50
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:exitcode=66"
os.environ["UBSAN_OPTIONS"] = "exitcode=66"
tally = Tally()


def record(scene, scratch):
    """The calls of a whole run."""
    scene.fresh()
    path = os.path.join(scratch, "record")
    result = run(RECORD, path, *scene.words)
    assert result.returncode == 0, result
    return list(read_calls(path))


def without_staging(state):
    return {path: what for path, what in state.items()
            if b".virt-snapshot-migrate" not in path}


def crashes(scene, scratch, calls, seed):
    """Every state that a power cut may leave, each once: the state, behind
    which call, and, of those at the end, whether the run had said so."""
    scene.fresh()
    disk = Disk(scratch, scene.base)
    disk.load("base")
    chance = random.Random(seed)
    seen = set()
    for at, call in enumerate(calls):
        disk.call(call)
        for state in disk.states(chance):
            key = hash(frozenset(state.items()))
            if key not in seen:
                seen.add(key)
                yield state, at, False
    ends = set()
    for state in disk.states(chance):
        key = hash(frozenset(state.items()))
        if key not in ends:
            ends.add(key)
            yield state, len(calls), True


def wrong(scene, scratch, state, ended, end):
    """What is wrong with a state; None if nothing is."""
    if ended and without_staging(state) != without_staging(end):
        return "it is not on the disk though the run has ended"
    for folder in (scene.base, scene.out):
        shutil.rmtree(folder, ignore_errors=True)
    put_on_disk(state, scratch)
    lost = scene.lost()
    return ("lost", lost) if lost else scene.amiss()


def final(scratch, scene, calls):
    """The state of the disk when everything has reached it."""
    scene.fresh()
    disk = Disk(scratch, scene.base)
    disk.load("base")
    for call in calls:
        disk.call(call)
    for group in disk.pending:
        apply(group)
    disk.pending = []
    return next(disk.states(random.Random(0)))


def cut(tally, kind):
    """All crashes of one kind of run; how many states that were."""
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        if not scene.is_possible(tally):
            return 0
        calls = record(scene, scratch)
        end = final(scratch, scene, calls)
        states = list(crashes(scene, scratch, calls, kind.label))
        found = len(states)
        if not WHOLE:
            ends = [state for state in states if state[2]][:4]
            others = [state for state in states if not state[2]]
            most = QUICK_SINGLE if kind in SINGLES else QUICK
            states = ends + random.Random(kind.label).sample(
                others, min(most, len(others)))
        good = True
        for state, at, ended in states:
            what = wrong(scene, scratch, state, ended, end)
            if what:
                good = tally.check(False, f"{kind.label}: after call {at}, "
                                          f"{calls[min(at, len(calls) - 1)]}",
                                   what)
        tally.check(good and found > 15, f"{kind.label}: {found} states")
        print(f"  {kind.label}: {len(states)} of {found} crash states")
        return len(states)


def repairable(base):
    """A file that is written anew when another goes that holds the same, and
    one that is written anew and gets another name."""
    one_domain(base)
    folder = os.path.join(base, "vm")
    damage(os.path.join(folder, "a.xml"), b"  <active>0</active>\n", b"")
    shutil.copy2(os.path.join(folder, "a.xml"),
                 os.path.join(folder, "twin.xml"))
    write(base, "vm", "c", 3)
    damage(os.path.join(folder, "c.xml"), b"  <active>0</active>\n", b"")
    os.rename(os.path.join(folder, "c.xml"), os.path.join(folder, "x.xml"))


def chained(base):
    """A file that gets the name that another gives up."""
    os.makedirs(base)
    folder = os.path.join(base, "vm")
    write(base, "vm", "d", 1, 1)
    os.rename(os.path.join(folder, "d.xml"), os.path.join(folder, "c.xml"))
    write(base, "vm", "x", 2)
    damage(os.path.join(folder, "x.xml"), b"<name>x<", b"<name>c<")


# With one domain there is one batch, in which each sync is the only one.
SINGLES = (
    Kind("migrate one domain", one_domain, []),
    Kind("export one domain", one_domain_bulk, ["--export"]),
    Kind("migrate one domain with backup", one_domain, ["--backup=@"]),
    Kind("export one domain with backup", one_domain_bulk,
         ["--export", "--backup=@"]),
    Kind("migrate one domain elsewhere", one_domain, ["--output-dir=@"], True),
    Kind("migrate one domain without suffix", one_domain, ["--no-suffix"],
         suffix=b""),
    Kind("repair one domain", repairable,
         ["--export", "--repair=safe", "--backup=@"], mends=True),
    Kind("repair names in a chain", chained,
         ["--export", "--repair=safe", "--backup=@"], mends=True),
    Kind("merge one domain into directories", differing_store,
         ["--export", "--merge=bulk", "--backup=@"]),
)
# How many of the syncs could go: of BASE, in which nothing was changed, of its
# directory between new bytes and new names, of staging with nothing in it, of a
# copy that differs only in who was current.
SPARE = {"migrate one domain elsewhere": 1,
         "migrate one domain without suffix": 1,
         "repair one domain": 1,
         "repair names in a chain": 1,
         "merge one domain into directories": 2}


def is_noticed(scratch, scene, calls, dropped):
    """Is something found when one sync is left out?"""
    less = calls[:dropped] + calls[dropped + 1:]
    end = final(scratch, scene, less)
    for state, _, ended in crashes(scene, scratch, less, "without"):
        if wrong(scene, scratch, state, ended, end):
            return True
    return False


def without_a_sync(tally, kind):
    """Each sync of a run is needed, and the test notices that it is."""
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        if not scene.is_possible(tally):
            return 0
        calls = record(scene, scratch)
        syncs = [at for at, call in enumerate(calls) if call.name in SYNCS]
        needless = [(at, calls[at]) for at in syncs
                    if not is_noticed(scratch, scene, calls, at)]
        tally.check(len(needless) == SPARE.get(kind.label, 0) and syncs,
                    f"{kind.label}: not missed when taken out", needless)
    noticed = len(syncs) - len(needless)
    print(f"  {kind.label}: {noticed} of {len(syncs)} syncs are missed when "
          "they are taken out")
    return noticed


if __name__ == "__main__":
    assert os.path.exists(RECORD), RECORD + " is missing: run make check"
    # A repair has so many states that to list them takes long.
    kinds = [kind for kind in KINDS if FULL or not kind.mends]
    print(f"  {sum(side_by_side(tally, cut, [*SINGLES, *kinds]))} crash states "
          "in all")
    singles = SINGLES if FULL else SINGLES[:2] + SINGLES[-2:-1]
    print(f"  {sum(side_by_side(tally, without_a_sync, singles))} "
          "syncs were missed")
    tally.end()
