"""Directory entries of a hostile directory: what they are, where they are, and
what they are called."""
import os
import socket
import stat

from runs import SNAPSHOT, WARNING, write

CANARY = "canary-that-must-stay-outside"


def outside(folder):
    """What must be neither read nor changed: files that look sound, and a
    directory that looks like each of ours."""
    os.makedirs(folder)
    for name in ("legacy", "bulk", "to-bulk", "to-legacy", "vm"):
        os.mkdir(os.path.join(folder, name), 0o700)
    write(folder, "vm", CANARY, 7, 1)
    write(folder, "legacy/vm", CANARY, 7, 1)
    os.chmod(os.path.join(folder, "vm"), 0o700)
    os.chmod(folder, 0o700)
    text = snapshot(CANARY, active=1).decode()
    texts = {
        "secret": CANARY + "\n",
        "s1.xml": WARNING.decode() + text,
        "vm.xml": WARNING.decode() + "<snapshots>\n" +
                  text.replace("  <active>1</active>\n", "") +
                  "</snapshots>\n",
        "x.dtd": f"<!ENTITY canary '{CANARY}'>\n",
        "catalog.xml":
            "<catalog xmlns='urn:oasis:names:tc:entity:xmlns:xml:catalog'/>\n",
    }
    with open(os.path.join(os.path.dirname(folder), "linked"), "wb") as file:
        file.write(WARNING + snapshot("linked"))
    for name, text in texts.items():
        with open(os.path.join(folder, name), "w", encoding="ascii") as file:
            file.write(text)
        os.chmod(os.path.join(folder, name), 0o600)


# How each kind of entry is made: with its path, and where the outside is.

def to_file(path, there):
    os.symlink(os.path.join(there, "s1.xml"), path)


def to_list(path, there):
    os.symlink(os.path.join(there, "vm.xml"), path)


def to_directory(path, there):
    os.symlink(os.path.relpath(there, os.path.dirname(path)), path)


def to_domain(path, there):
    os.symlink(os.path.join(there, "vm"), path)


def dangling(path, there):
    os.symlink(os.path.join(there, "not-there"), path)


def loop(path, _):
    os.symlink(os.path.basename(path), path)


def upwards(path, _):
    os.symlink("..", path)


def magic(path, _):
    os.symlink("/proc/self/fd/0", path)


def fifo(path, _):
    os.mkfifo(path)


def bound(path, _):
    """A socket; its path may be longer than an address can be."""
    server = socket.socket(socket.AF_UNIX)
    folder = os.open(os.path.dirname(path), os.O_PATH)
    server.bind(b"/proc/self/fd/%d/%s" %
                (folder, os.fsencode(os.path.basename(path))[:60]))
    os.close(folder)
    server.close()


def device(path, _):
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))


def block(path, _):
    os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 0))


def second_name(path, there):
    os.link(os.path.join(os.path.dirname(there), "linked"), path)


def closed(path, _):
    os.mkdir(path, 0)


def locked_file(path, _):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0))


def empty(path, _):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def folder_of_folders(path, _):
    os.makedirs(os.path.join(path, "s1.xml", "s2.xml"))


KINDS = (to_file, to_list, to_directory, to_domain, dangling, loop, upwards,
         magic, fifo, bound, device, block, second_name, closed, locked_file,
         empty, folder_of_folders)
ROOT_ONLY = (device, block)
NOT_FOR_ROOT = (closed, locked_file)

# Where in the scratch directory; what lies above is made as ours.
PLACES = (
    "base/planted", "base/planted.xml", "base/vm/s1.xml", "base/vm/x.xml.new",
    "base/vm/.hidden", "base/vm.xml", "base/bulk.xml", "base/bulk",
    "base/" + ".virt-snapshot-migrate",
    "base/.virt-snapshot-migrate/to-bulk",
    "base/.virt-snapshot-migrate/to-legacy",
    "base/.virt-snapshot-migrate/other",
    "base/.virt-snapshot-migrate/to-bulk/vm",
    "base/.virt-snapshot-migrate/to-bulk/sound",
    "base/.virt-snapshot-migrate/to-legacy/bulk",
    "base/.virt-snapshot-migrate/to-legacy/bulk/s1.xml",
    "kept/legacy", "kept/legacy/vm", "kept/legacy/vm/a.xml", "kept/bulk",
    "kept/bulk/bulk.xml", "kept/.virt-snapshot-migrate.new",
    "out/vm", "out/vm.xml", "out/bulk", "out/.virt-snapshot-migrate",
    "out/.virt-snapshot-migrate/to-bulk",
    "out/.virt-snapshot-migrate/to-legacy/bulk",
)


def plant(kind, path, there):
    """False where that cannot be made here."""
    folder = os.path.dirname(path)
    parts = []
    while not os.path.isdir(folder):
        parts.insert(0, folder)
        folder = os.path.dirname(folder)
    for part in parts:
        os.mkdir(part, 0o700)
    try:
        kind(path, there)
    except PermissionError:
        return False
    return True


