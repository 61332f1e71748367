"""Hostile XML, as one snapshot and as a bulk file; and bulk files whose frame
tries to fool whoever splits them."""
import random

from hostile_entries import snapshot
from runs import WARNING

BULK = b"<snapshots>\n%s\n</snapshots>\n"
PLAIN = snapshot("p").replace(b"  <active>0</active>\n", b"")


def described(text, name="s"):
    """A snapshot with this for its description; TEXT is XML."""
    return snapshot(name).replace(
        b"</name>\n", b"</name>\n  <description>" + text +
        b"</description>\n", 1)


def entities(levels, each):
    lines = [b"<!ENTITY e0 'lol lol lol'>"]
    for level in range(1, levels):
        lines.append(b"<!ENTITY e%d '%s'>" %
                     (level, b"&e%d;" % (level - 1) * each))
    return b"\n".join(lines)


def declared(subset, text, root=b"domainsnapshot", before=b"", external=b""):
    return before + b"<!DOCTYPE " + root + b" " + external + b" [\n" + \
        subset + b"\n]>\n" + described(text)


def doctypes(there):
    """Whatever a DOCTYPE can do, and its relatives."""
    there = there.encode()
    secret, dtd = there + b"/secret", there + b"/x.dtd"
    bang = b"<!ENTITY canary "
    canary = b"&canary;"
    bulk = snapshot("s").replace(b"<domainsnapshot>", b"<snapshots>"
                                 b"<domainsnapshot>") + b"</snapshots>"
    return {
        "laughs": declared(entities(12, 10), b"&e11;"),
        "laughs-small": declared(entities(4, 3), b"&e3;"),
        "quadratic": declared(b"<!ENTITY big '" + b"x" * 60000 + b"'>",
                              b"&big;" * 60000),
        "recursive": declared(b"<!ENTITY a '&b;'><!ENTITY b '&a;'>", b"&a;"),
        "attribute-entity": declared(b"<!ATTLIST domainsnapshot x CDATA 'y'>",
                                     b"d"),
        "external": declared(bang + b"SYSTEM 'file://" + secret + b"'>",
                             canary),
        "external-plain": declared(bang + b"SYSTEM '" + secret + b"'>", canary),
        "external-relative": declared(
            bang + b"SYSTEM '../../outside/secret'>", canary),
        "external-http": declared(
            bang + b"SYSTEM 'http://127.0.0.1:9/x'>", canary),
        "external-public": declared(
            bang + b"PUBLIC 'x' 'file://" + secret + b"'>", canary),
        "external-stdin": declared(bang + b"SYSTEM '-'>", canary),
        "parameter": declared(
            b"<!ENTITY % p SYSTEM 'file://" + dtd + b"'> %p;", canary),
        "subset": declared(b"", canary,
                           external=b"SYSTEM 'file://" + dtd + b"'"),
        "subset-public": declared(
            b"", canary, external=b"PUBLIC '-//X' '" + dtd + b"'"),
        "unparsed": declared(b"<!NOTATION n SYSTEM '" + secret + b"'>"
                             b"<!ENTITY u SYSTEM '" + secret +
                             b"' NDATA n>", b"d"),
        "comment-before": declared(b"<!-- ]> -->", b"d"),
        "decoy-subset": declared(
            b"<!ENTITY d '<domainsnapshot><name>d</name></domainsnapshot>'>",
            b"&d;"),
        "decoy-comment": declared(
            b"<!-- <domainsnapshot> ]> -->", b"d"),
        "doctype-late": WARNING + snapshot("s") + b"<!DOCTYPE x>",
        "doctype-inside": described(b"<!DOCTYPE x>"),
        "doctype-torn": b"<!DOCTYPE domainsnapshot [ <!ENTITY x '",
        "undeclared": described(canary),
        "standalone": declared(bang + b"SYSTEM '" + secret + b"'>", canary,
                               before=b"<?xml version='1.0' "
                                      b"standalone='yes'?>\n"),
        "doctype-bulk": b"<!DOCTYPE snapshots [" + bang + b"SYSTEM 'file://" +
                        secret + b"'>]>" + bulk,
    }


