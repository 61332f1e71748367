#!/usr/bin/env python3
"""How long the programs take, beside what else one would do with the files.

Ratios in one run, medians of five: the machine's own speed cancels out. The
peers read the same files: cat, xmllint (parse only), cp -a with a sync.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import time

from support import HERE, MIGRATE, VERIFY, Scratch

ROUNDS = 5
DOMAINS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SNAPSHOTS = int(sys.argv[2]) if len(sys.argv) > 2 else 100


def make_store(base):
    """Chains of real-looking snapshots, made from a real one."""
    name = "real-libvirt-9.0.0/snapshot/multi/halted.xml"
    with tarfile.open(os.path.join(HERE, "stores",
                                   "real-libvirt-9.0.0.tar.xz")) as tar:
        text = tar.extractfile(name).read().decode()
    for d in range(DOMAINS):
        folder = os.path.join(base, f"vm{d}")
        os.makedirs(folder)
        for s in range(SNAPSHOTS):
            one = text.replace("<name>halted<", f"<name>s{s}<", 1)
            parent = f"<name>s{s - 1}<" if s else None
            if parent:
                one = one.replace("<name>mem-only<", parent, 1)
            else:
                head, rest = one.split("  <parent>", 1)
                one = head + rest.split("</parent>\n", 1)[1]
            one = one.replace("1795428234", str(1700000000 + s))
            if s < SNAPSHOTS - 1:
                one = one.replace("<active>1", "<active>0")
            path = os.path.join(folder, f"s{s}.xml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(one)
            os.chmod(path, 0o600)


def seconds(command, **options):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


with Scratch() as scratch:
    legacy = os.path.join(scratch, "legacy")
    bulk = os.path.join(scratch, "bulk")
    work = os.path.join(scratch, "work")
    make_store(legacy)
    shutil.copytree(legacy, bulk)
    seconds([MIGRATE, bulk])
    files = f"find {legacy} -type f -print0"
    size = sum(os.path.getsize(os.path.join(f, n))
               for f, _, names in os.walk(legacy) for n in names)

    def fresh(source):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        os.sync()

    def keep():
        pass

    jobs = (
        ("cat of all files", keep, f"{files} | xargs -0 cat"),
        ("xmllint --noout", keep, f"{files} | xargs -0 xmllint --noout"),
        ("verify, legacy", keep, f"{VERIFY} {legacy}"),
        ("verify, bulk", keep, f"{VERIFY} {bulk}"),
        ("cp -a and sync", lambda: shutil.rmtree(work, ignore_errors=True),
         f"cp -a {legacy} {work} && sync -f {work}"),
        ("migrate", lambda: fresh(legacy), f"{MIGRATE} {work}"),
        ("export", lambda: fresh(bulk), f"{MIGRATE} --export {work}"),
    )
    times = {label: [] for label, _, _ in jobs}
    for _ in range(ROUNDS):
        for label, prepare, command in jobs:
            prepare()
            times[label].append(seconds(command, shell=True))
    print(f"{DOMAINS} domains x {SNAPSHOTS} snapshots, "
          f"{size / 1048576:.1f} MiB, medians of {ROUNDS}")
    unit = statistics.median(times["cat of all files"])
    for label, measured in times.items():
        median = statistics.median(measured)
        print(f"{label:20} {median * 1000:9.1f} ms  {median / unit:7.1f} x cat"
              f"  ({min(measured) * 1000:.1f} to {max(measured) * 1000:.1f})")
