#!/usr/bin/env python3
"""The schemas, as xmllint sees them.

They accept every file of the stores, in both layouts, and reject what is not
as it should be; each schema is found by its public name; and the program, which
reads the schemas from itself, never differs from xmllint.
"""
import glob
import os
import re

from support import (HERE, MIGRATE, STORES, VERIFY, Scratch, Tally, run,
                     unpack)

SCHEMAS = os.path.join(os.path.dirname(HERE), "schemas")
CATALOG = os.path.join(SCHEMAS, "catalog.xml")
NAMES = "urn:virt-snapshot-tools:schema:"
UUID = "<uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid>"
DOMAIN = ("<domain type='kvm'><name>d</name>" + UUID + "<memory>1</memory>"
          "<os><type>hvm</type></os></domain>")
NAME = "<name>s</name>"
STATE = "<state>shutoff</state>"
TIME = "<creationTime>1</creationTime>"
tally = Tally()


def valid(schema, paths):
    """Those of the files that xmllint finds valid."""
    found = set()
    for start in range(0, len(paths), 100):
        some = paths[start:start + 100]
        result = run("xmllint", "--nonet", "--noout", "--relaxng",
                     os.path.join(SCHEMAS, schema), *some)
        lines = set(result.stderr.split(b"\n"))
        found.update(path for path in some
                     if os.fsencode(path) + b" validates" in lines)
    return found


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def try_store(store):
    """Every file, under a name that is plain, as libvirt wrote it."""
    with Scratch() as scratch:
        folder, expected = unpack(store, scratch)
        base = os.path.join(folder, "snapshot")
        # A time of 0 is written as none, and then it is no snapshot any more.
        unloadable = {b"gone.xml"}
        plain = []
        for where, _, files in os.walk(os.fsencode(base)):
            for name in files:
                if name in unloadable:
                    continue
                path = os.path.join(scratch, f"legacy{len(plain)}.xml")
                os.rename(os.path.join(where, name), path)
                plain.append(path)
        good = valid("domainsnapshot.rng", plain)
        tally.check(len(plain) > 100 and set(plain) == good,
                    f"{store}: {len(plain)} legacy files",
                    sorted(set(plain) - good)[:3])
    with Scratch() as scratch:
        folder, expected = unpack(store, scratch)
        out = os.path.join(scratch, "bulk")
        run(MIGRATE, "--output-dir", out, os.path.join(folder, "snapshot"))
        plain = []
        for name in os.listdir(os.fsencode(out)):
            path = os.path.join(scratch, f"bulk{len(plain)}.xml")
            os.rename(os.path.join(os.fsencode(out), name), path)
            plain.append(path)
        good = valid("snapshots.rng", plain)
        tally.check(len(plain) > 10 and set(plain) == good,
                    f"{store}: {len(plain)} bulk files",
                    sorted(set(plain) - good)[:3])
        tally.check(not valid("domainsnapshot.rng", plain),
                    f"{store}: no bulk file is a snapshot")


def complains_of_stores():
    """The program finds nothing in what libvirt wrote."""
    for store in STORES:
        with Scratch() as scratch:
            folder, _ = unpack(store, scratch)
            result = run(VERIFY, os.path.join(folder, "snapshot"))
            tally.check(b"[schema-" not in result.stdout, f"{store}: verify",
                        [line for line in result.stdout.split(b"\n")
                         if b"[schema-" in line][:3])


def snapshot(*parts):
    return "<domainsnapshot>" + "".join(parts) + "</domainsnapshot>"


