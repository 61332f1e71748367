#!/usr/bin/env python3
"""What is remembered changes nothing: not a verdict, not a word, not a place.

Snapshots as libvirt wrote them, and thousands of mutants of them, are put into
directories and bulk files, so that each comes after some that are nearly the
same. The report, with every fact and position, has to be the same byte for byte
with --no-memo and without, with one thread and with several, against our own
schema, one that is made to tell values apart, and that of libvirt.

    memo.py [SEED [ROUNDS]]
"""
import os
import random
import re
import sys
import xml.parsers.expat

from support import FULL, STORES, VERIFY, Scratch, Tally, run, unpack

LIBVIRT = "/usr/share/libvirt/schemas/domainsnapshot.rng"
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 12 if FULL else 2
MUTANTS = 120  # in a round

# Two patterns of <domain>, paths that are in a list, names that are not.
PICKY = b"""<grammar xmlns='http://relaxng.org/ns/structure/1.0'
 datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>
<start><element name='domainsnapshot'><interleave>
 <element name='name'><data type='token'><param name='maxLength'>9</param>
 </data></element>
 <optional><element name='creationTime'><data type='long'>
 <param name='maxInclusive'>1795428240</param></data></element></optional>
 <zeroOrMore><choice>
  <element name='domain'><attribute name='type'><value>kvm</value></attribute>
  <ref name='more'/></element>
  <element name='domain'><attribute name='type'><value>qemu</value></attribute>
  <ref name='more'/></element>
  <element name='inactiveDomain'><ref name='any'/></element>
  <element name='disks'><ref name='any'/></element>
  <element name='cookie'><ref name='any'/></element>
  <element name='memory'><ref name='any'/></element>
  <element name='revertDisks'><ref name='any'/></element>
  <element name='state'><text/></element>
  <element name='active'><text/></element>
  <element name='description'><text/></element>
  <element name='parent'><element name='name'><text/></element></element>
 </choice></zeroOrMore>
</interleave></element></start>
<define name='more'><zeroOrMore><attribute><anyName><except>
 <name>type</name></except></anyName></attribute></zeroOrMore>
 <ref name='content'/></define>
<define name='any'>
 <optional><attribute name='file'><choice>
  <data type='string'><param name='pattern'>/srv/vm/[^x]*</param></data>
  <value>/srv/x</value></choice></attribute></optional>
 <zeroOrMore><attribute><anyName><except><name>file</name></except></anyName>
 </attribute></zeroOrMore><ref name='content'/></define>
<define name='content'><zeroOrMore><choice><text/>
 <element><anyName/><ref name='any'/></element>
</choice></zeroOrMore></define></grammar>"""

chance = random.Random(SEED)
tally = Tally()


def originals():
    """Files of the stores, whole domains together."""
    domains = []
    for store in STORES:
        with Scratch() as scratch:
            folder, _ = unpack(store, scratch)
            base = os.fsencode(os.path.join(folder, "snapshot"))
            for where, _, files in sorted(os.walk(base)):
                texts = []
                for name in sorted(files):
                    with open(os.path.join(where, name), "rb") as file:
                        texts.append(file.read())
                if texts:
                    domains.append(texts)
    return domains


def rename(text, number):
    """The same snapshot under another name, time and path."""
    text = re.sub(rb"<name>[^<]*</name>", b"<name>n%d</name>" % number, text, 1)
    if chance.random() < .7:
        text = re.sub(rb"<creationTime>\d+", b"<creationTime>%d" %
                      (1795428000 + number), text, 1)
    if chance.random() < .7:
        text = re.sub(rb"(<source (?:file|dev)=')([^']*)",
                      lambda m: m[1] + m[2] + b".%d" % number, text)
    return text


def some_tag(text):
    tags = list(re.finditer(rb"<[^>]*>", text))
    return chance.choice(tags) if tags else None


