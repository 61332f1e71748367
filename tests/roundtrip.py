#!/usr/bin/env python3
"""The main job on real stores: to bulk files and back gives every byte back.

What the bulk files hold is judged here by other means than the programs' own:
Python's XML parser, and what libvirt's API said of the store.
"""
import os
import re
import shutil
import stat
import xml.etree.ElementTree as ElementTree

from support import (MIGRATE, STORES, VERIFY, Scratch, Tally, differences,
                     identities, run, tree, unpack, without_empty)

tally = Tally()

# libvirt wrote these, and cannot load them again (the store's README).
REFUSED = {"real-libvirt-9.0.0": set(), "odd-names": {"time zero"}}


def check_bulk(path, name, expected):
    """Members, parents, order and current= of one bulk file."""
    with open(path, "rb") as file:
        root = ElementTree.fromstring(file.read())
    members = root.findall("domainsnapshot")
    names = [member.findtext("name") for member in members]
    parents = {member.findtext("name"): member.findtext("parent/name")
               for member in members}
    tally.check(parents == expected["snapshots"], f"parents of {name!r}",
                parents)
    tally.check(root.get("current") == expected["current"],
                f"current of {name!r}", root.get("current"))
    seen = set()
    keys = []
    for member in members:
        parent = member.findtext("parent/name")
        tally.check(parent is None or parent in seen,
                    f"parent before child in {name!r}", member.findtext("name"))
        seen.add(member.findtext("name"))
        keys.append((int(member.findtext("creationTime")),
                     member.findtext("name").encode()))
    free = [key for key, member in zip(keys, members)
            if member.find("parent") is None]
    tally.check(free == sorted(free), f"order of roots in {name!r}", names)


def check_all_bulk(store, base, expected):
    for name, said in expected.items():
        path = os.path.join(base, name + ".xml")
        if said["snapshots"] and name not in REFUSED[store]:
            mode = os.stat(path).st_mode
            tally.check(stat.S_IMODE(mode) == 0o600, f"mode of {name!r}")
            check_bulk(path, name, said)


def refused(store):
    return 1 if REFUSED[store] else 0


def round_trip(store, *options):
    """There and back; returns nothing, checks everything on the way."""
    label = f"{store} {' '.join(options)}"
    with Scratch() as scratch:
        folder, expected = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        before = tree(base)
        first = run(MIGRATE, *options, base)
        tally.check(first.returncode == refused(store), label + ": migrate",
                    first.stdout + first.stderr)
        if "--no-suffix" not in options:
            check_all_bulk(store, base, expected)
        verified = run(VERIFY, *(o for o in options if o == "--no-suffix"),
                       base)
        tally.check(verified.returncode == refused(store), label + ": verify",
                    verified.stdout)
        stands = identities(base)
        again = run(MIGRATE, *options, base)
        tally.check(again.returncode == refused(store) and
                    identities(base) == stands,
                    label + ": a second run changes nothing", again.stdout)
        back = run(MIGRATE, "--export", *options, base)
        tally.check(back.returncode == refused(store), label + ": export",
                    back.stdout + back.stderr)
        after = tree(base)
        tally.check(after == without_empty(before),
                    label + ": every byte is back",
                    differences(after, without_empty(before)))


def disorder(path):
    """A bulk file as libvirt writes it: members in any order, raw current=."""
    with open(path, "rb") as file:
        text = file.read()
    head, rest = text.split(b">\n  <domainsnapshot>", 1)
    members = (b"  <domainsnapshot>" + rest).split(b"\n  <domainsnapshot>")
    members[-1], tail = members[-1].rsplit(b"\n</snapshots>", 1)
    members = [members[0]] + [b"  <domainsnapshot>" + m for m in members[1:]]
    members.reverse()
    for reference, raw in ((b"&#9;", b"\t"), (b"&#10;", b"\n"),
                           (b"&#13;", b"\r")):
        head = head.replace(reference, raw)
    with open(path, "wb") as file:
        file.write(head + b">\n" + b"\n".join(members) + b"\n</snapshots>" +
                   tail)
    return head


def from_libvirts_own(store):
    """Files as libvirt's bulk writer leaves them export to what they were."""
    with Scratch() as scratch:
        folder, _ = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        before = without_empty(tree(base))
        run(MIGRATE, base)
        ambiguous = set()
        for name in os.listdir(base):
            path = os.path.join(base, name)
            if not os.path.isfile(path):
                continue
            head = disorder(path)
            current = re.search(rb"current='(.*)'", head, re.S)
            blanked = current and re.sub(rb"[\t\n\r]", b" ", current.group(1))
            with open(path, "rb") as file:
                text = file.read()
            if current and blanked != current.group(1) and \
                    b"<name>" + blanked + b"</name>" in text:
                ambiguous.add(name)
        back = run(MIGRATE, "--export", base)
        after = tree(base)
        expected_status = 1 if ambiguous or REFUSED[store] else 0
        tally.check(back.returncode == expected_status,
                    f"{store}: export what libvirt wrote",
                    back.stdout + back.stderr)
        for name in ambiguous:
            tally.check(os.fsencode(name) in after,
                        f"{name!r}: an ambiguous current= is refused")
            domain = os.fsencode(name[:-4])
            before = {path: entry for path, entry in before.items()
                      if path.split(b"/")[0] != domain}
            del after[os.fsencode(name)]
        tally.check(after == before, f"{store}: libvirt's own files",
                    differences(after, before))


def elsewhere(store):
    """--output-dir leaves the source alone and holds the whole result."""
    with Scratch() as scratch:
        folder, _ = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        there = os.path.join(scratch, "there")
        back = os.path.join(scratch, "back")
        before = identities(base)
        run(MIGRATE, "--output-dir", there, base)
        tally.check(identities(base) == before, f"{store}: source untouched")
        stands = identities(there)
        again = run(MIGRATE, "--output-dir", there, base)
        tally.check(again.returncode == refused(store) and
                    {k: v[:4] for k, v in identities(there).items()
                     if k[-2:] != b"/."} ==
                    {k: v[:4] for k, v in stands.items() if k[-2:] != b"/."},
                    f"{store}: --output-dir twice", again.stderr)
        run(MIGRATE, "--export", "--output-dir", back, there)
        original = {name: entry for name, entry in
                    without_empty(tree(base)).items()
                    if os.fsdecode(name.split(b"/")[0]) not in REFUSED[store]}
        tally.check(tree(back) == original, f"{store}: elsewhere and back",
                    differences(tree(back), original))


def can_exchange():
    """--no-suffix needs a file system with RENAME_EXCHANGE."""
    with Scratch() as scratch:
        folder, _ = unpack(STORES[0], scratch)
        base = os.path.join(folder, "snapshot")
        for name in os.listdir(base):
            if name != "foo":
                shutil.rmtree(os.path.join(base, name))
        return run(MIGRATE, "--no-suffix", base).returncode == 0


for each in STORES:
    round_trip(each)
    from_libvirts_own(each)
    elsewhere(each)
    if can_exchange():
        round_trip(each, "--no-suffix")
    else:
        tally.skip("--no-suffix: this file system cannot exchange names")
tally.end()