ACCEPTED = [
    snapshot(NAME, STATE, TIME),
    snapshot(TIME, DOMAIN, STATE, NAME),
    snapshot(NAME, "<description/>", STATE, "<parent><name>p</name></parent>",
             TIME, "<memory snapshot='no'/>", "<disks/>", "<domain/>",
             "<cookie><a b='c'>d<e/></a></cookie>"),
    "<?xml version='1.0'?><!-- c --><?p i?>" +
    snapshot("\n <!-- c -->\n", NAME, STATE, "<?p i?>", TIME) + "<!-- c -->",
    snapshot("<name>../x</name>", "<state>pmsuspended</state>", TIME,
             "<snapshotDeleteInProgress/>"),
    snapshot(NAME, STATE, "<creationTime>-007</creationTime>",
             "<disks><disk name='/dev/a' snapshot='external' type='network'>"
             "<snapshotDeleteInProgress/><driver type='qcow2'/>"
             "<source protocol='rbd' name='x'><host name='h'/></source></disk>"
             "<disk name='b' snapshot='manual'/></disks><revertDisks>"
             "<disk name='a'/></revertDisks>",
             DOMAIN.replace("</os>", "</os><metadata><x:domainsnapshot "
                            "xmlns:x='urn:x'>t<name/></x:domainsnapshot>"
                            "</metadata>"),
             DOMAIN.replace("domain", "inactiveDomain").replace(UUID, "")),
]

REJECTED = [
    "<domainsnapshot/>",
    snapshot(STATE, TIME),
    snapshot(NAME, TIME),
    snapshot(NAME, STATE),
    snapshot("<name/>", STATE, TIME),
    snapshot(NAME, "<state>nostate</state>", TIME),
    snapshot(NAME, "<state>shutoff </state>", TIME),
    snapshot(NAME, STATE, "<creationTime>notanumber</creationTime>"),
    snapshot(NAME, STATE, "<creationTime>170 </creationTime>"),
    snapshot(NAME, STATE, "<creationTime>9223372036854775808</creationTime>"),
    snapshot(NAME, NAME, STATE, TIME),
    snapshot(NAME, STATE, TIME, "<foo/>"),
    snapshot(NAME, STATE, TIME, "text"),
    snapshot(NAME, STATE, TIME, "<x:foo xmlns:x='urn:x'/>"),
    snapshot(NAME, STATE, TIME, "<active>yes</active>"),
    snapshot(NAME, STATE, TIME, "<memory snapshot='manual'/>"),
    snapshot(NAME, STATE, TIME, "<memory snapshot='external'/>"),
    snapshot(NAME, STATE, TIME, "<memory file='m'/>"),
    snapshot(NAME, STATE, TIME, "<memory snapshot='no' file='/m'/>"),
    snapshot(NAME, STATE, TIME, "<disks><disk/></disks>"),
    snapshot(NAME, STATE, TIME, "<disks><foo name='a'/></disks>"),
    snapshot(NAME, STATE, TIME, "<disks><disk name='a' type='dir'/></disks>"),
    snapshot(NAME, STATE, TIME, "<parent/>"),
    snapshot(NAME, STATE, TIME, "<domain type='kvm'/>"),
    snapshot(NAME, STATE, TIME, DOMAIN.replace("kvm", "kvmx")),
    snapshot(NAME, STATE, TIME, DOMAIN.replace(UUID, "")),
    snapshot(NAME, STATE, TIME, "<inactiveDomain/>"),
    snapshot(NAME, STATE, TIME).replace("<domainsnapshot>",
                                        "<domainsnapshot a='1'>"),
    snapshot(NAME, STATE, TIME).replace("<domainsnapshot>",
                                        "<domainsnapshot xmlns='urn:x'>"),
    "<domaincheckpoint>" + NAME + "</domaincheckpoint>",
]

MEMBER = snapshot(NAME, STATE, TIME, DOMAIN)

LISTS = [
    (True, f"<snapshots>{MEMBER}</snapshots>"),
    (True, f"<snapshots current='s'>\n{MEMBER}<!-- c -->{MEMBER}</snapshots>"),
    (False, "<snapshots/>"),
    (False, "<snapshots>\n</snapshots>"),
    (False, f"<snapshots current=''>{MEMBER}</snapshots>"),
    (False, f"<snapshots id='1'>{MEMBER}</snapshots>"),
    (False, f"<snapshots>{MEMBER}text</snapshots>"),
    (False, f"<snapshots>{MEMBER}<domaincheckpoint/></snapshots>"),
    (False, f"<snapshots xmlns='urn:x'>{MEMBER}</snapshots>"),
    (False, f"<snapshots><a>{MEMBER}</a></snapshots>"),
    (False, "<snapshots>" +
     snapshot(NAME, STATE, TIME, "<active>0</active>") + "</snapshots>"),
    (False, "<snapshots>" + snapshot(NAME, STATE) + "</snapshots>"),
]

