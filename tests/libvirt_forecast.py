"""What virt-snapshot-verify --list foresees, beside what libvirtd shows.

Some of it depends on the order in which a directory is read, or on what the
tool does not look into: of two files with one name, which is shown; where a
cycle is cut; what is behind a symbolic link or a DOCTYPE. There the tool says
so, and only what it foresees as certain is compared.
"""
import glob
import json
import os
import re

from libvirt_daemon import Library
from support import VERIFY, run

ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"\\": b"\\"}


# Older versions of libvirt do not look into this element.
REVERT_DISKS = 9009000


def has_revert_disks(folder):
    """Is the element in a file of the directory?"""
    for path in glob.glob(glob.escape(folder) + b"/*.xml"):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                if b"<revertDisks" in file.read():
                    return True
    return False


def plain(text):
    """A name as it is on disk, of one as it stands in a report."""
    def one(match):
        byte, character, other = match.groups()
        if byte:
            return bytes([int(byte, 16)])
        if character:
            return chr(int(character, 16)).encode()
        return ESCAPES[other]

    return re.sub(rb"\\(?:x([0-9a-f]{2})|u\{([0-9a-f]+)\}|(.))", one,
                  text.encode(), flags=re.DOTALL | re.IGNORECASE)


def listed(*words):
    """The report as JSON; the status must be one that says it was done."""
    result = run(VERIFY, "--list", "--format=json", *words)
    if result.returncode not in (0, 1):
        raise RuntimeError(f"verify: {result.returncode} "
                           f"{result.stderr.decode(errors='replace')}")
    return json.loads(result.stdout)


class Forecast:
    """Of one domain, by the loader of a stock libvirt."""

    def __init__(self, domain):
        self.names = {}       # each shown for certain, and what it can be below
        self.unread = set()   # the tool did not look into these, or doubts
        doubted = {(problem["file"], problem["snapshot"])
                   for problem in domain["problems"]
                   if problem["id"] == "value-unknown"}
        self.hidden = 0
        active = set()
        unsure = False
        for snapshot in domain["snapshots"]:
            name = plain(snapshot["name"])
            reason = snapshot.get("legacy_reason", "")
            loader = snapshot["legacy_loader"]
            twin = "is read first" in reason
            unsure |= twin
            if loader == "hidden":
                # What is in a bulk file is no feat.
                self.hidden += not twin and "/" in snapshot["file"]
                continue
            if "state" not in snapshot or \
                    (snapshot["file"], snapshot["name"]) in doubted:
                self.unread.add(name)
                continue
            if snapshot["current"]:
                active.add(name)
            parent = plain(snapshot["parent"]) if "parent" in snapshot else None
            self.names[name] = (None if twin or name in self.names else
                                {parent, None} if "own ancestor" in reason else
                                {None} if loader == "root" else {parent})
        for parents in self.names.values():
            if parents and parents & self.unread:
                parents.add(None)
        # What can be the current one; nothing: that cannot be told.
        self.current = {None} if domain["current_forgotten"] else active
        self.current = self.current or {None}
        if unsure or self.unread:
            self.current = None

    def certain(self):
        """Will libvirt show the same each time it starts?"""
        return self.current is not None and not self.unread and all(
            parents and len(parents) == 1 for parents in self.names.values())

    def differs(self, snapshots, current):
        """What libvirtd shows otherwise; "" if nothing."""
        found = []
        missing = set(self.names) - set(snapshots)
        more = set(snapshots) - set(self.names) - self.unread
        if missing:
            found.append(f"not shown: {sorted(missing)}")
        # It may be called something else than its file.
        if len(more) > len(self.unread - set(snapshots)):
            found.append(f"shown: {sorted(more)}")
        for name, parents in self.names.items():
            if name in snapshots and parents and \
                    snapshots[name][0] not in parents:
                found.append(f"{name} is below {snapshots[name][0]}, "
                             f"foreseen: {parents}")
        loops = [name for name, parents in self.names.items()
                 if parents and len(parents) == 2 and None in parents and
                 not parents & self.unread]
        if loops and not any(name in snapshots and snapshots[name][0] is None
                             for name in loops):
            found.append(f"no root in the cycle of {loops}")
        if self.current is not None and current not in self.current:
            found.append(f"current is {current}, foreseen: {self.current}")
        return "; ".join(found)


class Counts:
    """What was compared, for the last lines."""

    def __init__(self):
        self.domains = self.snapshots = self.hidden = self.unsure = 0

    def add(self, forecast):
        self.domains += 1
        self.snapshots += len(forecast.names)
        self.hidden += forecast.hidden
        self.unsure += len(forecast.unread) + sum(
            parents is None for parents in forecast.names.values())


def shown(names):
    """What libvirtd shows of these domains; None where it knows none."""
    with Library() as library:
        return {name: library.domain(name) for name in names}


def compare(tally, label, report, base, counts):
    """Hold a forecast of all domains against the libvirtd that runs now."""
    forecasts = {}
    with Library() as library:
        old = library.version() < REVERT_DISKS
    for domain in report["domains"]:
        name = plain(domain["name"])
        # A link in the place of the directory: the tool never follows it.
        path = os.path.join(os.fsencode(base), name)
        if not os.path.islink(path) and not (old and has_revert_disks(path)):
            forecasts[name] = Forecast(domain)
    answers = shown(forecasts)
    for name, forecast in forecasts.items():
        answer = answers[name]
        if not tally.check(answer is not None,
                           f"{label}: libvirtd does not know {name}"):
            continue
        differs = forecast.differs(*answer)
        tally.check(not differs, f"{label}: {os.fsdecode(name)}: {differs}")
        counts.add(forecast)
    return answers
