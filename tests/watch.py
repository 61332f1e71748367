"""What a program touched and said, where a directory is hostile.

Watch sees by inotify every file that is opened, read or changed, through
whatever name. members() reads snapshots with expat, a parser that the programs
do not have. complaint() holds what is printed against what a terminal, a log or
a parser may get.
"""
import ctypes
import json
import os
import re
import stat
import struct
import subprocess
import unicodedata
import xml.etree.ElementTree as ElementTree

from support import run

# Longer than any of these runs takes: this one hangs.
TOO_LONG = 60
STAGE = ".virt-snapshot-migrate"
OPENED = 0x20
# Opened, read, written, attributes, and each change of a directory's entries.
TOUCHED = OPENED | 0x1 | 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200
DONT_FOLLOW = 0x02000000
LIBC = ctypes.CDLL(None, use_errno=True)
# A sanitizer's complaint is not to look like one of the program's own statuses.
os.environ["ASAN_OPTIONS"] = "detect_leaks=0:exitcode=66"
os.environ["UBSAN_OPTIONS"] = "exitcode=66"


class Watch:
    """All that happens to the files and directories given to it."""

    def __enter__(self):
        self.fd = LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self.names = {}
        if self.fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        return self

    def __exit__(self, *_):
        os.close(self.fd)

    def add(self, path, mask=TOUCHED):
        number = LIBC.inotify_add_watch(self.fd, os.fsencode(path),
                                        mask | DONT_FOLLOW)
        if number < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", path)
        self.names[number] = path

    def add_below(self, path):
        """A whole tree; the directories tell of what is in them."""
        for folder, _, _ in os.walk(path):
            self.add(folder)

    def add_special(self, path):
        """What must not even be opened."""
        for folder, _, names in os.walk(path):
            for name in names:
                full = os.path.join(folder, name)
                mode = os.lstat(full).st_mode
                if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
                    self.add(full, OPENED)

    def seen(self):
        """What happened since the last call."""
        found = []
        try:
            data = os.read(self.fd, 1 << 20)
        except BlockingIOError:
            return found
        while data:
            number, mask, _, size = struct.unpack_from("iIII", data)
            name = data[16:16 + size].rstrip(b"\0")
            # The lower bits say what; the rest, that a watch has ended.
            if mask & (TOUCHED | 0x4000):
                found.append((self.names.get(number, "?"), name, hex(mask)))
            data = data[16 + size:]
        return found


def can_trace():
    try:
        return run("strace", "-o", "/dev/null", "true").returncode == 0
    except FileNotFoundError:
        return False


def opened(log):
    """Every path that was opened, wherever its name led, by strace's LOG; see
    traced(). O_PATH opens nothing."""
    with open(log, encoding="ascii", errors="replace") as file:
        return {found[1] for found in re.finditer(
            r"^.* = \d+<(.*)>(?:\(deleted\))?$", file.read(), re.MULTILINE)
                if "O_PATH" not in found[0]}


def traced(log, words):
    """The command that runs WORDS, and writes down what they open."""
    return ["strace", "-f", "-y", "-qq", "-o", log, "-e",
            "trace=open,openat,openat2,creat,open_by_handle_at", "--", *words]


def attempt(*words, **options):
    """A run that must end by itself: status, output, and what is wrong."""
    try:
        result = run(*words, timeout=TOO_LONG, **options)
    except subprocess.TimeoutExpired:
        return None, b"", "it hangs"
    said = result.stdout + result.stderr
    if result.returncode not in (0, 1, 2, 3):
        return result.returncode, said, f"status {result.returncode}"
    return result.returncode, said, complaint(words, result)


def complaint(words, result):
    """What no output may hold; nothing if it is fit to be seen."""
    for stream in (result.stdout, result.stderr):
        try:
            text = stream.decode()
        except UnicodeDecodeError as error:
            return f"not UTF-8: {error}"
        bad = [sign for sign in text
               if unicodedata.category(sign) in ("Cc", "Zl", "Zp") and
               sign not in "\n\t" or
               unicodedata.bidirectional(sign) in TURNS or sign in MARKS]
        if bad:
            at = text.index(bad[0])
            return f"steers a terminal: {text[max(0, at - 60):at + 20]!r}"
    form = [word[9:] for word in words if word.startswith("--format=")]
    return malformed(form[0], result.stdout.decode()) if form else ""