ESCAPES = (
    b"title\x1b]0;owned\x07", b"clear\x1b[2J\x1b[H", b"c1\x9b31m",
    b"c1-utf8\xc2\x9b31m", b"new\nline", b"return\rline", b"tab\tbed",
    b"rubout\x7f\x08\x08", b"bell\x07", b"shift\x0e\x0f", b"esc\x1b",
    b"\xff\xfe", b"slash\xc0\xafslash", b"surrogate\xed\xa0\x80",
    b"high\xf4\x90\x80\x80", b"cut\xe2\x82", b"bidi\xe2\x80\xaetxt.exe",
    b"isolate\xe2\x81\xa6x", b"line\xe2\x80\xa8sep\xe2\x80\xa9",
    b"zero\xe2\x80\x8bwidth", b"\xef\xbb\xbfbom", b"tag\xf3\xa0\x81\x81",
)
AWKWARD = (
    b"...", b"..x", b"-n", b"--help", b"-", b"%s%n%99999999d", b"$(id)`id`",
    b"a;b|c&d", b"*?[", b"'\"<>&", b"]]>", b"--><!--", b"<script>alert(1)",
    b"<img src=x onerror=alert(1)>", b"&canary;", b"::error::x",
    b"%0A::error::", b"\\x1b[31m", b"{{}}", b" ", b"  x  ", b"x" * 255,
    b"x" * 251,
    b"\xf0\x9f\x98\x80" * 63, b"\xcc\x81" * 127, b"to-bulk", b"driver.pid",
)
NAMES = ESCAPES + AWKWARD
# Of a <name>, as XML text; a file may hold any.
INNER = (
    "../../outside/planted", "../outside", "..", ".", "/tmp/planted", "a/b",
    "/", "", " ", "x" * 300, "x" * 5000, "x" * 248, ".hidden",
    ".virt-snapshot-migrate", "s1.xml.new", "&#x9b;31m", "&#x7f;",
    "bidi&#x202e;txt", "line&#x2028;", "new&#10;line", "return&#13;line",
    "tab&#9;", "]]&gt;", "&lt;script>alert(1)", "::error::x",
    "new&#10;::error::x", "%s%n", "&amp;canary;", "--&gt;&lt;!--", "-n",
    "&#x10ffff;", "&#xfffd;", "&quot;&apos;&lt;&gt;&amp;", "a&#0;b",
    "a&#x1b;[2J", "&#xd800;", "a<!-- x -->b", "a<![CDATA[/../]]>b",
    "<name>a</name>", "a<?pi x?>",
)


def put(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, 0o600)


def listed(name, *texts, current=""):
    """A bulk file of a domain, from legacy texts."""
    inner = b"".join(text.replace(b"  <active>0</active>\n", b"").replace(
        b"  <active>1</active>\n", b"") for text in texts)
    return WARNING + b"<snapshots" + current.encode() + b">\n" + inner + \
        b"</snapshots>\n"


def snapshot(name, domain="vm", active=0, parent=""):
    """NAME is XML text."""
    above = f"  <parent>\n    <name>{parent}</name>\n  </parent>\n" \
        if parent else ""
    return (SNAPSHOT % (name, above, 5, domain, active)).encode()


def names_store(base):
    """Each name as that of a domain in either layout, and of files."""
    base = os.fsencode(base)
    for at, name in enumerate(NAMES):
        where = os.path.join(base, name)
        os.mkdir(where)
        put(os.path.join(where, b"s.xml"), WARNING + snapshot("s"))
        put(os.path.join(where, name), WARNING + snapshot(f"t{at}"))
        if len(name) <= 251:
            put(os.path.join(base, b"b" + name[:250] + b".xml"),
                listed("b", snapshot("s")))
        files = os.path.join(base, b"files")
        os.makedirs(files, exist_ok=True)
        put(os.path.join(files, name[:250]), WARNING + snapshot(f"n{at}"))


def inner_store(base):
    """Each <name> in either layout, and as a parent, as current, and of the
    <domain>."""
    for at, name in enumerate(INNER):
        folder = os.path.join(base, f"in{at}")
        os.mkdir(folder)
        put(os.path.join(folder, "f.xml"), WARNING + snapshot(name))
        put(os.path.join(base, f"bulk{at}.xml"),
            listed("b", snapshot(name), snapshot("x", f"bulk{at}")))
        if "<" not in name:
            put(os.path.join(base, f"cur{at}.xml"),
                listed("b", snapshot("x"), current=f' current="{name}"'))
        folder = os.path.join(base, f"other{at}")
        os.mkdir(folder)
        put(os.path.join(folder, "p.xml"),
            WARNING + snapshot("p", f"other{at}", 1, name))
        put(os.path.join(folder, "d.xml"), WARNING + snapshot("d", name))