def references(there):
    """What names another document without a DOCTYPE."""
    there = there.encode()
    secret, catalog = there + b"/secret", there + b"/catalog.xml"
    include = b"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='"
    found = {
        "xinclude": described(include + there + b"/s1.xml'/>"),
        "xinclude-text": described(include + secret + b"' parse='text'/>"),
        "xinclude-root": b"<xi:include xmlns:xi='http://www.w3.org/2001/"
                         b"XInclude' href='" + there + b"/s1.xml'/>",
        "catalog": b"<?oasis-xml-catalog catalog=\"file://" + catalog +
                   b"\"?>\n" + snapshot("s"),
        "stylesheet": b"<?xml-stylesheet type='text/xsl' href='" + secret +
                      b"'?>\n" + snapshot("s"),
        "model": b"<?xml-model href='" + there + b"/x.dtd'?>" + snapshot("s"),
    }
    for name, attribute in (
            ("base", b"xml:base='file://%s'"),
            ("location", b"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance"
                         b"' xsi:noNamespaceSchemaLocation='%s'"),
            ("link", b"xmlns:x='http://www.w3.org/1999/xlink' x:href='%s'")):
        found[name] = snapshot("s").replace(
            b"<domainsnapshot>", b"<domainsnapshot " + attribute % secret +
            b">")
    return found


def bulky():
    """Deep, long, many."""
    deep = 20000
    return {
        "deep": described(b"<a>" * deep + b"</a>" * deep),
        "deep-torn": described(b"<a>" * 100000),
        "deep-257": described(b"<a>" * 255 + b"</a>" * 255),
        "deep-250": described(b"<a>" * 250 + b"</a>" * 250),
        "text": described(b"x" * 900000),
        "text-lines": described(b"\n" * 500000),
        "attribute": described(b"<a x='" + b"y" * 900000 + b"'/>"),
        "attributes": described(b"<a " + b" ".join(
            b"a%d=''" % at for at in range(60000)) + b"/>"),
        "namespaces": described(b"<a " + b" ".join(
            b"xmlns:a%d='u'" % at for at in range(20000)) + b"/>"),
        "same-attributes": described(b"<a " + b"a='' " * 50000 + b"/>"),
        "element-name": described(b"<" + b"a" * 200000 + b"/>"),
        "siblings": described(b"<a/>" * 150000),
        "references": described(b"&#65;" * 150000),
        "comment": described(b"<!--" + b"- " * 300000 + b"-->"),
        "cdata": described(b"<![CDATA[" + b"]] " * 250000 + b"]]>"),
        "pi": described(b"<?" + b"p" * 300000 + b"?>"),
        "opened": b"<" * 400000,
        "comments-opened": b"<!--" * 200000,
        "cdata-opened": described(b"<![CDATA[" * 90000),
        "quotes-opened": described(b"<a b='" * 90000),
        "over": described(b"x" * 1048576),
        "too-many-names": snapshot("s").replace(
            b"<name>s</name>", b"<name>s</name>" * 50000),
    }


def encoded():
    """Other encodings than UTF-8, and bytes that belong to none."""
    text = described(b"caf\xc3\xa9").decode()
    found = {}
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7",
                 "utf-8-sig", "latin-1", "cp037"):
        found[name] = text.encode(name)
        found["declared-" + name] = (
            f"<?xml version='1.0' encoding='{name}'?>\n" + text).encode(name)
    for name in ("../../outside/secret", "x" * 5000, "UTF-16", "cp1252",
                 "ISO-2022-JP", "HZ", "\x1b]0;owned\x07", "UTF-8//IGNORE"):
        key = "says-" + ascii(name)[1:20].replace("/", "_")
        found[key] = f"<?xml version='1.0' encoding='{name}'?>\n".encode() + \
            text.encode()
    raw = {"nul": b"\0", "latin": b"\xe9", "overlong": b"\xc0\xbc",
           "surrogate": b"\xed\xa0\x80", "escape": b"\x1b[2J",
           "c1": b"\xc2\x9b", "bidi": b"\xe2\x80\xae", "fffe": b"\xef\xbf\xbe",
           "return": b"\r", "backspace": b"\x08"}
    for name, byte in raw.items():
        found["text-" + name] = described(b"a" + byte + b"b")
        found["tag-" + name] = described(b"<a" + byte + b"/>")
        found["end-" + name] = snapshot("s") + byte
        found["front-" + name] = byte + snapshot("s")
        found["attribute-" + name] = described(b"<a x='" + byte + b"'/>")
        found["comment-" + name] = described(b"<!--" + byte + b"-->")
        found["state-" + name] = snapshot("s").replace(b"shutoff", byte)
        found["time-" + name] = snapshot("s").replace(b">5<", b">5" + byte +
                                                      b"<")
    found["crlf"] = snapshot("s").replace(b"\n", b"\r\n")
    found["boms"] = b"\xef\xbb\xbf" * 3 + snapshot("s")
    found["bom-inside"] = described(b"\xef\xbb\xbf")
    found["nothing"] = b""
    found["blank"] = b" \n"
    return found