def element(text):
    """Bounds of some element, as a tag and the next end tag of its name."""
    starts = list(re.finditer(rb"<([A-Za-z]+)[^>]*>", text))
    if not starts:
        return 0, 0
    for _ in range(5):
        start = chance.choice(starts)
        if start[0].endswith(b"/>"):
            return start.start(), start.end()
        end = text.find(b"</" + start[1] + b">", start.end())
        if end >= 0:
            return start.start(), end + len(start[1]) + 3
    return 0, 0


INSERTS = (
    b"<!-- c -->", b"<?p i?>", b"<![CDATA[x]]>", b"text", b"\n", b"\r\n",
    b"&amp;", b"&#65;", b"&#x0;", b"&nothing;", b"<x/>", b"<domain/>",
    b"<domain><uuid>c7a5fdbd-edaf-9455-926a-d65c16db1809</uuid></domain>",
    b"<disks/>", b"<!-- <domain type='kvm'> -->", b"<name>o</name>",
    b"<virt-snapshot-part-domain-0/>", b"<virt-snapshot-part-disks-1/>",
    b"<x:y xmlns:x='u'/>", b"<x xmlns='u'/>", b"<source file='relative'/>",
    b"<source file='/a' dev=\"/b\"/>", b"\xff", b"\xc3\xbc", b"\0", b"\t",
    b"<active>1</active>", b"</domain>", b"<domain", b"'", b"\"", b"<", b">",
    b"]]>", b"--", b"<!DOCTYPE a>", b"<parent><name/></parent>",
    b"<memory snapshot='external' file='/m'/>", b"<cookie/>",
)
PATHS = (b"/srv/x", b"/srv/xx", b"relative", b"", b"/a&amp;b", b"/a&#10;b",
         b"/a&#1;b", b"/a b", b"/\xc3\xbc", b"/a&lt;b", b"/a&b", b"/a<b",
         b"/srv/vm/x", b"/srv/vm/\xff", b"/" + b"l" * 5000, b"\t/a", b"/a\n")
NAMES = (b"a", b"", b".a", b"a/b", b"a b", b" a", b"a&amp;b", b"\xc3\xbc",
         b"a\nb", b"a<!-- -->b", b"longer than nine", b"a]]&gt;b", b"&lt;",
         b"n" * 300)
TIMES = (b"1", b"0", b"-1", b"01", b"1795428241", b"99999999999999999999",
         b"1 ", b" 1", b"", b"x", b"&#49;", b"9223372036854775807")


def mutate(text):
    """One change, anywhere."""
    kind = chance.randrange(12)
    at = chance.randrange(len(text) + 1)
    start, end = element(text)
    tag = some_tag(text)
    if kind == 0:
        return text[:at] + chance.choice(INSERTS) + text[at:]
    if kind == 1 and tag:
        return (text[:tag.start()] + chance.choice(INSERTS) +
                text[tag.start():])
    if kind == 2:
        return text[:start] + text[end:]
    if kind == 3:
        return text[:end] + text[start:end] + text[end:]
    if kind == 4:
        return (text[:at] + bytes([chance.randrange(256)]) + text[at + 1:])
    if kind == 5:
        return re.sub(rb"(<source (?:file|dev)=['\"])[^'\"]*", lambda m: m[1] +
                      chance.choice(PATHS), text, chance.randrange(1, 4))
    if kind == 6:
        return re.sub(rb"<name>[^<]*<", b"<name>" +
                      chance.choice(NAMES).replace(b"\\", b"") + b"<", text,
                      chance.randrange(1, 4))
    if kind == 7:
        return re.sub(rb"<creationTime>[^<]*", b"<creationTime>" +
                      chance.choice(TIMES), text)
    if kind == 8:
        return re.sub(rb"file='([^']*)'", rb'file="\1"', text, 1)
    if kind == 9 and tag:
        new = re.sub(rb"='[^']*'", lambda m: chance.choice(
            (b"=''", b"='1'", b" = '2'", b"", b"='a' b='c'", b"=\"'\"",
             b" xmlns:y='urn:y'")), tag[0], 1)
        return text[:tag.start()] + new + text[tag.end():]
    if kind == 10 and tag:
        name = re.match(rb"</?([A-Za-z]+)", tag[0])
        if name:
            return text.replace(name[1], chance.choice(
                (name[1] + b"s", b"domain", b"source", b"name")), 2)
    other, stop = element(text)
    if kind == 11 and end <= other:
        return (text[:start] + text[other:stop] + text[end:other] +
                text[start:end] + text[stop:])
    return text.replace(b"\n", b"\r\n") if chance.random() < .2 else text


