"""The documents of hostile.py: families, and the places where each is put."""

SIZE = 1048576
UUID = "7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a"

# A sound snapshot with a hole at every place.
DOCUMENT = """\
%(before)s<domainsnapshot>%(root)s
  <name>%(name)s</name>
  <description>%(description)s</description>
  <state>shutoff</state>
  <creationTime>%(time)s</creationTime>
  <memory snapshot='no'/>
  <disks>%(disks)s</disks>
  <domain type='kvm'>%(domain)s
    <name>web</name>
    <uuid>%(uuid)s</uuid>%(metadata)s
    <memory unit='KiB'>%(memory)s</memory>
    <vcpu placement='static'%(vcpu)s>1</vcpu>
    <os>
      <type arch='x86_64' machine='pc'>hvm</type>%(os)s
    </os>%(features)s
    <devices>%(devices)s</devices>%(seclabel)s
  </domain>
  %(cookie)s
  <active>0</active>%(last)s
</domainsnapshot>
%(after)s"""
HOLES = ("before root description disks domain os features devices seclabel "
         "vcpu last after").split()
# Where any element may be put; what is put around it there.
SPOTS = {
    "root": "%s",
    "last": "%s",
    "description": "%s",
    "disks": "%s",
    "disk": "<disk name='vda' snapshot='external' type='file'>"
            "<source file='/a'>%s</source></disk>",
    "domain": "%s",
    "devices": "%s",
    "metadata": "<metadata>%s</metadata>",
    "annex": "<metadata><a:x xmlns:a='urn:a'>%s</a:x></metadata>",
    "cookie": "<cookie>%s</cookie>",
}
HOLE_OF = {"disk": "disks", "annex": "metadata"}


def document(**parts):
    """The snapshot with PARTS in its holes."""
    values = {hole: "" for hole in HOLES}
    values.update(name="s1", time="1700000000", uuid=UUID, memory="65536",
                  metadata="", cookie="")
    values.update(parts)
    return DOCUMENT % values


ROOM = SIZE - len(document()) - 300


