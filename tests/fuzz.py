#!/usr/bin/env python3
"""The fuzz targets of tests/fuzz.

Without an argument each runs over its seeds, and over mutations of them that
are the same in every run, built as all tests are: so they stay alive. With the
directory of programs that are linked with libFuzzer, each is fuzzed for some
time (make fuzz).

    fuzz.py [DIRECTORY SECONDS [TARGET...]]

The seeds are the files of tests/cases and tests/stores. What ends a target is
left in $B/fuzz, and named.
"""
import glob
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys

from support import (BUILD, WHOLE, HERE, MIGRATE, STORES, Scratch, Tally, run,
                     unpack)

FUZZ = os.path.join(HERE, "fuzz")
WORK = os.path.join(BUILD, "fuzz")
LARGEST = 20000  # bytes of a seed
# How many mutations of the seeds are tried in the quick cut, and in the whole.
RUNS = {"bulk": (200, 20000), "checkpoint": (400, 20000),
        "legacy": (400, 20000), "memo": (20, 3000), "render": (400, 50000),
        "report": (20, 2000), "schema": (10, 2000), "span": (1000, 100000)}
SEEDS = 20  # of each in the quick cut
# libxml2 itself loses some memory when it compiles some schemas.
LEAKS = {"schema"}
# What is in few files, or in none, in all of the quick cut.
DOMAIN = (b"<domain type='kvm'><name>d</name><uuid>c7a5fdbd-edaf-9455-926a-"
          b"d65c16db1809</uuid><memory>1</memory><os><type>hvm</type></os>"
          b"<metadata><x:y xmlns:x='urn:x' x:z=\"a>'b\">t<![CDATA[</x:y>]]>"
          b"</x:y></metadata></domain>")
PARENT = b"<parent><name>p</name></parent>"
MEMBER = (b"<domainsnapshot><!-- <a> --><name>a&amp;b</name><state>shutoff"
          b"</state>\n  " + PARENT + b"<?p <b> ?><creationTime>17"
          b"</creationTime>" + DOMAIN)
END = b"</domainsnapshot>"
ODD = [MEMBER + b"<active>1</active>" + END,
       b"<snapshots current=\"a&#38;b\">\n" +
       MEMBER.replace(PARENT, b"").replace(b"a&amp;b", b"p") + END + MEMBER +
       END + b"\n</snapshots>\n"]
CHECKPOINTS = [
    b"<domaincheckpoint><name>c-2.x</name><description>d</description>" +
    PARENT + b"<creationTime>17</creationTime><disks><disk name='vda' "
    b"checkpoint='bitmap' bitmap='c' size='1'/><disk name='/x' "
    b"checkpoint='no'/></disks>" + DOMAIN + b"</domaincheckpoint>"]
FIRST = tuple(ODD + CHECKPOINTS)
tally = Tally()


def targets():
    return sorted(os.path.basename(path)[len("fuzz-"):-len(".c")]
                  for path in glob.glob(os.path.join(FUZZ, "fuzz-*.c")))