def family(texts):
    """Relatives of some snapshots, sound and not, in a random order."""
    out = []
    for number in range(MUTANTS):
        text = rename(chance.choice(texts), number)
        for _ in range(chance.choice((0, 0, 0, 1, 1, 1, 2, 3))):
            text = mutate(text) or b"<a/>"
        out.append(text)
    return out


def whole(text):
    """Is it an element that a bulk file can have as a member?"""
    text = re.sub(rb"\A\s*<!--.*?-->\s*", b"", text, flags=re.S)
    parser = xml.parsers.expat.ParserCreate()
    try:
        parser.Parse(text, True)
    except xml.parsers.expat.ExpatError:
        return None
    return text.strip() if text.lstrip().startswith(b"<d") else None


def write(base, texts, number):
    folder = os.path.join(base, f"legacy{number}")
    os.mkdir(folder)
    for index, text in enumerate(texts):
        with open(os.path.join(folder, f"n{index}.xml"), "wb") as file:
            file.write(text)
    members = [whole(re.sub(rb"\s*<active>\d</active>", b"", text))
               for text in texts]
    # Bytes that no member can have would hide all that comes behind.
    with open(os.path.join(base, f"bulk{number}.xml"), "wb") as file:
        file.write(b"<snapshots current='n1'>\n  " +
                   b"\n  ".join(member for member in members
                                if member and b"<!DOCTYPE" not in member) +
                   b"\n</snapshots>\n")


def look(*options):
    result = run(VERIFY, "--format=xml", *options)
    return result.returncode, result.stdout, result.stderr


def compare(base, schemas, what):
    plain = look(*schemas, "--no-memo", "--jobs=1", base)
    tally.check(plain[0] in (0, 1), f"{what} is a verdict", plain)
    sound = plain[1].count(b"<snapshot ")
    for options in (("--jobs=1",), ("--jobs=5",), ("--no-memo", "--jobs=4")):
        other = look(*schemas, *options, base)
        differ = [pair for pair in zip(plain[1].split(b"\n"),
                                       other[1].split(b"\n"))
                  if pair[0] != pair[1]][:2]
        tally.check(plain == other, f"{what}, {' '.join(options)}",
                    (plain[0], other[0], differ))
    return sound


def try_all():
    domains = originals()
    sound = 0
    with Scratch() as scratch:
        picky = os.path.join(scratch, "picky.rng")
        with open(picky, "wb") as file:
            file.write(PICKY)
        schemas = {"our schema": (), "a picky schema": ("--schema=" + picky,)}
        if os.path.exists(LIBVIRT):
            schemas["libvirt's schema"] = ("--schema=libvirt",)
        for number in range(ROUNDS):
            base = os.path.join(scratch, f"round{number}")
            os.mkdir(base)
            for domain in range(3):
                texts = chance.choice(domains)
                write(base, family(texts), domain)
            for name, options in schemas.items():
                sound += compare(base, options, f"round {number}, {name}")
    tally.check(sound > ROUNDS * MUTANTS, "many are seen", sound)
    if len(schemas) == 2:
        tally.skip("libvirt's schema: it is not installed")


try_all()
tally.end()