def many(pattern, room=ROOM):
    """PATTERN as often as there is room; %d counts."""
    if "%d" not in pattern:
        return pattern * (room // len(pattern.encode()))
    parts, size, i = [], 0, 0
    while True:
        part = pattern.replace("%d", str(i))
        size += len(part)
        if size > room:
            return "".join(parts)
        parts.append(part)
        i += 1


def attributes(count, pattern=" a%d=''"):
    return "".join(pattern.replace("%d", str(i)) for i in range(count))


def nested(depth, first="<a>", last="</a>", inner=""):
    return first * depth + inner + last * depth


def comb(depth, width):
    """At every level so many children, the last of which goes on."""
    return nested(depth, "<a>" + "<b/>" * width)


def tree(depth, branches):
    text = "<a/>"
    for _ in range(depth):
        text = "<a>" + text * branches + "</a>"
    return text


DISK = ("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        "<source file='/var/lib/%d.img'/>%s<target dev='vd%d' bus='virtio'/>"
        "</disk>").replace("%s", "{}")
BACKING = ("<backingStore type='file'><format type='qcow2'/>"
           "<source file='/a'/>")
CHAIN = nested(200, BACKING, "</backingStore>")
CHAIN_WRONG = CHAIN.replace("</backingStore>", "<wrong/></backingStore>")
CHAIN_SHORT = nested(40, BACKING, "</backingStore>")

# What is tried at each of SPOTS.
EVERYWHERE = {
    "siblings": lambda: many("<a/>"),
    "siblings-distinct": lambda: many("<e%d/>"),
    "siblings-text": lambda: many("x<a/>"),
    "siblings-lines": lambda: many("\n<a/>"),
    "siblings-attribute": lambda: many("<a b='c'/>"),
    "siblings-attributes": lambda: many(f"<a{attributes(40)}/>"),
    "siblings-1024-attributes": lambda: many(f"<a{attributes(1024)}/>"),
    "siblings-9000": lambda: many(f"<a>{'<b/>' * 9000}</a>"),
    "siblings-900": lambda: many(f"<a>{'<b/>' * 900}</a>"),
    "siblings-90": lambda: many(f"<a>{'<b/>' * 90}</a>"),
    "siblings-misspelt": lambda: many("<nmae/><dsik/><drvier/><actve/>"),
    "siblings-known": lambda: many("<name/><disk/><source/><state/><memory/>"),
    "siblings-namespace": lambda: many("<a:b xmlns:a='urn:a'/>"),
    "siblings-default": lambda: many("<b xmlns='urn:b%d'/>"),
    "siblings-100-namespaces": lambda:
        many("<a" + attributes(100, " xmlns:a%d='u'") + "/>"),
    "deep": lambda: many(nested(235)),
    "deep-text": lambda: many(nested(235, "<a>x", "y</a>")),
    "deep-known": lambda: many(nested(235, "<source>", "</source>")),
    "deep-attributes": lambda: many(nested(235, "<a b='' c='' d='' e=''>")),
    "deep-namespaces": lambda: many(nested(100, "<a xmlns='urn:b'>")),
    "deep-prefixes": lambda: many("<a%s>" % attributes(100, " xmlns:a%d='u'") +
                          nested(200, "<a0:a a99:a='' a98:b=''>", "</a0:a>") +
                          "</a>"),
    "comb": lambda: many(comb(235, 50)),
    "comb-1000": lambda: comb(235, 1100),
    "comb-2": lambda: many(comb(235, 2)),
    "tree-2": lambda: many(tree(10, 2)),
    "tree-4": lambda: tree(8, 4),
    "tree-16": lambda: tree(4, 16),
    "tree-300": lambda: tree(2, 400),
    "attributes-1024": lambda: f"<a{attributes(1024)}/>",
    "attributes-16000": lambda: f"<a{attributes(80000)}/>",
    "attribute-long": lambda: f"<a b='{many('/a')}'/>",
    "attribute-long-known": lambda: f"<source file='/{many('a')}'/>",
    "attributes-children": lambda: f"<a{attributes(1000)}>{many('<b/>', ROOM - 9999)}</a>",
    "attributes-100-children-100": lambda:
        many(f"<a{attributes(100)}>{'<b/>' * 100}</a>"),
    "attributes-9-children-9": lambda: many(f"<a{attributes(9)}>{'<b/>' * 9}</a>"),
    "attributes-known-1024": lambda: many(
        f"<disk{attributes(1000)}/><source{attributes(1000)}/>"
        f"<interface{attributes(1000)}/><backingStore{attributes(1000)}/>"),
    "attributes-known": lambda: many("<disk name='' type='' snapshot='' device=''/>"),
    "text": lambda: many("x"),
    "text-wide": lambda: many("\U0001f600"),
    "text-lines": lambda: many("\n"),
    "text-references": lambda: many("&#10;"),
    "text-entities": lambda: many("&lt;"),
    "text-long-in-many": lambda: many("<name>" + "x" * 200 + "</name>"),
    "attribute-references": lambda: f"<a b='{many('&#10;')}'/>",
    "attribute-entities": lambda: f"<a b='{many('&lt;')}'/>",
    "attribute-lines": lambda: f"<a b='{many(chr(10))}'/>",
    "comment": lambda: f"<!--{many('x')}-->",
    "comment-hyphens": lambda: f"<!--{many(' - x')}-->",
    "comment-wide": lambda: f"<!--{many(chr(228) + '-')}-->",
    "cdata-brackets": lambda: f"<![CDATA[{many(']')}]]>",
    "instruction-marks": lambda: f"<?a {many('?')}?>",
    "comments": lambda: many("<!---->"),
    "comments-text": lambda: many("x<!---->"),
    "instructions": lambda: many("<?a?>"),
    "cdata": lambda: many("<![CDATA[]]>"),
    "cdata-text": lambda: many("<![CDATA[x]]>y"),
    "name-long": lambda: f"<{many('a', ROOM // 2 - 9)}/>",
    "names-long": lambda: many("<a%d" + "x" * 10000 + "/>"),
    "names-prefixed": lambda: many("<a:b/>"),
    "backing": lambda: many(CHAIN),
    "backing-wrong": lambda: many(CHAIN_WRONG),
    "backing-disks": lambda: many(DISK.format(CHAIN)),
    "backing-disks-last": lambda: many(DISK.format(CHAIN)) + "<wrong/>",
    "backing-disks-each": lambda: many(DISK.format(CHAIN_WRONG)),
    "backing-typeless": lambda: many(DISK.format(CHAIN.replace(" type='file'", ""))) +
        "<wrong/>",
    "backing-index": lambda: DISK.format(nested(
        200, BACKING.replace(" ", " index='1' ", 1),
        "</backingStore>", "<wrong/>")),
    "backing-index-each": lambda: many(DISK.format(nested(
        100, BACKING.replace(" ", " index='1' ", 1),
        "</backingStore>", "<wrong/>"))),
    "backing-lines": lambda: "\n" * (ROOM - 60000) + DISK.format(CHAIN_WRONG),
    "backing-blanks": lambda: "<a/>" + " " * (ROOM - 60000) + DISK.format(CHAIN_WRONG),
    "backing-short": lambda: many(DISK.format(CHAIN_SHORT)),
    "disks-bare": lambda: many("<disk/>"),
    "disks": lambda: many("<disk name='vd%d'/>"),
    "disks-source": lambda: many("<disk name='vd%d' type='file'>"
                         "<source file='/a'/></disk>"),
    "disks-wrong": lambda: many("<disk name='vd%d'><sauce/></disk>"),
    "disks-devices": lambda: many(DISK.format("")),
    "disks-devices-wrong": lambda: many(DISK.format("<sauce/>")),
}

INTERFACE = ("<interface type='network'><mac address='52:54:00:00:00:01'/>"
             "<source network='n'/><model type='virtio'/></interface>")
QEMU = "<a:%s xmlns:a='http://libvirt.org/schemas/domain/qemu/1.0'>"


def family_devices():
    kinds = {
        "interface": INTERFACE,
        "controller": "<controller type='usb' index='0' model='ich9-ehci1'/>",
        "hostdev": "<hostdev mode='subsystem' type='usb' managed='yes'>"
                   "<source><vendor id='0x1'/><product id='0x2'/></source>"
                   "</hostdev>",
        "channel": "<channel type='unix'><target type='virtio' name='a'/>"
                   "</channel>",
        "serial": "<serial type='pty'/>",
        "input": "<input type='mouse' bus='usb'/>",
        "rng": "<rng model='virtio'><backend model='random'>/dev/random"
               "</backend></rng>",
        "mixed": INTERFACE + "<serial type='pty'/><input type='mouse' "
                 "bus='usb'/>" + DISK.format("").replace("%d", "a"),
        "shell": "<filesystem type='mount'><source dir='/a'/><target dir='a'/>"
                 "</filesystem>",
    }
    for name, text in kinds.items():
        yield name, document(devices=many(text))
        yield name + "-wrong-last", document(devices=many(text) + "<wrong/>")
        yield name + "-wrong-first", document(devices="<wrong/>" + many(text))
        wrong = text.replace("type=", "tpye=", 1)
        yield name + "-wrong", document(devices=many(wrong))


def family_domain():
    """Lists of libvirt's that are long, and values that are."""
    def around(name, text):
        return document(seclabel=f"<{name}>{text}</{name.split()[0]}>")
    yield "features", document(features="<features>" + many("<acpi/>") +
                               "</features>")
    yield "boot", document(os=many("<boot dev='hd'/>"))
    yield "cpu", around("cpu mode='custom'", many(
        "<feature policy='require' name='vme'/>"))
    yield "vcpupin", around("cputune", many("<vcpupin vcpu='%d' cpuset='1'/>"))
    yield "vcpus", around("vcpus", many(
        "<vcpu id='%d' enabled='yes' hotpluggable='no'/>"))
    yield "numa", around("cpu", "<numa>" + many(
        "<cell id='%d' cpus='1' memory='1'/>") + "</numa>")
    yield "siblings-numa", around("cpu", "<numa><cell id='0' memory='1'>"
                                  "<distances>" +
                                  many("<sibling id='%d' value='10'/>") +
                                  "</distances></cell></numa>")
    yield "clock", around("clock offset='utc'", many("<timer name='pit'/>"))
    yield "sysinfo", around("sysinfo type='smbios'", "<oemStrings>" +
                            many("<entry>a</entry>") + "</oemStrings>")
    yield "commandline", document(seclabel=QEMU % "commandline" +
                                  many("<a:arg value='x'/>") +
                                  "</a:commandline>")
    yield "seclabel", document(seclabel=many("<seclabel type='none'/>"))
    yield "iothreads", around("iothreadids", many("<iothread id='%d'/>"))
    yield "cpuset", document(vcpu=f" cpuset='0{many(',1')}'")
    yield "cpuset-bad", document(vcpu=f" cpuset='0{many(',1')}x'")
    yield "uuid-long", document(uuid=many("0"))
    yield "uuid-hyphens", document(uuid=many("-"))
    yield "memory-long", document(memory=many("1"))
    yield "memory-blank", document(memory=many(" ") + "1")
    yield "title-lines", document(domain=f"<title>{many(chr(10))}</title>")
    for name, text in {
            "mac": "<interface type='user'><mac address='%s'/></interface>",
            "target": "<disk type='file'><target dev='%s'/></disk>",
            "serial": "<disk type='file'><serial>%s</serial>"
                      "<target dev='a'/></disk>",
            "path": "<disk type='file'><source file='/%s'/>"
                    "<target dev='a'/></disk>",
            "wwn": "<disk type='file'><wwn>%s</wwn><target dev='a'/></disk>",
            "address": "<disk type='file'><target dev='a'/>"
                       "<address type='pci' slot='%s'/></disk>",
            "host": "<disk type='network'><source protocol='nbd'>"
                    "<host name='%s'/></source><target dev='a'/></disk>",
            "port": "<graphics type='vnc' port='%s'/>",
            "disk": "<disk type='%s'><target dev='a'/></disk>",
            "hostdev": "<hostdev mode='%s'/>",
            "interface": "<interface type='%s'/>",
            "controller": "<controller type='%s'/>",
            "model": "<controller type='pci' model='%s'/>",
            "protocol": "<disk type='network'><source protocol='%s' name='a'/>"
                        "<target dev='a'/></disk>",
            "backing": "<disk type='file'><target dev='a'/>"
                       "<backingStore type='%s'/></disk>",
            "ip": "<graphics type='vnc' listen='%s'/>"}.items():
        for kind, filler in (("letters", "a"), ("digits", "1"), ("colons", "a:"),
                             ("dots", "1."), ("blanks", "a ")):
            yield f"{name}-{kind}", document(devices=text % many(filler))


def family_snapshot():
    domain = ("<domain%s><name>w</name><memory>1</memory>"
              f"<uuid>{UUID}</uuid><os><type>hvm</type></os></domain>")
    for name, text in {
            "names": "<name>s</name>", "name-blank": "<name/>",
            "parents": "<parent><name>p</name></parent>",
            "parents-bare": "<parent/>", "actives": "<active>1</active>",
            "actives-namespace": "<active xmlns='a'/>",
            "states": "<state/>", "times": "<creationTime/>",
            "domains": domain % " type='kvm'", "domains-untyped": domain % "",
            "domains-bare": "<domain/>", "inactive": "<inactiveDomain/>",
            "disks": "<disks/>", "disks-disk": "<disks><disk/></disks>",
            "revert": "<revertDisks><disk name='a'/></revertDisks>",
            "memories": "<memory/>", "cookies": "<cookie/>",
            "cookies-a": "<cookie><a/></cookie>",
            "text": "x<name/>", "snapshots": "<domainsnapshot/>",
            "deleted": "<snapshotDeleteInProgress/>"}.items():
        yield name + "-first", document(root=many(text))
        yield name + "-last", document(last=many(text))
    yield "parent-names", document(
        root=f"<parent>{many('<name>p</name>')}</parent>")
    for filler in ("x", "&#10;", "\n", "/", "\r", "\U0001f600"):
        yield f"name-{filler.encode().hex()}", document(name=many(filler))
    yield "name-and-disks", document(name="x" * (ROOM // 2),
                                     disks=many("<a/>", ROOM // 2))
    yield "name-and-actives", document(
        name="x" * (ROOM // 2), root=many("<active xmlns='a'/>", ROOM // 2))
    yield "name-cdata", document(name="\n" + many("<![CDATA[x]]>"))
    yield "time-long", document(time=many("1"))
    yield "time-blank", document(time=many(" ") + "1")
    yield "state-long", document(root=f"<state>{many('x')}</state>")
    for name, text in {"comments": "11111111<!---->",
                       "comments-9000": "1" * 110 + "<!---->",
                       "cdata-9000": f"<![CDATA[{'1' * 106}]]>",
                       "elements": "1111111<a/>"}.items():
        pieces = many(text)
        yield f"name-{name}", document(name=pieces)
        yield f"time-{name}", document(time=pieces)
        yield f"uuid-{name}", document(uuid=pieces)
        yield f"memory-{name}", document(memory=pieces)
        yield f"state-{name}", document(last=f"<state>{pieces}</state>")
        yield f"description-{name}", document(description=pieces)
        yield f"parent-{name}", document(
            root=f"<parent><name>{pieces}</name></parent>")
        yield f"domain-name-{name}", document(
            domain=f"<name>{pieces}</name>")
        yield f"title-{name}", document(domain=f"<title>{pieces}</title>")
        yield f"serial-{name}", document(
            devices="<disk type='file'><target dev='a'/>"
                    f"<serial>{pieces}</serial></disk>")
        yield f"loader-{name}", document(os=f"<loader>{pieces}</loader>")


def family_outside():
    for name, text in {
            "comments": "<!---->", "instructions": "<?a?>", "lines": "\n",
            "elements": "<a/>", "text": "x", "ends": "</a>",
            "starts": "<a>", "lessthan": "<", "comment-open": "<!--",
            "cdata-open": "<![CDATA[", "entities": "&a;", "hash": "&#",
            "doctype": "<!DOCTYPE a>", "bang": "<!", "brackets": "]]>",
            "instruction-open": "<?", "quotes": "<a b='", "nul": "\0",
            "open-attribute": "<a b=''", "names": "<a", "colons": "<:a:>",
            "carriage": "\r\n", "blanks": " "}.items():
        yield name + "-before", document(before=many(text))
        yield name + "-after", document(after=many(text))
        yield name + "-inside", document(metadata=many(text))
        yield name + "-alone", many(text, SIZE)
    for name, text in {"siblings": "<a/>", "ends": "</b>", "text": "x",
                       "references": "&#228;", "attributes": "<a b=''/>",
                       "lessthan": "<"}.items():
        yield f"latin-{name}", document(
            before="<?xml version='1.0' encoding='ISO-8859-1'?>",
            metadata=many(text))
    yield "blanks-in-tag", document(root=f"<a {many(' ')}/>")
    yield "blanks-in-tags", document(root=many("<a   />"))
    yield "ends-with-nul", document()[:-1] + many(" ") + "\0"
    yield "deep-258", document(cookie=nested(258))
    yield "deep-all", document(cookie=nested(ROOM // 7))
    yield "mismatch", document(cookie=many("<a></b>"))
    yield "open-in-domain", document(domain=many("<a>"))
    yield "duplicate-attribute", document(cookie=many("<a b='' b=''/>"))


MEMBER = ("<domainsnapshot><name>s%d</name><state>shutoff</state>"
          "<creationTime>1</creationTime>%s<domain type='kvm'><name>w</name>"
          f"<uuid>{UUID}</uuid><memory>1</memory><os><type>hvm</type></os>"
          "</domain></domainsnapshot>").replace("%s", "{}")


def bulk(members, attribute=""):
    return f"<snapshots{attribute}>{members}</snapshots>\n"


def family_bulk():
    """Files of all the snapshots of a domain."""
    parent = "<parent><name>s{}</name></parent>"
    for name, text in {
            "bare": "<domainsnapshot/>", "foreign": "<a/>",
            "foreign-distinct": "<e%d/>", "sound": MEMBER.format(""),
            "same": MEMBER.format("").replace("%d", "1"),
            "star": MEMBER.format(parent.format(0)),
            "selves": MEMBER.format(parent.format("%d")),
            "orphans": MEMBER.format(parent.format("x")),
            "namespaced": "<domainsnapshot xmlns='a'/>",
            "wrong": "<domainsnapshot><naem>s%d</naem><x/></domainsnapshot>",
            "comments": "<!---->", "text": "x", "text-comments": "x<!---->",
            "cdata": "<![CDATA[x]]>", "instructions": "<?a?>",
            "lines": "\n<domainsnapshot/>", "open": "<domainsnapshot>",
            "snapshots": "<snapshots/>", "ends": "</snapshots>",
            "attributes": f"<domainsnapshot{attributes(1000)}/>",
            "uuids": MEMBER.format("").replace(UUID[:8], "%d") + " ",
            "names-long": f"<domainsnapshot><name>%d{'x' * 9000}</name>"
                          "</domainsnapshot>"}.items():
        yield name, bulk(many(text))
    # As dear as a schema may be, in members of all sizes.
    for size in (300, 1000, 4000, 20000, 80000, 400000):
        states = int((150 * size) ** 0.25)
        text = f"<a{attributes(states)}>{'<b/>' * states}</a>"
        text = MEMBER.format(f"<cookie>{text}</cookie>").replace("%d", "1")
        padding = "x" * (size - len(text))
        yield f"states-{size}", bulk(many(text + padding))
        text = text.replace("<b/>", "", 1).replace("</a>", f"{padding}</a>")
        yield f"states-in-{size}", bulk(many(text))
    for name, text in (("chain-8", nested(8, BACKING, "</backingStore>")),
                       ("chain-8-wrong", nested(8, BACKING, "<wrong/>"
                                                "</backingStore>")),
                       ("disk", ""), ("disk-wrong", "<wrong/>"),
                       ("interface", INTERFACE), ("strange", "<x/>" * 20),
                       ("strange-in", "<x y=''/>" * 2)):
        devices = DISK.format(text).replace("%d", "a")
        yield f"devices-{name}", bulk(many(MEMBER.format("").replace(
            "</domain>", f"<devices>{devices}</devices></domain>")))
    yield "current-long", bulk(MEMBER.format(""),
                               f" current='{many('x')}'")
    yield "attributes-1024", bulk(many(MEMBER.format(""), ROOM - 20000),
                                  attributes(1024))
    yield "attributes", bulk("", attributes(80000))
    yield "namespaces", bulk("", attributes(50000, " xmlns:a%d='u'"))
    yield "chain", bulk("".join(
        MEMBER.format(parent.format(i - 1)).replace("%d", str(i))
        for i in range(3000)))
    yield "cycle", bulk("".join(
        MEMBER.format(parent.format((i + 1) % 3000)).replace("%d", str(i))
        for i in range(3000)))
    long = MEMBER.format("").replace("s%d", "x" * (ROOM // 2))
    yield "name-and-disks", bulk(long.replace(
        "<domain ", f"<disks>{many('<a/>', ROOM // 2)}</disks><domain "))
    yield "unclosed", "<snapshots>" + many("<domainsnapshot><a></a>")
    yield "deep", "<snapshots>" + many("<a>")
    for name, text in EVERYWHERE.items():
        for spot in ("cookie", "root"):
            if name.split("-")[0] in ("siblings", "comb", "backing", "text"):
                yield f"member-{name}-{spot}", bulk(place(spot, text()))


def place(spot, text):
    hole = HOLE_OF.get(spot, spot)
    return document(**{hole: SPOTS[spot] % text})


def documents(wanted=None):
    """Name and bytes of each; what is called bulk- is a bulk file."""
    for name, text in EVERYWHERE.items():
        for spot in SPOTS:
            if not wanted or f"{spot}-{name}" in wanted:
                yield f"{spot}-{name}", place(spot, text())
    for family in (family_devices, family_domain, family_snapshot,
                   family_outside, family_bulk):
        prefix = family.__name__[len("family_"):]
        if wanted and not any(name.startswith(prefix) for name in wanted):
            continue
        for name, text in family():
            if not wanted or f"{prefix}-{name}" in wanted:
                yield f"{prefix}-{name}", text
