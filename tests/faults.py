#!/usr/bin/env python3
"""One system call fails, any of those that can.

For N = 1, 2, 3 ... until a run passes untouched: the Nth call that can fail in
some way does so; once, or from there on all of them, or it does what it was
asked to and says that it failed. Then either the run succeeded and all is as
without the fault; or the status says that the job could not be done, the
message names a file and the reason, and every snapshot stands in one of the
layouts. In both cases a rerun without faults ends where a run without faults
ends, and a third run changes nothing. The same for the rerun of a run that was
killed at some call.
"""
import os
import re
from itertools import product

from runs import KINDS, Scene, side_by_side
from support import BUILD, FULL, WHOLE, Scratch, Tally, run

FAIL = os.path.join(BUILD, "tests", "failcall")
KILL = os.path.join(BUILD, "tests", "killbefore")
REASONS = {"ENOSPC": "No space left on device", "EDQUOT": "Disk quota exceeded",
           "EIO": "Input/output error", "EMFILE": "Too many open files",
           "EXDEV": "Invalid cross-device link",
           "EINTR": "Interrupted system call"}
WAYS = [(how, often) for how in (*REASONS, "short") for often in ("", "+")]
WAYS += [("EIO", "!"), ("ENOSPC", "!")]
RERUN_WAYS = [("EIO", ""), ("ENOSPC", ""), ("EMFILE", "")]
# Nothing may come of it: the call is made again, for the rest.
AGAIN = (("short", ""), ("short", "+"), ("EINTR", ""))
MADE_AGAIN = ("read", "pread64", "write")
# The tracer of the leak checker would be in ours' way.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:exitcode=66"
os.environ["UBSAN_OPTIONS"] = "exitcode=66"
tally = Tally()


def numbers(first, is_rerun):
    """The calls to fail; if it has to be quick, few of them, others for each of
    the ways."""
    number = first
    step = 1 if WHOLE else (23 if FULL else 197) // (2 if is_rerun else 1)
    while number < 20000:
        yield number
        number += step if WHOLE else step + number % 7


def names_it(said, path, how, often):
    """Does the message say where, and why? Where all fail from some point on,
    the first may be one that does not matter."""
    if how not in REASONS or REASONS[how] not in said:
        return False
    if often == "+":
        return "'" in said or "standard output" in said
    if path.startswith("pipe:"):
        return "standard output" in said
    # The directories above the scratch directory tell nothing.
    below = re.sub(r"^.*?/virt-snapshot-test-", "", path)
    below = below.split(" (deleted)")[0]
    return any(place in said for place in below.split("/"))


class Fault:
    """A run in which a call was failed, and what is wrong with it."""

    def __init__(self, scene, scratch, killed, how, often, number):
        scene.fresh()
        if killed:
            run(KILL, str(killed), *scene.words)
        result = run(FAIL, scratch, how, f"{number}{often}", *scene.words)
        said = os.fsdecode(result.stderr)
        hit = re.search(r"^failed \d+ (\S+) (.*)\n", said, re.MULTILINE)
        self.hit = bool(hit)
        self.status = result.returncode
        if not hit:
            return
        self.call, self.path = hit.groups()
        self.said = said.replace(hit.group(0), "")
        self.wrong = self.judge(scene, how, often)

    def judge(self, scene, how, often):
        if self.status not in (0, 2):
            return "the status"
        if self.status and (how, often) in AGAIN and \
                (how == "short" or self.call in MADE_AGAIN) and \
                not self.path.startswith("pipe:"):
            return "it gave up"
        # What is not on disk for sure is not done.
        if self.status == 0 and self.call in ("fsync", "syncfs"):
            return "a sync failed, and nobody was told"
        if self.status == 0 and not scene.is_end():
            return "it said that all went well"
        if self.status and not names_it(self.said, self.path, how, often):
            return "the message"
        lost = scene.lost()
        if lost:
            return ("lost", lost)
        return scene.amiss()


def kills(words):
    """Before which calls a run is killed whose rerun is to fail."""
    said = run(KILL, "0", *words).stderr
    count = int(re.search(rb"killbefore: (\d+) changing", said).group(1))
    parts = 12 if WHOLE else 4 if FULL else 2
    return sorted({1 + count * part // parts for part in range(1, parts)})


def loop(tally, task):
    """Fail the calls of one kind of run; how many that were."""
    kind, is_rerun = task
    faults = failures = 0
    good = True
    label = f"{kind.label}{', again' if is_rerun else ''}"
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        if not scene.is_possible(tally):
            return 0
        scene.fresh()
        starts = kills(scene.words) if is_rerun else [0]
        ways = RERUN_WAYS if is_rerun and not WHOLE else WAYS
        for killed, (at, (how, often)) in product(starts, enumerate(ways)):
            for number in numbers(1 if WHOLE else 1 + at % 5, is_rerun):
                fault = Fault(scene, scratch, killed, how, often, number)
                if not fault.hit:
                    good &= tally.check(fault.status == 0,
                                        f"{label}: untouched by {how} at "
                                        f"{number}{often}, killed at {killed}")
                    break
                faults += 1
                failures += fault.status != 0
                if fault.wrong:
                    good = tally.check(
                        False, f"{label}: {how} {number}{often}, "
                               f"{fault.call} {fault.path}, killed at {killed}",
                        (fault.wrong, fault.status, fault.said))
        tally.check(good and failures > 0, f"{label}: {faults} faults")
        print(f"  {label}: failed {faults} calls; {failures} runs gave up")
    return faults


if __name__ == "__main__":
    assert os.path.exists(FAIL), FAIL + " is missing: run make check"
    tasks = [(kind, again) for kind in KINDS for again in (False, True)]
    print(f"  {sum(side_by_side(tally, loop, tasks))} calls failed in all")
    tally.end()
