#!/usr/bin/env python3
"""The stores that store.py makes are what they are said to be: sound, of the
size asked for, and the same in both layouts. The benchmark rests on that."""
import itertools
import os

from store import KINDS, LAYOUTS, STATES, TOPOLOGIES, write_store
from support import MIGRATE, VERIFY, Scratch, Tally, differences, run, tree

LIBVIRT = "/usr/share/libvirt/schemas/domainsnapshot.rng"
SIZE = 10240
SNAPSHOTS = 8
tally = Tally()


def sound(base, label):
    """Nothing at all is said of it, by libvirt's schema either."""
    schema = ["--schema=libvirt"] if os.path.exists(LIBVIRT) else []
    done = run(VERIFY, *schema, base)
    said = f"2 domains, {2 * SNAPSHOTS} snapshots: 0 errors, 0 warnings\n"
    tally.check(done.returncode == 0 and done.stdout == said.encode() and
                not done.stderr, label, (done.stdout + done.stderr).decode())


def converted(base, other, label, *options):
    """Converting BASE gives, to the byte, what is in OTHER."""
    done = run(MIGRATE, "--allow-running", *options, base)
    unlike = differences(tree(base), tree(other))
    tally.check(done.returncode == 0 and not unlike, label,
                f"status {done.returncode}, differ: {unlike[:5]}")


def documents(base):
    return [content for _, _, _, content in tree(base).values() if content]


def domains(text):
    """All that a document embeds as <domain>."""
    return text[text.index(b"  <domain "):text.index(b"  </domain>")]


def without_paths(text):
    return b"\n".join(line for line in text.split(b"\n")
                      if b"<source file=" not in line)


def look_at(base, kind, label):
    """One current snapshot for each domain; sizes; what changes in <domain>."""
    found = documents(base)
    active = sum(b"<active>1</active>" in text for text in found)
    tally.check(active == 2, f"{label}: {active} current snapshots")
    sizes = [len(text) for text in found]
    # A disk and its overlays more would not fit; drifting is uneven.
    tally.check(SIZE * 0.8 < min(sizes) and max(sizes) <= SIZE,
                f"{label}: {min(sizes)} to {max(sizes)} bytes")
    whole = {domains(text) for text in found}
    bare = {without_paths(text) for text in whole}
    most = 2 * SNAPSHOTS
    # Two snapshots are roots, or were taken from the same overlay.
    good = {"internal": len(whole) == len(bare) == 2,
            "external": len(whole) >= most - 2 and len(bare) == 2,
            "drifting": len(whole) == len(bare) == most}[kind]
    tally.check(good, f"{label}: {len(whole)} unlike, but for paths "
                f"{len(bare)}")


def one(where, kind, topology, state):
    label = f"{kind} {topology} {state}"
    base = {}
    for layout in LAYOUTS:
        base[layout] = os.path.join(where, layout)
        write_store(base[layout], kind=kind, topology=topology, state=state,
                    layout=layout, domains=2, snapshots=SNAPSHOTS, size=SIZE)
        sound(base[layout], f"{label} {layout}")
    look_at(base["legacy"], kind, label)
    work = os.path.join(where, "work")
    write_store(work, kind=kind, topology=topology, state=state, domains=2,
                snapshots=SNAPSHOTS, size=SIZE)
    converted(work, base["bulk"], f"{label}: migrate")
    converted(work, base["legacy"], f"{label}: export", "--export")


for kind, topology, state in itertools.product(KINDS, TOPOLOGIES, STATES):
    if state == "shutoff" or topology == "tree":
        with Scratch() as scratch:
            one(scratch, kind, topology, state)
with Scratch() as scratch:
    # The largest that there can be; in a bulk file the indentation counts.
    for layout, size in (("legacy", 1 << 20), ("bulk", 15 << 18)):
        path = os.path.join(scratch, layout)
        total = write_store(path, size=size, snapshots=3, layout=layout,
                            kind="external")
        done = run(VERIFY, path)
        tally.check(done.returncode == 0 and 2.8 * size < total < 3.1 * size,
                    f"largest, {layout}: {total}", done.stdout.decode())
    try:
        write_store(os.path.join(scratch, "x"), size=(1 << 20) + 1)
        tally.check(False, "a file that libvirt does not read was written")
    except ValueError:
        tally.check(True, "")
tally.end()
