"""Damaged directories for a real libvirt: what it wrote itself, damaged here,
and the starting points of the cases in tests/cases.

Each domain of each gets a name of its own, CASE.DOMAIN, so that one libvirtd
can be shown all of them at once, and a definition of that name.
"""
import collections
import os
import re
import shutil
import stat
import subprocess
import uuid
from xml.sax.saxutils import escape

from libvirt_daemon import BASE, DOMAINS
from support import BUILD, HERE, unpack

# Thousands of findings, which say nothing about a loader.
MANY = ("findings-cut", "warnings-cut")
STAGE = ".virt-snapshot-migrate"
UUID = re.compile(rb"<uuid>([0-9a-f-]{36})</uuid>")
UNNAMED = re.compile(rb"[\0-\x08\n\x0b\x0c\x0e-\x1f]")
# A file that no case makes to have its uuid looked at.
LARGE = 8 << 20


def read(path):
    with open(path, "rb") as file:
        return file.read()


def put(path, content):
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, 0o600)


def edit(name, pattern, to):
    """A damage: in one file, the first match of the pattern is replaced."""
    def damage(folder):
        path = os.path.join(folder, name)
        new, count = re.subn(pattern, lambda _: to, read(path), 1, re.DOTALL)
        assert count == 1, (name, pattern)
        put(path, new)
    return damage


def change(name, how, to=None):
    """A damage: the content of one file is changed, or put into another."""
    def damage(folder):
        put(os.path.join(folder, to or name),
            how(read(os.path.join(folder, name))))
    return damage


def same(content):
    return content


def renamed(name, to):
    def damage(folder):
        os.rename(os.path.join(folder, name), os.path.join(folder, to))
    return damage


def removed(name, instead=None):
    def damage(folder):
        os.unlink(os.path.join(folder, name))
        if instead:
            instead(os.path.join(folder, name))
    return damage


def link(path):
    os.symlink("off1.xml", path)


def beside(content):
    """A file in the place of the bulk file."""
    return lambda folder: put(folder + ".xml", content)


def filled(size):
    """So many bytes, by a comment in the <domain>."""
    def fill(content):
        rest = size - len(content) - len(b"<!---->")
        return content.replace(b"<os>", b"<!--" + b"x" * rest + b"--><os>", 1)
    return fill


def nested(depth):
    """Elements nested so deep, the root included."""
    def nest(content):
        more = depth - 3
        return content.replace(b"    <os>", b"<metadata>" + b"<x>" * more +
                               b"</x>" * more + b"</metadata><os>", 1)
    return nest


