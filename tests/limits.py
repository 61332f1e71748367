#!/usr/bin/env python3
"""No memory, and limits of the process: size of files, descriptors, memory.

The Nth allocation fails, or that one and all after it; or the run has less than
it needs from the start. A conversion must then end as it always does, or with
status 2 and a message that says why; every snapshot stands in one of the
layouts, and a rerun without the limit ends where a run without it ends. A check
must come to the same verdict or say that it could not.
"""
import os
import re
import resource
import signal
import subprocess

from runs import KINDS, Scene, side_by_side
from support import (BUILD, FULL, VERIFY, WHOLE, Scratch, Tally, run)

PRELOAD = os.path.join(BUILD, "tests", "failalloc.so")
# A sanitizer has allocation for itself.
SANITIZED = os.environ.get("SANITIZE", "") != ""
TRIED = ("migrate", "export with backup", "repair all")
tally = Tally()


def following(number):
    """The next allocation that is to fail. Those of popt are left out: the very
    first one sees to it that they cannot; of the rest, few if it has to be
    quick."""
    if number == 1:
        return 12
    return number + (1 if WHOLE else 97 if FULL else 997)


def is_explained(result, *reasons):
    said = result.stderr.decode(errors="replace")
    return result.returncode == 2 and any(reason in said for reason in reasons)


def judge(scene, result, *reasons):
    """What is wrong with a run of migrate under a limit; None if nothing."""
    if result.returncode < 0:
        return signal.Signals(-result.returncode).name
    if result.returncode == 0 and not scene.is_end():
        return "it said that all went well"
    if result.returncode and not is_explained(result, *reasons):
        return "not explained"
    lost = scene.lost()
    return ("lost", lost) if lost else scene.amiss()


def starved(words, number, often):
    """A run in which an allocation fails; was there one of that number?"""
    environment = dict(os.environ, LD_PRELOAD=PRELOAD,
                       FAILALLOC=f"{number}{often}")
    result = run(*words, env=environment)
    return result, re.search(rb"^failed$", result.stderr, re.MULTILINE)


def memory(tally, kind):
    """Let each allocation fail; how many that were."""
    count = failures = 0
    good = True
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        scene.whole()
        for often in ("", "+"):
            number = 1
            while True:
                scene.fresh()
                result, hit = starved(scene.words, number, often)
                if not hit:
                    break
                count += 1
                failures += result.returncode != 0
                wrong = judge(scene, result, "memory")
                if wrong:
                    good = tally.check(False, f"{kind.label}: allocation "
                                              f"{number}{often}",
                                       (wrong, result.returncode,
                                        result.stderr))
                number = following(number)
        tally.check(good and failures > 5, f"{kind.label}: {count} allocations")
        print(f"  {kind.label}: {count} allocations failed; {failures} runs "
              "gave up")
    return count


def memory_of_verify():
    """The same verdict and the same findings, or none."""
    count = failures = 0
    good = True
    with Scratch() as scratch:
        kind = [kind for kind in KINDS if kind.label == "repair all"][0]
        scene = Scene(scratch, kind)
        for form in ("text", "json"):
            words = [VERIFY, "--jobs=1", "--list", "--format=" + form,
                     scene.start]
            whole = run(*words)
            for often in ("", "+"):
                number = 1
                while True:
                    result, hit = starved(words, number, often)
                    if not hit:
                        break
                    count += 1
                    failures += result.returncode == 2
                    same = (result.returncode, result.stdout) == \
                        (whole.returncode, whole.stdout)
                    if not same and not is_explained(result, "memory"):
                        good = tally.check(False, f"verify {form}: allocation "
                                                  f"{number}{often}",
                                           (result.returncode, result.stderr))
                    number = following(number)
    tally.check(good and failures > 5, f"verify: {count} allocations")
    print(f"  verify: {count} allocations failed; {failures} runs gave up")
    return count


LIMITS = (
    (resource.RLIMIT_FSIZE, "file size", (0, 1, 100, 500, 900, 1500, 2500),
     ("File too large",)),
    (resource.RLIMIT_NOFILE, "descriptors", range(3, 40),
     ("Too many open files", "error while loading shared libraries")),
    (resource.RLIMIT_AS, "address space",
     [size << 20 for size in (1, 2, 4, 6, 8, 12, 16, 20, 24, 32, 48, 64, 96)],
     ("memory", "error while loading shared libraries", "Cannot allocate",
      "Resource temporarily unavailable")),
)


def limited(tally, kind):
    """Less of something than a run needs; how many runs."""
    count = 0
    with Scratch() as scratch:
        scene = Scene(scratch, kind)
        scene.whole()
        for which, name, values, reasons in LIMITS:
            if SANITIZED and which == resource.RLIMIT_AS:
                continue
            refused = 0
            for value in values:
                scene.fresh()
                result = run(*scene.words, preexec_fn=lambda:
                             resource.setrlimit(which, (value, value)))
                count += 1
                refused += result.returncode != 0
                if result.returncode == 127 or \
                        (which == resource.RLIMIT_AS and
                         result.returncode == -signal.SIGSEGV and
                         not result.stdout + result.stderr):
                    continue  # the kernel or the loader did not start it
                wrong = judge(scene, result, *reasons)
                tally.check(not wrong, f"{kind.label}: {name} {value}",
                            (wrong, result.returncode, result.stderr))
            tally.check(refused > 0, f"{kind.label}: {name}, never too little")
    return count


def nobody_reads():
    """A pipe that nobody reads is no reason to stop half-way."""
    with Scratch() as scratch:
        scene = Scene(scratch, KINDS[0])
        scene.whole()
        scene.fresh()
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run([os.fsencode(word) for word in scene.words],
                                stdout=writer, stderr=subprocess.PIPE,
                                check=False)
        os.close(writer)
        tally.check(result.returncode == 2 and
                    b"standard output" in result.stderr and scene.is_end(),
                    "nobody reads", result)


if __name__ == "__main__":
    kinds = [kind for kind in KINDS if kind.label in TRIED]
    if SANITIZED:
        tally.skip("allocations: a sanitizer makes its own")
    else:
        assert os.path.exists(PRELOAD), PRELOAD + " is missing"
        done = sum(side_by_side(tally, memory, kinds)) + memory_of_verify()
        print(f"  {done} allocations failed in all")
    print(f"  {sum(side_by_side(tally, limited, kinds))} runs with limits")
    nobody_reads()
    tally.end()