# What turns the direction of text, or is not to be seen at all.
TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
MARKS = "\u061c\u200b\u200e\u200f\ufeff"
# An element that a name may have smuggled in, or its handler.
SMUGGLED = re.compile(r"<(script|img|canary)\b", re.IGNORECASE)


def malformed(form, text):
    try:
        if form in ("json", "sarif"):
            json.loads(text)
        if form == "jsonl":
            for line in text.splitlines():
                json.loads(line)
        if form in ("xml", "junit"):
            ElementTree.fromstring(text)
    except (ValueError, ElementTree.ParseError) as error:
        return f"no {form}: {error}"
    if form in ("html", "xml", "junit") and SMUGGLED.search(text):
        return "a name became an element"
    if form == "github":
        for line in text.splitlines():
            if not re.match(r"::(error|warning|notice)[ :]", line):
                return f"no command of the report's: {line!r}"
    return ""


def parse(data):
    """The root element, by expat; None where it is not well-formed or has a
    DOCTYPE, which the programs refuse."""
    if b"<!DOCTYPE" in data:
        return None
    builder = ElementTree.TreeBuilder(insert_comments=True, insert_pis=True)
    try:
        return ElementTree.fromstring(
            data, ElementTree.XMLParser(target=builder))
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def without_active(element):
    """Take <active> out, but not the text behind it."""
    before = None
    for child in list(element):
        if child.tag != "active":
            before = child
            continue
        if before is None:
            element.text = (element.text or "") + (child.tail or "")
        else:
            before.tail = (before.tail or "") + (child.tail or "")
        element.remove(child)


def flat(element):
    """An element and all below, indentation and <active> apart."""
    without_active(element)
    return tuple(
        (str(part.tag), tuple(sorted(part.attrib.items())), len(part),
         "" if len(part) and not (part.text or "").strip() else part.text or "",
         "" if part is element else (part.tail or "").strip())
        for part in element.iter())


def children(data):
    """The <domainsnapshot> elements of a file of either layout, or None."""
    root = parse(data)
    if root is None or root.tag not in ("domainsnapshot", "snapshots"):
        return None
    return [root] if root.tag == "domainsnapshot" else [
        child for child in root if child.tag == "domainsnapshot"]


def members(data):
    """The snapshots in a file, in a form that both layouts share."""
    return set(map(flat, children(data) or []))


def content(path, mode):
    """What is in a regular file, or where a link leads; None: it is something
    else, or not for our eyes."""
    if stat.S_ISLNK(mode):
        return os.readlink(path)
    if not stat.S_ISREG(mode) or not os.access(path, os.R_OK):
        return None
    with open(path, "rb") as file:
        return file.read()


def entries(path):
    """Every entry below a directory: mode, owner and content."""
    found = {}
    path = os.fsencode(path)
    for folder, below, names in os.walk(path):
        for name in below + names:
            full = os.path.join(folder, name)
            info = os.lstat(full)
            found[os.path.relpath(full, path)] = (
                info.st_mode, info.st_uid, content(full, info.st_mode))
    return found


def regular(*folders):
    """Every regular file below the folders, staging apart: path and bytes."""
    found = {}
    for folder in map(os.fsencode, folders):
        for where, below, names in os.walk(folder):
            below[:] = [name for name in below if name != STAGE.encode()]
            for name in names:
                path = os.path.join(where, name)
                data = content(path, os.lstat(path).st_mode)
                if stat.S_ISREG(os.lstat(path).st_mode) and data is not None:
                    found[path] = data
    return found


def lost(before, *folders):
    """Files of BEFORE whose bytes are gone, and their snapshots as well."""
    now = set(regular(*folders).values())
    missing = {path: data for path, data in before.items() if data not in now}
    if not missing:
        return []
    held = set().union(*map(members, now))
    return [path for path, data in missing.items()
            if not children(data) or not members(data) <= held]