ENTITY = b'<!DOCTYPE domainsnapshot [<!ENTITY e "off3">]>\n<domainsnapshot>'
# off1 has the children run1, off2 and off3; run1 has run2 and branch.
DAMAGES = {
    "nothing": lambda folder: None,
    "parent missing": removed("off1.xml"),
    "parent missing further down": removed("run1.xml"),
    "cycle": edit("off1.xml", rb"  <creationTime>",
                  b"  <parent><name>run2</name></parent>\n  <creationTime>"),
    "own parent": edit("off3.xml", rb"<name>off1</name>", b"<name>off3</name>"),
    "name twice": change("off3.xml", same, "copy.xml"),
    "name twice, current": change("off2.xml", same, "copy.xml"),
    "no active": edit("off3.xml", rb"  <active>0</active>\n", b""),
    "no active in the current": edit("off2.xml", rb"  <active>1</active>\n",
                                     b""),
    "active of many digits": edit("off3.xml", rb"<active>0",
                                  b"<active>99999999999"),
    "active 2": edit("off2.xml", rb"<active>1", b"<active>2"),
    "active odd": edit("off2.xml", rb"<active>1<", b"<active>yes<"),
    "none current": edit("off2.xml", rb"<active>1", b"<active>0"),
    "two current": edit("off1.xml", rb"<active>0", b"<active>1"),
    "stale new": change("off3.xml", same, "off3.xml.new"),
    "only new": renamed("off3.xml", "off3.xml.new"),
    "torn new": change("off3.xml", lambda old: old[:900], "off3.xml.new"),
    "time of letters": edit("off3.xml", rb"<creationTime>", b"<creationTime>x"),
    "no time": edit("off3.xml", rb"  <creationTime>.*?\n", b""),
    "negative time": edit("off3.xml", rb"<creationTime>", b"<creationTime>-"),
    "state odd": edit("run1.xml", rb"<state>running", b"<state>odd"),
    "no state": edit("off1.xml", rb"  <state>.*?\n", b""),
    "cut": change("off3.xml", lambda old: old[:1000]),
    "empty file": change("off3.xml", lambda old: b""),
    "end tag": edit("off3.xml", rb"</os>", b"</so>"),
    "wrong root": change("off3.xml", lambda old: old.replace(
        b"domainsnapshot>", b"domainsnap>")),
    "just fits": change("off1.xml", filled(1048576)),
    "too big": change("off1.xml", filled(1048577)),
    "257 deep": change("off3.xml", nested(257)),
    "258 deep": change("off3.xml", nested(258)),
    "directory instead": removed("off3.xml", os.mkdir),
    "directory beside": lambda folder: os.mkdir(folder + "/old.xml"),
    "link": removed("off3.xml", link),
    "wrong uuid": edit("off3.xml", rb"<uuid>........", b"<uuid>01234567"),
    "name of another domain": edit("off3.xml", rb"(?<=  )<name>web</name>",
                                   b"<name>other</name>"),
    "no domain": edit("off3.xml", rb"  <domain type.*?</domain>\n", b""),
    "domain without type": edit("off3.xml", rb"<domain type='qemu'>",
                                b"<domain>"),
    "domain without os": edit("off3.xml", rb"    <os>.*?</os>\n", b""),
    "byte order mark": change("off3.xml", lambda old: b"\xef\xbb\xbf" + old),
    "carriage returns": change("off3.xml", lambda old: old.replace(
        b"\n", b"\r\n")),
    "DOCTYPE": edit("off3.xml", rb"<domainsnapshot>", ENTITY),
    "UTF-16": change("off3.xml", lambda old: old.decode().encode("utf-16")),
    "Latin-1": edit("off3.xml", rb"  <state>",
                    b"  <description>\xe9</description>\n  <state>"),
    "behind a NUL": change("off3.xml", lambda old: old + b"\0<"),
    "editor's copy": change("off3.xml", same, "off3.xml~"),
    "dot file": change("off3.xml", lambda old: old.replace(
        b"<name>off3", b"<name>dot"), ".dot"),
    "file name differs": renamed("off3.xml", "other.xml"),
    "no name": edit("off3.xml", rb"  <name>off3</name>\n", b""),
    "name with a slash": edit("off3.xml", rb"off3", b"../off3"),
    "notes": lambda folder: put(folder + "/README", b"do not touch\n"),
    "memory": edit("off3.xml", rb"<memory snapshot='no'",
                   b"<memory snapshot='odd'"),
    "disk": edit("off3.xml", rb"<disk name='vda'", b"<disk"),
    "file beside": beside(b"not a bulk file\n"),
}


