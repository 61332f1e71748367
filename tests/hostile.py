#!/usr/bin/env python3
"""No file of 1 MiB keeps virt-snapshot-verify busy or fills the memory.

Hostile documents of just under 1 MiB in many families, each at every place
where it makes a difference. Without arguments a selection is tried, each of
which was far too dear once: it must end by itself, say what it should, and take
less than 256 MiB. Nobody looks at the time; only a runaway is ended.

--all tries every one, in all modes, and prints the dearest; --all NAME... those
with NAME in theirs. --write DIR NAME... only writes them, as DIR/NAME.xml.
"""
import os
import resource
import sys

from hostile_documents import SIZE, documents
from support import VERIFY, Scratch, Tally

MEMORY = 256        # MiB
RUNAWAY = 20        # seconds of processor time
SANITIZED = bool(os.environ.get("SANITIZE"))
LIBVIRT = "/usr/share/libvirt/schemas/domainsnapshot.rng"


def measure(path, *options):
    """Status, processor time, peak memory in MiB, output."""
    output = os.path.join(os.path.dirname(path), "output")
    runaway = RUNAWAY * (10 if SANITIZED else 1)
    pid = os.fork()
    if not pid:
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (runaway, runaway))
            if not SANITIZED:
                resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(file, 1)
            os.dup2(file, 2)
            os.execv(VERIFY, (VERIFY, *options, path))
        finally:
            os._exit(127)
    _, status, usage = os.wait4(pid, 0)
    with open(output, "rb") as file:
        text = file.read()
    return (os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss / 1024, text)


def write(where, name, text):
    """The path of the file."""
    data = text.encode()
    assert len(data) <= SIZE, (name, len(data))
    path = os.path.join(where, name + ".xml")
    with open(path, "wb") as file:
        file.write(data)
    return path


def has_libvirt():
    return os.path.exists(LIBVIRT)


def try_one(tally, where, name, text, mode):
    """What it took, and what was said."""
    path = write(where, name, text)
    code, seconds, memory, said = measure(path, *mode)
    os.unlink(path)
    label = " ".join((name, *mode))
    tally.check(code in (0, 1), label, f"status {code}")
    tally.check(memory < MEMORY or SANITIZED, label, f"{memory:.0f} MiB")
    return (seconds, memory, label, said)


def try_all(tally, names):
    modes = [(), ("--list",)] + [("--schema=libvirt",)] * has_libvirt()
    table = []
    with Scratch() as scratch:
        for name, text in documents():
            if names and not any(part in name for part in names):
                continue
            for mode in modes:
                table.append(try_one(tally, scratch, name, text, mode)[:3])
    table.sort(reverse=True)
    for seconds, memory, label in table[:40]:
        print(f"  {seconds:5.2f} s {memory:4.0f} MiB {label}")
    print(f"  {len(table)} runs, {sum(row[0] > 1 for row in table)} of more "
          "than a second, at most "
          f"{max((row[1] for row in table), default=0):.0f} MiB")


# What each was too dear for, and what is said of it; with libvirt's schema or
# without.
SELECTION = {
    "outside-comment-open-inside": ("", "xml-malformed"),
    "outside-comment-open-after": ("", "xml-malformed"),
    "snapshot-name-and-disks": ("", "name-unsafe"),
    "bulk-name-and-disks": ("", "name-unsafe"),
    "disk-attributes-100-children-100": ("", "schema-unchecked"),
    "annex-attributes-100-children-100": ("libvirt", "schema-unchecked"),
    "metadata-siblings": ("libvirt", "schema-unchecked"),
    "root-attributes-16000": ("", "attributes-many"),
    "devices-backing-index": ("libvirt", "schema-foreign"),
    "devices-backing-blanks": ("libvirt", "schema-foreign"),
    "devices-interface-wrong-last": ("libvirt", "schema-foreign"),
    "disks-siblings-distinct": ("", "findings-cut"),
    "bulk-states-in-300": ("libvirt", "name-duplicate"),
    "bulk-wrong": ("", "warnings-cut"),
}


def try_selection(tally):
    with Scratch() as scratch:
        for name, text in documents(SELECTION):
            schema, expected = SELECTION[name]
            if schema and not has_libvirt():
                tally.skip(f"{name}: libvirt's schema is not installed")
                continue
            mode = (f"--schema={schema}",) if schema else ()
            _, _, label, said = try_one(tally, scratch, name, text, mode)
            tally.check(f"[{expected}]".encode() in said, label,
                        f"it is not {expected}")


def main(arguments):
    tally = Tally()
    if arguments[:1] == ["--write"]:
        for name, text in documents():
            if name in arguments[2:]:
                print(write(arguments[1], name, text))
        return
    if arguments[:1] == ["--all"]:
        try_all(tally, arguments[1:])
    else:
        try_selection(tally)
    tally.end()


if __name__ == "__main__":
    main(sys.argv[1:])
