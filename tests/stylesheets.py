#!/usr/bin/env python3
"""The stylesheets and the programs state the same mapping.

For every domain of the stores, and a few made for the purpose: what xsltproc
makes of it and what the program makes of it is the same canonical XML, white
space included, in both directions. And with move-paths.xsl, the example for --transform, all
paths change and nothing else does; back again, every meaning is as it was.
"""
import os
import xml.etree.ElementTree as ElementTree

from support import (HERE, MIGRATE, STORES, Scratch, Tally, run, unpack)

SCHEMAS = os.path.join(os.path.dirname(HERE), "schemas")
TO_BULK = os.path.join(SCHEMAS, "legacy-to-bulk.xsl")
TO_LEGACY = os.path.join(SCHEMAS, "bulk-to-legacy.xsl")
tally = Tally()


def canonical(path):
    result = run("xmllint", "--nonet", "--c14n", path)
    assert result.returncode == 0, result
    return result.stdout


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def to_bulk(folder, scratch):
    """The bulk file that xsltproc makes of a legacy directory."""
    wrapped = os.path.join(scratch, "wrapped.xml")
    with open(wrapped, "wb") as out:
        out.write(b"<legacy>")
        for name in sorted(os.listdir(os.fsencode(folder))):
            with open(os.path.join(os.fsencode(folder), name), "rb") as file:
                out.write(file.read())
        out.write(b"</legacy>")
    result = run("xsltproc", "--nonet", TO_BULK, wrapped)
    tally.check(result.returncode == 0, f"xsltproc of {folder}", result.stderr)
    made = os.path.join(scratch, "made.xml")
    write(made, result.stdout)
    return made


def to_legacy(bulk, scratch):
    """All legacy files that xsltproc makes of a bulk file, in a wrapper."""
    result = run("xsltproc", "--nonet", TO_LEGACY, bulk)
    tally.check(result.returncode == 0, f"xsltproc of {bulk}", result.stderr)
    made = os.path.join(scratch, "made.xml")
    write(made, result.stdout)
    return made


def compare(store):
    with Scratch() as scratch:
        folder, expected = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        bulk = os.path.join(scratch, "bulk")
        run(MIGRATE, "--output-dir", bulk, base)
        exported = os.path.join(scratch, "legacy")
        files = run(MIGRATE, "--export", "--output-dir", exported, bulk)
        tally.check(files.returncode == 0, "export", files.stderr)
        compared = 0
        for domain in expected:
            ours = os.path.join(bulk, domain + ".xml")
            if not os.path.exists(ours):
                continue
            made = to_bulk(os.path.join(base, domain), scratch)
            tally.check(canonical(made) == canonical(ours),
                        f"{store}: {domain!r} to bulk")
            # Back: the wrapper, in the order of the members.
            made = to_legacy(ours, scratch)
            back = os.path.join(scratch, "back.xml")
            write(back, wrapped_in_order(os.path.join(exported, domain), made))
            tally.check(canonical(made) == canonical(back),
                        f"{store}: {domain!r} to legacy")
            compared += 1
        tally.check(compared > 10, f"{store}: {compared} domains compared")


def wrapped_in_order(legacy, like):
    """The files of a directory in the wrapper, in the order of another one."""
    found = {}
    for name in os.listdir(legacy):
        path = os.path.join(legacy, name)
        with open(path, "rb") as file:
            found[ElementTree.parse(path).findtext("name")] = file.read()
    order = [member.findtext("name")
             for member in ElementTree.parse(like).getroot()]
    return (b"<legacy>\n" + b"".join(found[name] for name in order) +
            b"</legacy>")


def move(folder, source, made, there, back):
    """Export a store with the example, from one directory of disks to another."""
    with open(os.path.join(SCHEMAS, "move-paths.xsl"), encoding="utf-8") as file:
        text = file.read()
    for variable, path in (("from", there), ("to", back)):
        before = text
        start = text.index("'", text.index(f'name="{variable}"'))
        text = text[:start] + f"'{path}'" + text[text.index("'", start + 1) + 1:]
        tally.check(text != before, f"{variable} is set")
    sheet = os.path.join(folder, "sheet.xsl")
    write(sheet, text.encode())
    result = run(MIGRATE, "-q", "--export", "--transform", sheet,
                 "--output-dir", made, source)
    tally.check(result.returncode == 0, "move", result.stdout + result.stderr)


def files_of(base):
    return [os.path.join(os.path.basename(folder), name)
            for folder, _, names in os.walk(os.fsencode(base))
            for name in names]


def move_paths():
    with Scratch() as scratch:
        folder, _ = unpack("real-libvirt-9.0.0", scratch)
        base = os.path.join(folder, "snapshot")
        plain = os.path.join(scratch, "plain")
        run(MIGRATE, "-q", "--export", "--output-dir", plain, base)
        moved = os.path.join(scratch, "moved")
        move(scratch, plain, moved, "/srv/vm/", "/data/it&amp;s/")
        again = os.path.join(scratch, "again")
        move(scratch, moved, again, "/data/it&amp;s/", "/srv/vm/")
        changed = 0
        for name in map(os.fsdecode, files_of(plain)):
            was, now, then = (os.path.join(one, name)
                              for one in (plain, moved, again))
            tally.check(canonical(was) == canonical(then), f"{name!r} is back")
            with open(was, "rb") as before, open(now, "rb") as after:
                for old, new in zip(before.read().splitlines(),
                                    after.read().splitlines(), strict=True):
                    right = old == new or (
                        old.replace(b"/srv/vm/", b"/data/it&amp;s/") ==
                        new.replace(b'"', b"'"))
                    if not right:
                        tally.check(False, f"{name!r}", old + b" -> " + new)
                    changed += old != new
            tally.check(b"/srv/vm/" not in canonical(now), f"{name!r} has moved")
        tally.check(changed > 100, f"{changed} lines changed")


for each in STORES:
    compare(each)
move_paths()
tally.end()