RELATIONS = [
    (True, "<root name='a'/>"),
    (True, "<root name='a'/><current/><child name='b'/>"),
    (True, "<root name='a'/><child name='b'/><current/>"),
    (False, ""),
    (False, "<current/><root name='a'/>"),
    (False, "<root name='a'/><current/><child name='b'/><current/>"),
    (False, "<root name='a'/><orphan name='b'/>"),
    (False, "<root name='a'/><looped name='b'/>"),
    (False, "<root name='a'/><duplicate name='a'/>"),
    (False, "<root/>"),
]


def checkpoint(*parts):
    return "<domaincheckpoint>" + "".join(parts) + "</domaincheckpoint>"


def disk(attributes, content=""):
    return f"<disks><disk {attributes}>{content}</disk></disks>"


# In a <domain> libvirt's schema has more to say.
CHECKPOINTS = [
    (True, checkpoint(NAME, TIME)),
    (True, checkpoint(TIME, "<description> a\nb </description>", NAME,
                      "<parent><name>-p_.9</name></parent>")),
    (True, checkpoint(NAME, TIME, disk("name='vda' checkpoint='no'"))),
    (True, checkpoint(NAME, TIME, disk("name='/dev/a b'"))),
    (True, checkpoint(NAME, TIME, disk("name='sdb' checkpoint='bitmap' "
                                       "bitmap='' size='0'"))),
    (True, "<!-- c -->" + checkpoint("<!-- c -->", NAME, "<?p i?>", TIME)),
    (False, checkpoint()),
    (False, checkpoint(NAME)),
    (False, checkpoint(TIME)),
    (False, checkpoint(NAME, NAME, TIME)),
    (False, checkpoint("<name/>", TIME)),
    (False, checkpoint("<name>a b</name>", TIME)),
    (False, checkpoint("<name>a\n</name>", TIME)),
    (False, checkpoint("<name>.a</name>", TIME)),
    (False, checkpoint("<name>a/b</name>", TIME)),
    (False, checkpoint("<name>\u00e9</name>", TIME)),
    (False, checkpoint(NAME, "<parent/>", TIME)),
    (False, checkpoint(NAME, "<parent><name>a b</name></parent>", TIME)),
    (False, checkpoint(NAME, "<creationTime>-1</creationTime>")),
    (False, checkpoint(NAME, "<creationTime>+1</creationTime>")),
    (False, checkpoint(NAME, "<creationTime> 1</creationTime>")),
    (False, checkpoint(NAME, "<creationTime>1 </creationTime>")),
    (False, checkpoint(NAME, "<creationTime/>")),
    (False, checkpoint(NAME, TIME, STATE)),
    (False, checkpoint(NAME, TIME, "<active>1</active>")),
    (False, checkpoint(NAME, TIME, "<memory snapshot='no'/>")),
    (False, checkpoint(NAME, TIME, "<cookie/>")),
    (False, checkpoint(NAME, TIME, "<disks/>")),
    (False, checkpoint(NAME, TIME, disk(""))),
    (False, checkpoint(NAME, TIME, disk("name='a'"))),
    (False, checkpoint(NAME, TIME, disk("name='vda' snapshot='no'"))),
    (False, checkpoint(NAME, TIME, disk("name='vda' checkpoint='yes'"))),
    (False, checkpoint(NAME, TIME, disk("name='vda' checkpoint='no' "
                                        "bitmap='b'"))),
    (False, checkpoint(NAME, TIME, disk("name='vda' size='+1'"))),
    (False, checkpoint(NAME, TIME, disk("name='vda'", "<source/>"))),
    (False, checkpoint(NAME, TIME, "text")),
    (False, checkpoint(NAME, TIME, "<inactiveDomain/>")),
    (False, checkpoint(NAME, TIME).replace("<domaincheckpoint>",
                                           "<domaincheckpoint a='1'>")),
    (False, snapshot(NAME, STATE, TIME)),
]
DEFINED = [
    (True, checkpoint(NAME, TIME, DOMAIN)),
    (False, checkpoint(NAME, TIME, DOMAIN, DOMAIN)),
    (False, checkpoint(NAME, TIME, DOMAIN.replace("kvm", "odd"))),
]