def documents(there):
    """Name and bytes of each as one snapshot."""
    found = {}
    for part in (doctypes(there), references(there), bulky(), encoded()):
        found.update(part)
    return found


def in_list(document):
    """The same in a bulk file: its prolog before the root, if it is one."""
    at = document.find(b"<domainsnapshot")
    if at < 0:
        return WARNING + BULK % document
    prolog = document[:at].replace(b"<!DOCTYPE domainsnapshot",
                                   b"<!DOCTYPE snapshots")
    return prolog + BULK % document[at:]


# Bulk files, by what they try; %s is a sound member.
FRAMES = (
    b"<snapshots><!-- %s --></snapshots>",
    b"<snapshots><![CDATA[ %s ]]></snapshots>",
    b"<snapshots><?x %s ?></snapshots>",
    b"<snapshots>%s<!-- %s --></snapshots>",
    b"<snapshots>%s<!-- <domainsnapshot> --></snapshots>",
    b"<snapshots>%s<![CDATA[</snapshots>]]></snapshots>",
    b"<snapshots><!-- </snapshots> -->%s</snapshots>",
    b"<snapshots><!-- > -->%s<!-- < --></snapshots>",
    b"<snapshots>%s<?x <domainsnapshot> ?>%s</snapshots>",
    b"<snapshots current='<domainsnapshot>'>%s</snapshots>",
    b"<snapshots current='&lt;domainsnapshot>'>%s</snapshots>",
    b"<snapshots x='></snapshots>'>%s</snapshots>",
    b"<snapshots x='&gt;' y=\"'\" z='\"'>%s</snapshots>",
    b"<snapshots xmlns='urn:x'>%s</snapshots>",
    b"<snapshots xmlns:a='urn:x'>%s<a:domainsnapshot/></snapshots>",
    b"<a:snapshots xmlns:a='urn:x'>%s</a:snapshots>",
    b"<snapshots xmlns:a='urn:a' a:current='p'>%s</snapshots>",
    b"<snapshots><snapshots>%s</snapshots></snapshots>",
    b"<snapshots><snapshots>%s</snapshots>%s</snapshots>",
    b"<snapshots><x>%s</x></snapshots>",
    b"<snapshots><x>%s</x>%s</snapshots>",
    b"<snapshots>%s</snapshots><snapshots>%s</snapshots>",
    b"<snapshots>%s</snapshots>%s",
    b"%s<snapshots>%s</snapshots>",
    b"<snapshots>%s</snapshots><!-- %s -->",
    b"<snapshots>%s<domainsnapshot/></snapshots>",
    b"<snapshots><domainsnapshot/></snapshots>",
    b"<snapshots><domainsnapshot /><domainsnapshot\n/>%s</snapshots>",
    b"<snapshots>%s<domainsnapshot></snapshots></domainsnapshot>",
    b"<snapshots>%s</domainsnapshot></snapshots>",
    b"<snapshots><domainsnapshot>%s</domainsnapshot></snapshots>",
    b"<snapshots><domainsnapshot>%s</snapshots>",
    b"<snapshots>%s<domainsnapshot></snapshots>",
    b"<snapshots>%s",
    b"<snapshots>%s<domainsnapshot",
    b"<snapshots>%s<domainsnapshot a='",
    b"<snapshots>%s<!-- ",
    b"<snapshots>%s<![CDATA[",
    b"<snapshots>%s<domainsnapshots/></snapshots>",
    b"<snapshots>%s<domainsnapshot-x/><domainsnapshot.x/></snapshots>",
    b"<snapshots>%s<DomainSnapshot/></snapshots>",
    b"<snapshots>%s<stub/><member/><s/><m/><d/></snapshots>",
    b"<snapshots>&#60;domainsnapshot>%s</snapshots>",
    b"<snapshots>%s&d;</snapshots>",
    b"<snapshots>%s&#x0;</snapshots>",
    b"<snapshots><!-- -- -->%s</snapshots>",
    b"<snapshots><!--->-->%s</snapshots>",
    b"<snapshots><!---->%s<!----></snapshots>",
    b"<snapshots><!-->%s--></snapshots>",
    b"<snapshots>]]>%s</snapshots>",
    b"<snapshots><![CDATA[]]]]><![CDATA[>]]>%s</snapshots>",
    b"<snapshots><??>%s</snapshots>",
    b"<snapshots><?xml version='1.0'?>%s</snapshots>",
    b"<snapshots ><domainsnapshot\n\t>%s</domainsnapshot ></snapshots >",
    b"<snapshots/>%s",
    b"<snapshots/>",
    b"<snapshots></snapshots>",
    b"<SNAPSHOTS>%s</SNAPSHOTS>",
    b"<snapshots><domainsnapshot xmlns='urn:x'/>%s</snapshots>",
    b"<snapshots><domainsnapshot><name><domainsnapshot/></name>"
    b"</domainsnapshot>%s</snapshots>",
    b"<snapshots>%s<domainsnapshot x='</domainsnapshot>'/></snapshots>",
    b"<snapshots>%s<domainsnapshot x='a' x='b'/></snapshots>",
    b"<snapshots a='1' a='2'>%s</snapshots>",
    b"<snapshots current='p' current='p'>%s</snapshots>",
    b"<snapshots\xc2\xa0x='1'>%s</snapshots>",
    b"<snapshots>%s</snapshots\n>\n\n",
    b"<snapshots>%s</snapshots x='1'>",
    b"<snapshots>%s<//snapshots>",
    b"<snapshots>%s< domainsnapshot/></snapshots>",
    b"\xef\xbb\xbf<?xml version='1.0'?><snapshots>%s</snapshots>",
    b" <?xml version='1.0'?><snapshots>%s</snapshots>",
    b"<!DOCTYPE snapshots [<!ENTITY m '<domainsnapshot/>']><snapshots>%s&m;"
    b"</snapshots>",
    b"<!DOCTYPE a [<!-- <snapshots> -->]><snapshots>%s</snapshots>",
)
# In a member's description.
DECOYS = (
    b"<!-- </domainsnapshot> -->", b"<![CDATA[</domainsnapshot>]]>",
    b"<![CDATA[</snapshots><snapshots>]]>", b"<?x </domainsnapshot> ?>",
    b"<domainsnapshot/>", b"<domainsnapshot></domainsnapshot>",
    b"<a b='</domainsnapshot>'/>", b"<a b='<domainsnapshot>'/>",
    b"<a b=\"'></domainsnapshot>\"/>", b"<snapshots></snapshots>",
    b"<snapshots current='x'><domainsnapshot><name>n</name></domainsnapshot>"
    b"</snapshots>", b"<active>1</active>", b"</domainsnapshot>",
    b"<domainsnapshot>", b"&lt;/domainsnapshot&gt;", b"<a xmlns='urn:x'>"
    b"<domainsnapshot/></a>", b"<x:domainsnapshot xmlns:x='urn:x'/>",
    b"--><!--", b"]]&gt;", b"<!-- <!-- -->", b"<domainsnapshot a='/>'/>",
    b"<domain><domainsnapshot/></domain>", b"<name>other</name>",
    b"<a>&#60;/domainsnapshot></a>", b"<a\n>\n</a\n>", b"<!---->",
)
# What a random frame is made of.
PARTS = DECOYS + (
    b"<snapshots>", b"</snapshots>", b"<domainsnapshot>", b"</domainsnapshot>",
    b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?x", b"?>", b" ", b"\n", b"'",
    b'"', b">", b"<", b"/", b"&amp;", b"&", b"text", b"<x>", b"</x>", b"\xc3")


