"""Snapshots that libvirt wrote, changed at random around their <domain>.

Inside of it lies what no tool can tell, whether libvirt takes every device; so
that stays, and so does the kind of a disk, on which its <source> depends. A
tenth is damaged byte by byte instead of element by element.
"""
import os
import random
import re
from xml.etree import ElementTree

from libvirt_damage import adopt, put, read
from libvirt_daemon import BASE

FILES = 50      # in one directory
TEXTS = (
    "", "0", "1", "-1", "+5", " 1", "1 ", "\n1", "1\t", "007", "0x10", "1.5",
    "1e3", "99999999999999999999", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "2147483647", "2147483648",
    "4294967296", "\u00a01", "yes", "no", "none", "internal", "external",
    "manual", "file", "block", "volume", "qcow2", "raw",
    "bogus", "/x", "x", "running", "shutoff", "paused", "shutdown", "crashed",
    "pmsuspended", "disk-snapshot", "nostate", "vda", "on", "default", "a/b",
    ".x", "\u00e9", "\u2028")
TAGS = ("x", "name", "state", "parent", "memory", "disks", "disk", "domain",
        "active", "creationTime", "description", "source", "driver",
        "inactiveDomain", "cookie")
ATTRIBUTES = ("snapshot", "file", "name", "type", "dev")
INSIDE = ("domain", "inactiveDomain", "cookie")


def reachable(element, found):
    """The elements around a <domain>, each with its parent."""
    for child in element:
        found.append((child, element))
        if child.tag not in INSIDE:
            reachable(child, found)
    return found


def change(chance, root):
    element, parent = chance.choice(reachable(root, []))
    text = chance.choice(TEXTS)
    what = chance.randrange(8)
    if what == 0:
        parent.remove(element)
    elif what == 1:
        copy = ElementTree.fromstring(ElementTree.tostring(element))
        parent.insert(chance.randrange(len(parent) + 1), copy)
    elif what == 2:
        element.attrib[chance.choice(sorted(element.attrib) or
                                     ATTRIBUTES)] = text
    elif what == 3:
        element.attrib.pop(chance.choice(sorted(element.attrib) or
                                         ATTRIBUTES), None)
    elif what == 4:
        element.text = text
    elif what == 5:
        element.attrib[chance.choice(ATTRIBUTES)] = text
    elif what == 6 and not len(element):
        element.tag = chance.choice(TAGS)
    else:
        ElementTree.SubElement(element, chance.choice(TAGS)).text = text


def bytewise(chance, text):
    """Some bytes go, or come twice, or are others."""
    parts = re.split(rb"(<domain .*</(?:inactiveD|d)omain>|"
                     rb"<cookie>.*</cookie>)", text, flags=re.DOTALL)
    # What is between even ones lies inside.
    number = chance.randrange(0, len(parts), 2)
    text = bytearray(parts[number])
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text))
        length = chance.choice((1, 1, 2, 30))
        part = text[at:at + length]
        text[at:at + length] = chance.choice(
            (b"", part + part, bytes([chance.randrange(256)]), b"<", b"&"))
        text = text or bytearray(b" ")
    parts[number] = bytes(text)
    return b"".join(parts)


def document(chance, source, name):
    text = re.sub(rb"<!--.*?-->\s*", b"", source, 1, re.DOTALL)
    text = re.sub(rb"\n  <parent>.*?</parent>", b"", text, 1, re.DOTALL)
    text = text.replace(b"<active>1", b"<active>0")
    text = re.sub(rb"<name>[^<]*", b"<name>" + name, text, 1)
    if not chance.randrange(10):
        return bytewise(chance, text)
    root = ElementTree.fromstring(text)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        change(chance, root)
    return ElementTree.tostring(root)


def fill(sources, seed, count):
    """So many of them, in directories of domains called random.N."""
    chance = random.Random(seed)
    sources = [read(source) for source in sources]
    for number in range(count):
        folder = os.path.join(BASE, f"random.{number // FILES}")
        os.makedirs(folder, exist_ok=True)
        name = f"n{number}"
        put(os.path.join(folder, name + ".xml"),
            document(chance, chance.choice(sources), name.encode()))
    for number in range(0, count, FILES):
        adopt(os.fsencode(os.path.join(BASE, f"random.{number // FILES}")))