def read_all(folder):
    for where, _, files in sorted(os.walk(os.fsencode(folder))):
        for name in sorted(files):
            path = os.path.join(where, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            if 0 < os.path.getsize(path) <= LARGEST:
                with open(path, "rb") as file:
                    yield file.read()


def documents():
    """What looks like XML: lists of snapshots, and all else."""
    found = []
    for case in sorted(glob.glob(os.path.join(HERE, "cases", "*", "before"))):
        found += read_all(case)
    for store in STORES:
        with Scratch() as scratch:
            folder, _ = unpack(store, scratch)
            base = os.path.join(folder, "snapshot")
            bulk = os.path.join(scratch, "bulk")
            run(MIGRATE, "--output-dir", bulk, base)
            found += list(read_all(base))[::7] + list(read_all(bulk))[::3]
    found = sorted(set(text for text in found if b"<" in text[:400]))
    lists = [text for text in found if b"<snapshots" in text]
    return lists, [text for text in found if text not in lists]


def decisions(count, length):
    """Inputs that are nothing but decisions."""
    chance = random.Random(5)
    return [bytes(chance.randrange(256) for _ in range(length))
            for _ in range(count)]


def as_checkpoint(text):
    """A snapshot without what a checkpoint does not have."""
    text = text.replace(b"domainsnapshot>", b"domaincheckpoint>")
    return re.sub(rb"<(state|active|memory|disks)\b.*?(</\1>|/>)", b"", text,
                  flags=re.DOTALL)


def seeds(target):
    lists, others = documents()
    lists, others = lists + ODD[1:], others + ODD[:1]
    if target == "bulk":
        return lists
    if target == "legacy":
        return others
    if target == "checkpoint":
        return CHECKPOINTS + [as_checkpoint(text) for text in others]
    if target == "memo":
        return [head + text for head, text in
                zip(decisions(len(others), 64), others)]
    if target in ("schema", "report"):
        return decisions(40, 8) + decisions(40, 300)
    return lists + others


def plant(target, most):
    """Write the seeds of a target; returns their directory and number."""
    folder = os.path.join(WORK, "seeds", target)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    texts = sorted(seeds(target),
                   key=lambda text: (not text.endswith(FIRST),
                                     hashlib.sha1(text).digest()))[:most]
    for text in texts:
        name = hashlib.sha1(text).hexdigest()
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)
    return folder, len(texts)


def environment(target):
    options = os.environ.get("ASAN_OPTIONS", "")
    leaks = "detect_leaks=0" if target in LEAKS else ""
    return dict(os.environ, ASAN_OPTIONS=":".join(filter(None,
                                                         (options, leaks))))


def quick(target):
    """Built by the ordinary compiler, over the seeds and some mutations."""
    folder, count = plant(target, 10 ** 6 if WHOLE else SEEDS)
    runs = RUNS.get(target, (100, 1000))[WHOLE]
    found = os.path.join(WORK, "found-")
    result = run(os.path.join(BUILD, "tests", "fuzz-" + target),
                 f"-runs={runs}", "-seed=1", "-artifact_prefix=" + found,
                 folder, env=environment(target))
    done = re.search(rb"^Done (\d+) runs$", result.stdout, re.M)
    tally.check(result.returncode == 0 and done and
                int(done[1]) == count + runs, "fuzz-" + target,
                f"status {result.returncode}, the input is {found}crash-fuzz-"
                f"{target}\n" + result.stderr.decode("utf-8", "replace"))
    if done:
        print(f"  fuzz-{target}: {int(done[1])} inputs")


def thorough(programs, target, seconds):
    """With libFuzzer. Returns how many inputs were executed, and the status."""
    folder, _ = plant(target, 10 ** 6)
    corpus = os.path.join(WORK, "corpus", target)
    os.makedirs(corpus, exist_ok=True)
    log = os.path.join(WORK, target + ".log")
    with open(log, "wb") as out:
        status = subprocess.run(
            [os.path.join(programs, "fuzz-" + target),
             f"-max_total_time={seconds}", "-print_final_stats=1",
             "-timeout=30", "-rss_limit_mb=3000", f"-max_len={LARGEST}",
             "-dict=" + os.path.join(FUZZ, "xml.dict"),
             f"-detect_leaks={int(target not in LEAKS)}",
             "-artifact_prefix=" + os.path.join(WORK, f"found-{target}-"),
             corpus, folder],
            stdout=out, stderr=out, check=False,
            env=environment(target)).returncode
    with open(log, "rb") as file:
        text = file.read()
    # A run that ends early has no final statistics, but its last line.
    units = (re.findall(rb"number_of_executed_units: (\d+)", text) or
             re.findall(rb"^#(\d+)\s", text, re.M) or [b"0"])
    return int(units[-1]), status, log


def main():
    if len(sys.argv) < 3:
        for target in targets():
            quick(target)
        tally.end()
    programs, seconds = sys.argv[1:3]
    results = [(target, thorough(programs, target, int(seconds)))
               for target in sys.argv[3:] or targets()]
    for target, (units, status, log) in results:
        print(f"fuzz-{target}: {units} inputs in {seconds} s, " +
              ("nothing found" if not status else
               f"ended with status {status}: see {log}"))
        tally.check(not status, "fuzz-" + target, log)
    tally.end()


main()