def same_as_libvirt():
    """What libvirt's own schema allows ours does, but for a time, which libvirt
    asks for beside it."""
    path = "/usr/share/libvirt/schemas/domaincheckpoint.rng"
    if not os.path.exists(path):
        tally.skip("libvirt's schemas are not installed")
        return
    untimed = {checkpoint(), checkpoint(NAME), checkpoint(TIME)}
    try_table(path, [(accepted or text in untimed, text)
                     for accepted, text in CHECKPOINTS])


def checkpoints_by_the_program():
    """What a schema rejects is an error, and is not shown."""
    with Scratch() as scratch:
        for number, (accepted, text) in enumerate(CHECKPOINTS + DEFINED):
            base = os.path.join(scratch, str(number))
            os.makedirs(os.path.join(base, "d"))
            write(os.path.join(base, "d", "s.xml"), text)
            write(os.path.join(base, "d", "-p_.9.xml"),
                  checkpoint("<name>-p_.9</name>", TIME))
            result = run(VERIFY, "--kind=checkpoint", "--list", base)
            tally.check((b" error: " not in result.stdout) == accepted,
                        f"a checkpoint that is to be {accepted}: {text}",
                        result.stdout)
            # What is of another kind is not listed at all.
            tally.check((b"  hidden\n" not in result.stdout and
                         b"[root-wrong]" not in result.stdout) == accepted,
                        f"it is shown, {accepted}: {text}", result.stdout)


def try_table(schema, table):
    with Scratch() as scratch:
        paths = []
        for number, (_, text) in enumerate(table):
            paths.append(os.path.join(scratch, f"{number}.xml"))
            write(paths[-1], text)
        good = valid(schema, paths)
        for path, (accepted, text) in zip(paths, table):
            tally.check((path in good) == accepted,
                        f"{schema}: accepted is to be {accepted}", text)


def public_names():
    """Each schema under its public name; every one has such a name."""
    environment = dict(os.environ, XML_CATALOG_FILES=CATALOG)
    with open(CATALOG, encoding="utf-8") as file:
        known = set(re.findall(NAMES + "([a-z-]+)", file.read()))
    for path in glob.glob(os.path.join(SCHEMAS, "*.rng")):
        name = os.path.basename(path)[:-len(".rng")]
        tally.check(name in known, f"{name} is in the catalog")
        with Scratch() as scratch:
            write(os.path.join(scratch, "a.xml"), "<no-such-element/>")
            result = run("xmllint", "--nonet", "--noout", "--relaxng",
                         NAMES + name, os.path.join(scratch, "a.xml"),
                         env=environment)
            # 3: it was read, and the document is not valid; 5: not read.
            tally.check(result.returncode == 3, f"{NAMES}{name}",
                        result.stderr)


def same_as_the_program():
    """What xmllint rejects, virt-snapshot-verify finds something about."""
    with Scratch() as scratch:
        for number, text in enumerate(REJECTED + ACCEPTED):
            base = os.path.join(scratch, str(number))
            os.makedirs(os.path.join(base, "d"))
            write(os.path.join(base, "d", "s.xml"), text.replace(
                "</domainsnapshot>", "<active>0</active></domainsnapshot>"))
            result = run(VERIFY, base)
            if number >= len(REJECTED):
                tally.check(b"[schema-" not in result.stdout, "accepted: " +
                            text, result.stdout)
            else:
                found = re.findall(rb"\[([a-z-]+)\]$", result.stdout, re.M)
                found = [name for name in found if name != b"domain-missing"]
                tally.check(found, "rejected: " + text, result.stdout)


for each in STORES:
    try_store(each)
complains_of_stores()
try_table("domainsnapshot.rng", [(True, text) for text in ACCEPTED] +
          [(False, text) for text in REJECTED])
try_table("snapshots.rng", LISTS)
try_table("relations.rng", [(accepted, f"<relations>{text}</relations>")
                            for accepted, text in RELATIONS] +
          [(False, "<relations current='x'><root name='a'/></relations>")])
try_table("domaincheckpoint.rng", CHECKPOINTS + DEFINED)
same_as_libvirt()
checkpoints_by_the_program()
public_names()
same_as_the_program()
tally.end()
