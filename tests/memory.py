#!/usr/bin/env python3
"""Memory is bounded by one snapshot and a few facts of each, not by the store.

A bulk file of the size given in MiB (default 80) is verified, exported,
migrated back, and repaired; each must stay below 64 MiB of resident memory.
With 1024 it gives the figures in the README, in some ten minutes.
"""
import os
import sys

from support import MIGRATE, VERIFY, Scratch, Tally

LIMIT = 64
tally = Tally()
size = int(sys.argv[1]) if len(sys.argv) > 1 else 80


def peak(*command):
    """Exit status and peak of resident memory, in MiB, of a command."""
    pid = os.fork()
    if not pid:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execv(command[0], command)
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss / 1024


def write_bulk(path, mebibytes):
    count = min(16000, mebibytes * 16)
    text = (b"    <description>" + b"x" * 64 + b"</description>\n") * 4
    filler = (b"      <driver name='qemu' type='qcow2' cache='none'>" +
              b"x" * 400 + b"</driver>\n")
    lines = (mebibytes * 1048576 // count - 900) // len(filler)
    with open(path, "wb") as file:
        file.write(b"<snapshots current='s%d'>\n" % (count - 1))
        for i in range(count):
            parent = b""
            if i:
                parent = (b"    <parent>\n      <name>s%d</name>\n"
                          b"    </parent>\n" % (i - 1))
            file.write(b"  <domainsnapshot>\n    <name>s%d</name>\n" % i +
                       text[:len(text) // 4] +
                       b"    <state>shutoff</state>\n" + parent +
                       b"    <creationTime>%d</creationTime>\n" % (i + 1) +
                       b"    <domain>\n      <uuid>"
                       b"6f9d2c1e-0000-4000-8000-000000000001</uuid>\n" +
                       filler * lines + b"    </domain>\n"
                       b"  </domainsnapshot>\n")
        file.write(b"</snapshots>\n")
    return count


def lose_current(path):
    """Let current= name no snapshot."""
    with open(path, "r+b") as file:
        at = file.read(4096).index(b"current='s") + len("current='")
        file.seek(at)
        file.write(b"z")


if os.environ.get("SANITIZE"):
    tally.skip("memory: the sanitizers' own would be counted")
    tally.end()
with Scratch() as scratch:
    base = os.path.join(scratch, "snapshot")
    os.mkdir(base)
    bulk = os.path.join(base, "vm.xml")
    snapshots = write_bulk(bulk, size)
    limit = f"--max-bulk-size={size * 2}M"
    repair = ("--repair=all", "--backup=" + os.path.join(scratch, "kept"),
              limit, base)
    print(f"  {snapshots} snapshots, {os.path.getsize(bulk) >> 20} MiB:",
          end="")
    for label, command in (("verify", (VERIFY, limit, base)),
                           ("export", (MIGRATE, "--export", limit, base)),
                           ("migrate", (MIGRATE, limit, base)),
                           ("nothing to do", (MIGRATE, limit, base)),
                           ("diff", (MIGRATE, "-n", *repair)),
                           ("repair", (MIGRATE, *repair))):
        if label == "diff":
            lose_current(bulk)
        code, used = peak(*command)
        print(f" {label} {used:.0f} MiB", end="", flush=True)
        tally.check(code == 0, f"{label}: status {code}")
        tally.check(used < LIMIT, f"{label}: {used:.0f} MiB of memory")
    print()
tally.end()