def numbered(frame):
    """Members of different names in the place of each %s."""
    parts = frame.split(b"%s")
    whole = parts[0]
    for at, part in enumerate(parts[1:]):
        whole += PLAIN.replace(b"<name>p<", b"<name>p%d<" % at) + part
    return whole


def frames():
    found = [numbered(frame) for frame in FRAMES]
    found += [BULK % described(decoy).replace(b"  <active>0</active>\n", b"")
              for decoy in DECOYS]
    found += [BULK % (described(decoy) + PLAIN) for decoy in DECOYS]
    return found


def random_frames(seed, count):
    """Sound ones into which something was put, or from which a part is cut."""
    dice = random.Random(seed)
    for _ in range(count):
        members = [described(dice.choice(PARTS), f"m{at}")
                   if dice.random() < 0.5 else
                   PLAIN.replace(b"<name>p<", b"<name>m%d<" % at)
                   for at in range(dice.randrange(1, 4))]
        whole = BULK % b"".join(members)
        for _ in range(dice.choice((0, 1, 1, 2, 3))):
            at = dice.choice([at for at, byte in enumerate(whole)
                              if byte in b"<>"]) + dice.randrange(2)
            if dice.random() < 0.8:
                whole = whole[:at] + dice.choice(PARTS) + whole[at:]
            else:
                whole = whole[:at] + whole[at + dice.randrange(1, 30):]
        yield whole
