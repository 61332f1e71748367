#!/usr/bin/env python3
"""What a script of a few lines would do, to set virt-snapshot-migrate beside.

    tests/lxml-migrate.py DIR FILE [SCHEMA]

Reads each snapshot in DIR, holds it against SCHEMA, which is compiled once,
and writes all of them to FILE, synced. It does not look at parents, proves
nothing and puts nothing in place.
"""
import os
import sys

from lxml import etree

folder, target = sys.argv[1:3]
schema = etree.RelaxNG(etree.parse(sys.argv[3])) if sys.argv[3:] else None
with open(target, "wb") as file:
    file.write(b"<snapshots>\n")
    for entry in os.scandir(folder):
        document = etree.parse(entry.path)
        if schema and not schema.validate(document):
            sys.exit(f"{entry.path}: {schema.error_log.last_error}")
        file.write(etree.tostring(document.getroot()) + b"\n")
    file.write(b"</snapshots>\n")
    file.flush()
    os.fsync(file.fileno())