class Crowd:
    """All of them in the snapshot directory, while no libvirtd runs."""

    def __init__(self):
        self.skipped = []
        self.cases = 0
        self.expected = {}

    def damages(self, source):
        """Copies of a directory that libvirt wrote, one for each damage."""
        for label, damage in DAMAGES.items():
            folder = os.path.join(BASE, f"damage.{label}")
            shutil.copytree(source, folder)
            damage(folder)
            adopt(folder.encode())
            self.cases += 1

    def move_in(self, case, snapshot):
        """The entries of a snapshot directory, under names of their own."""
        for entry in sorted(os.listdir(os.fsencode(snapshot))):
            path = os.path.join(os.fsencode(snapshot), entry)
            name = os.fsencode(case) + b"." + entry
            try:
                name.decode()
            except UnicodeDecodeError:
                name = b"/"
            # What no domain can be called; and at a fifo libvirtd hangs.
            if entry == STAGE.encode() or len(name) > 247 or b"/" in name or \
                    UNNAMED.search(name) or any(has_kind(stat.S_ISFIFO, path)):
                self.skipped.append(os.path.join(case, os.fsdecode(entry)))
                continue
            straighten(path)
            os.rename(path, os.path.join(os.fsencode(BASE), name))
            adopt(os.path.join(os.fsencode(BASE), name))

    def case(self, name, scratch):
        """What a case begins with."""
        case = os.path.join(HERE, "cases", name)
        here = os.path.join(scratch, name)
        os.mkdir(here)
        needs = read(case + "/needs").split() if os.path.exists(
            case + "/needs") else []
        if b"lock" in needs or b"user" in needs or name in MANY:
            self.skipped.append(name)
            return
        if os.path.isdir(case + "/before"):
            shutil.copytree(case + "/before", here + "/snapshot")
        else:
            os.mkdir(here + "/snapshot")
        if os.path.exists(case + "/setup"):
            subprocess.run(["sh", "-c", '. "$1/lib.sh"; . "$2/setup"', "sh",
                            os.path.join(HERE, "cases"), case], cwd=here,
                           check=False, stdin=subprocess.DEVNULL,
                           env={**os.environ, "LC_ALL": "C", "B": BUILD})
        if os.path.isdir(here + "/snapshot"):
            self.move_in(name, os.path.realpath(here + "/snapshot"))
            self.cases += 1

    def store(self, name, scratch):
        """A store, and what libvirt said of it when it was made."""
        folder, said = unpack(name, scratch)
        self.move_in(name, folder + "/snapshot")
        for domain, answer in said.items():
            full = os.fsencode(f"{name}.{domain}")
            if os.path.isdir(os.path.join(os.fsencode(BASE), full)):
                # Where the parent is gone, one is a root.
                parents = answer["snapshots"]
                self.expected[full] = (
                    {os.fsencode(child): os.fsencode(parent)
                     if parent in parents else None
                     for child, parent in parents.items()},
                    answer["current"] and os.fsencode(answer["current"]))

    def all_cases(self, scratch):
        for name in sorted(os.listdir(os.path.join(HERE, "cases"))):
            if os.path.isdir(os.path.join(HERE, "cases", name)):
                self.case(name, scratch)


def has_kind(kind, path):
    """For each entry of a directory: is it of this kind?"""
    if os.path.isdir(path) and not os.path.islink(path):
        for name in os.listdir(path):
            yield kind(os.lstat(os.path.join(path, name)).st_mode)


def straighten(path):
    """Symbolic links that are relative still lead to the same place."""
    entries = [path]
    if os.path.isdir(path) and not os.path.islink(path):
        entries += [os.path.join(path, name) for name in os.listdir(path)]
    for entry in entries:
        if os.path.islink(entry):
            target = os.path.join(os.path.dirname(entry), os.readlink(entry))
            os.unlink(entry)
            os.symlink(os.path.normpath(target), entry)


def own_uuid(name):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, os.fsdecode(name)))


def adopt(path):
    """One domain, one uuid: the one that most snapshots have becomes its."""
    name = os.path.basename(path)
    files = [path]
    if os.path.islink(path):
        return
    if os.path.isdir(path):
        files = [os.path.join(path, entry) for entry in os.listdir(path)]
    elif name.endswith(b".xml"):
        name = name[:-4]
    files = [file for file in files if not os.path.islink(file) and
             os.path.isfile(file) and os.path.getsize(file) < LARGE]
    count = collections.Counter(
        found for file in files for found in set(UUID.findall(read(file))))
    if not count:
        return
    old = count.most_common(1)[0][0]
    for file in files:
        content = read(file)
        if old in content:
            # In place: it can have a second link.
            with open(file, "r+b") as out:
                out.write(content.replace(old, own_uuid(name).encode()))


def define(names):
    """Definitions as libvirtd reads them when it starts."""
    for name in names:
        path = os.path.join(os.fsencode(DOMAINS), name + b".xml")
        if not os.path.exists(path):
            text = escape(name.decode(), {"\t": "&#9;", "\r": "&#13;"})
            put(path, f"""<domain type='qemu'>
  <name>{text}</name>
  <uuid>{own_uuid(name)}</uuid>
  <memory unit='MiB'>16</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
</domain>
""".encode())
