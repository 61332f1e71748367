#!/usr/bin/env python3
"""A directory in which somebody hostile may put what he likes.

Links, fifos, sockets, devices, hard links and closed doors at every place that
the programs look at; names and texts that steer terminals, leave directories or
pretend to be a report's own; XML that blows up, reaches for other files or lies
about where it ends. Each program, direction and format is tried on each.

Whatever it is: the program ends by itself and with a status of its own; nothing
outside of the three directories is opened, read or changed; nothing that is
printed drives a terminal or breaks the format; no snapshot is lost; a sound
domain beside it is converted; and a second run changes nothing.

What is hostile by its mere size is in hostile.py, and what changes meanwhile in
race.py.
"""
import json
import multiprocessing
import os
import shutil

from hostile_entries import (CANARY, KINDS, NOT_FOR_ROOT, PLACES, ROOT_ONLY,
                             block, bound, dangling, device, empty, fifo,
                             folder_of_folders, inner_store, listed, loop,
                             names_store, outside, plant, put, snapshot,
                             upwards)
from hostile_frames import documents, frames, in_list, random_frames
from runs import WARNING
from support import (BUILD, WHOLE, MIGRATE, VERIFY, Scratch, Tally, identities,
                     run)
from watch import (Watch, attempt, can_trace, children, entries, lost, opened,
                   parse, regular, traced)

FORMATS = ("xml", "json", "jsonl", "html", "sarif", "junit", "github", "dot")
LOOKS = [[VERIFY], [VERIFY, "--list"], [VERIFY, "--verbose"],
         *([VERIFY, f"--format={form}"] for form in FORMATS),
         *([MIGRATE, "-n", *words] for words in (
             [], ["--export"], ["--repair=all"], ["--repair=all", "--export"],
             ["--verbose", "--no-suffix"]))]
CHANGES = [[], ["--export"], ["--backup=@/kept"],
           ["--export", "--backup=@/kept"], ["--output-dir=@/out"],
           ["--export", "--output-dir=@/out"],
           ["--repair=all", "--backup=@/kept"],
           ["--repair=all", "--export", "--backup=@/kept"],
           ["--repair=safe", "--export"], ["--no-suffix"],
           ["--merge=bulk", "--backup=@/kept"]]
# What any program opens: libraries, and a sanitizer's own.
SYSTEM = ("/etc/ld.so", "/usr/lib", "/lib") + \
    ("/proc/",) * bool(os.environ.get("SANITIZE"))
TRACE = can_trace()
tally = Tally()


def sound(base):
    """A domain in each layout that nobody has tampered with."""
    for domain, names in (("sound", "ab"), ("vm", "ab")):
        os.makedirs(os.path.join(base, domain))
        for name in names:
            put(os.path.join(base, domain, name + ".xml"), WARNING +
                snapshot(name, domain, name == "b",
                         "a" if name == "b" else ""))
    put(os.path.join(base, "bulk.xml"), listed("bulk", snapshot("c", "bulk")))
    put(os.path.join(base, "sound2.xml"),
        listed("sound2", snapshot("c", "sound2")))


class Scene:
    """A scratch directory, and what must stay as it is."""

    def __init__(self, scratch, label, make, watch):
        self.scratch, self.label, self.make = scratch, label, make
        self.log = os.path.join(scratch, "trace") if TRACE and \
            label.startswith("every kind") else None
        self.base = os.path.join(scratch, "base")
        self.there = os.path.join(scratch, "outside")
        self.watch = watch
        self.good = True
        self.runs = 0
        outside(self.there)
        with open(os.path.join(scratch, "linked"), "rb") as file:
            self.linked = file.read()
        watch.add_below(self.there)
        self.outside = identities(self.there)
        self.fresh()
        self.top = set(os.listdir(scratch)) | {"kept", "out", "trace"}

    def fresh(self):
        """The directories as they were at the beginning; False: they cannot
        be made here."""
        for name in ("base", "kept", "out"):
            open_up(os.path.join(self.scratch, name))
            shutil.rmtree(os.path.join(self.scratch, name), ignore_errors=True)
        os.mkdir(self.base)
        sound(self.base)
        self.possible = self.make(self) is not False
        self.before = regular(self.base)
        self.watch.seen()
        for name in ("base", "kept", "out"):
            self.watch.add_special(os.path.join(self.scratch, name))

    def words(self, words):
        return [word.replace("@", self.scratch) for word in words] + [self.base]

    def check(self, right, what, detail=""):
        self.good &= bool(right)
        return right or tally.check(False, f"{self.label}: {what}",
                                    repr(detail)[:2000])

    def attempt(self, words):
        """One run; what is true of each."""
        whole = self.words(words)
        status, said, problem = attempt(
            *(traced(self.log, whole) if self.log else whole))
        shown = " ".join([os.path.basename(words[0]), *words[1:]])
        self.runs += 1
        self.check(not problem, shown, (problem, said[-2000:]))
        self.check(CANARY.encode() not in said, f"{shown}: it tells", said)
        seen = self.watch.seen()
        self.check(not seen, f"{shown}: it looks outside", seen[:5])
        if self.log:
            self.check(not self.strays(), f"{shown}: it opens",
                       self.strays())
        self.check(identities(self.there) == self.outside,
                   f"{shown}: it changes what is outside")
        self.watch.seen()  # that was us
        with open(os.path.join(self.scratch, "linked"), "rb") as file:
            self.check(file.read() == self.linked,
                       f"{shown}: it changes a file by its other name")
        more = set(os.listdir(self.scratch)) - self.top
        self.check(not more, f"{shown}: it makes something outside", more)
        return status, shown, said

    def strays(self):
        """What was opened, and is neither in one of the three directories nor
        the system's own, such as libraries."""
        ours = tuple(os.path.join(self.scratch, name)
                     for name in ("base", "kept", "out"))
        # The last two are made in the directory above.
        return [path for path in opened(self.log) if path != self.scratch and
                not path.startswith(ours + SYSTEM)]

    def look(self, words):
        """A run that changes nothing."""
        quiet = identities(self.base)
        _, shown, said = self.attempt(words)
        self.check(identities(self.base) == quiet, f"{shown}: it changes",
                   said)

    def change(self, words):
        """A run on fresh directories, the same again, and back."""
        self.fresh()
        whole = [MIGRATE, *words]
        status, shown, said = self.attempt(whole)
        self.held(shown, said)
        # What is in the way of it in staging is in its way.
        if status in (0, 1) and not self.label.endswith("/sound"):
            self.check(self.is_converted(words), f"{shown}: what is sound",
                       said)
        end = [entries(self.base), entries(os.path.join(self.scratch, "out"))]
        again, _, said = self.attempt(whole)
        self.held(shown + ", again", said)
        # What stood in the way in staging may be thrown away with the rest.
        self.check(status > 1 or end == [
            entries(self.base), entries(os.path.join(self.scratch, "out"))],
                   f"{shown}: a second run changes something", said)
        self.check(again <= max(status, 2 * ("out" in shown)),
                   f"{shown}: {status}, then {again}", said)
        if WHOLE:
            back = [word for word in words if word != "--export"]
            if len(back) == len(words) and "--merge=bulk" not in words:
                back.append("--export")
            _, shown, said = self.attempt([MIGRATE, *back])
            self.held(shown + ", back", said)

    def held(self, what, said):
        gone = lost(self.before, self.base, os.path.join(self.scratch, "kept"))
        self.check(not gone, f"{what}: lost", (gone, said))
        for path, data in regular(self.base, os.path.join(
                self.scratch, "out")).items():
            self.check(CANARY.encode() not in data, f"{what}: it took from "
                       "outside", path)

    def is_converted(self, words):
        """The two sound domains stand where they are to stand."""
        where = os.path.join(self.scratch, "out") \
            if "--output-dir=@/out" in words else self.base
        legacy = [os.path.join(where, "sound", "a.xml"),
                  os.path.join(where, "sound2", "c.xml")]
        plain = "--no-suffix" in words
        bulk = [os.path.join(where, "sound" + ".xml" * (not plain)),
                os.path.join(where, "sound2.xml")]
        return all(map(os.path.isfile, legacy if "--export" in words else
                       bulk[:1] if plain else bulk))


def open_up(top):
    """Directories that keep us out, to be removed."""
    for folder, below, _ in os.walk(top):
        for name in below:
            full = os.path.join(folder, name)
            if not os.path.islink(full):
                os.chmod(full, 0o700)


def scene(label, make, looks, changes):
    """All runs on one hostile directory; how many there were."""
    with Scratch() as scratch, Watch() as watch:
        at = Scene(scratch, label, make, watch)
        if not at.possible:
            tally.skip(f"{label}: it cannot be made here")
            return 0
        for words in looks:
            at.look(words)
        for words in changes:
            at.change(words)
        open_up(scratch)
        tally.check(at.good and at.runs, f"{label}: {at.runs} runs")
        return at.runs


# Every kind at every place.

def usable(kind):
    return kind not in (NOT_FOR_ROOT if os.geteuid() == 0 else ROOT_ONLY)


def together(place):
    """A directory with one of each kind, with the kind in its name."""
    def make(at):
        for kind in filter(usable, KINDS):
            path = os.path.join(at.scratch, place.replace("@", kind.__name__))
            plant(kind, path, at.there)
    return make


def alone(kind, place):
    def make(at):
        path = os.path.join(at.scratch, place)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.unlink(path)
        return plant(kind, path, at.there)
    return make


def entry_jobs():
    for at, place in enumerate(("base/@", "base/@.xml", "base/vm/@",
                                "base/d@/x.xml", "base/d@/x.xml.new")):
        yield ("every kind as " + place, together(place),
               LOOKS if WHOLE else LOOKS[at::5],
               CHANGES if WHOLE else CHANGES[at::5])
    kinds = list(filter(usable, KINDS))
    for at, place in enumerate(PLACES):
        # Where it lies says which runs come by.
        changes = [words for words in CHANGES if
                   place.startswith("base") or "@/" + place.split("/")[0] in
                   " ".join(words)]
        for step, kind in enumerate(kinds):
            if WHOLE:
                yield (f"{kind.__name__} as {place}", alone(kind, place),
                       LOOKS[:3] + LOOKS[11:14], changes)
            elif step in (at % len(kinds), (at * 5 + 2) % len(kinds)):
                yield (f"{kind.__name__} as {place}", alone(kind, place),
                       LOOKS[at % len(LOOKS):][:1],
                       changes[at % len(changes):][:1])


# Texts.

def documents_scene(names):
    """Documents as a snapshot and as a bulk file, a domain for each."""
    def make(at):
        found = documents(at.there)
        for number, name in enumerate(names):
            domain = os.path.join(at.base, f"{number}-{name}")
            os.mkdir(domain)
            put(os.path.join(domain, "s.xml"), found[name])
            put(os.path.join(at.base, f"b{number}-{name}.xml"),
                in_list(found[name]))
    return make


def text_jobs():
    changes = CHANGES if WHOLE else CHANGES[:2] + CHANGES[6:8]
    step = 1 if WHOLE else 2
    yield ("names", lambda at: names_store(at.base), LOOKS[::step],
           changes[::step])
    yield ("names inside", lambda at: inner_store(at.base),
           LOOKS[step - 1::step], changes[step - 1::step])
    looks = LOOKS if WHOLE else [LOOKS[3], LOOKS[1], LOOKS[13]]
    # Large ones are for the whole only.
    names = [name for name, data in documents("x").items()
             if WHOLE or len(data) < 20000]
    size = 12 if WHOLE else 60
    for first in range(0, len(names), size):
        part = names[first:first + size]
        yield (f"documents {first} to {first + len(part) - 1}",
               documents_scene(part), looks, changes if WHOLE else changes[::3])


# What is named on the command line, and in a snapshot as an image of its disks.

DOMAINS = ("..", ".", "", "/", "../outside", "../outside/vm", "vm/..",
           "vm/../vm", "../outside/vm.xml", ".virt-snapshot-migrate",
           "@/outside/vm", "vm\n", "\x1b]0;owned\x07", "x" * 5000)


def images_of(at):
    """Disks that are none, and names that qemu-img would take for more."""
    special = os.path.join(at.scratch, "base", "special")
    os.mkdir(special)
    names = ["nbd://127.0.0.1:9/x", "http://127.0.0.1:9/x", "fd:0", "-", "",
             "--help", "relative", "..", "/", "/proc/self/fd/0", "x" * 5000,
             "/dev/stdin", "host_device:/dev/null", "&#10;", "&#x9b;31m",
             f"file:{at.there}/secret", f"{at.there}/secret/",
             'json:{"driver":"file","filename":"%s/secret"}' % at.there]
    for kind in filter(usable, (fifo, bound, device, loop, dangling)):
        names.append(os.path.join(special, kind.__name__))
        plant(kind, names[-1], at.there)
    for number, name in enumerate(names):
        name = name.replace('"', "&quot;")
        disk = f"<driver type='qcow2'/><source file=\"{name}\"/>"
        text = snapshot(f"i{number}", "images", parent="").decode()
        text = text.replace("<domain>", "<disks><disk name='vda' "
                            "snapshot='internal'/><disk name='vdb' "
                            f"snapshot='external'>{disk}</disk></disks>"
                            "<domain type='qemu'>")
        text = text.replace("</domain>", f"<devices><disk>{disk}<target "
                            "dev='vda'/></disk></devices></domain>")
        os.makedirs(os.path.join(at.base, "images"), exist_ok=True)
        put(os.path.join(at.base, "images", f"i{number}.xml"),
            WARNING + text.encode())


def named_jobs():
    yield ("images", images_of, [[VERIFY, "--check-images"],
                                 [VERIFY, "--check-images", "--format=json"],
                                 [VERIFY, "--check-images", "--list"]],
           CHANGES[:1])
    looks = [[program, *words, "-d", name] for name in DOMAINS
             for program, *words in ((VERIFY, "--list"), (MIGRATE, "-n"),
                                     (MIGRATE, "--export"),
                                     (MIGRATE, "--no-suffix"))]
    yield ("domains named", lambda at: None, looks if WHOLE else looks[::3], [])
    yield ("paths named", together("base/special/@"), [
        [VERIFY, f"@/base/special/{kind.__name__}"]
        for kind in filter(usable, (fifo, bound, device, block, dangling, loop,
                                    upwards, folder_of_folders, empty))], [])


# Frames: another parser has to agree on what is in them.

def text_of(element):
    """All text of an element, comments and the like apart."""
    own = element.text or "" if isinstance(element.tag, str) else ""
    return own + "".join(text_of(child) + (child.tail or "")
                         for child in element)


def expected(data):
    """Names of the members by expat, as a report shows them; None: no list, or
    refused."""
    if getattr(parse(data), "tag", "") != "snapshots":
        return None
    names = [child.find("name") for child in children(data)]
    texts = [text_of(name) for name in names
             if name is not None]
    return sorted(text.replace("\\", "\\\\").replace("\n", "\\n").replace(
        "\t", "\\t") for text in texts if text)


def fooled(at, found):
    """Where the program sees other members than expat."""
    result = run(VERIFY, "--format=json", at.base)
    report = json.loads(result.stdout)
    domains = {domain["name"]: domain for domain in report["domains"]}
    agreed = 0
    for number, data in enumerate(found):
        domain = domains.get(f"f{number}")
        wanted = expected(data)
        errors = [problem["id"] for problem in domain["problems"]
                  if problem["severity"] == "error"] if domain else []
        names = sorted(one["name"] for one in domain["snapshots"]
                       if one.get("name")) if domain else []
        if wanted is None:
            at.check(errors, "what is no list is sound", data)
        else:
            agreed += at.check(names == wanted,
                               f"members {names}, not {wanted}, {errors}", data)
    return agreed


def frame_jobs():
    yield "frames", frames()
    count = 30 if WHOLE else 1
    for seed in range(count):
        yield f"random frames {seed}", list(random_frames(seed, 150))


def frame_scene(label, found):
    def make(at):
        for number, data in enumerate(found):
            put(os.path.join(at.base, f"f{number}.xml"), data)
    with Scratch() as scratch, Watch() as watch:
        at = Scene(scratch, label, make, watch)
        agreed = fooled(at, found)
        for words in LOOKS[:2]:
            at.look(words)
        for words in CHANGES[1:2] + CHANGES[7:8]:
            at.change(words)
        tally.check(at.good and agreed, f"{label}: {agreed} agreed upon")
        return at.runs + 1


def one(job):
    """One scene in a process of its own; what came of it."""
    tally.passed = tally.failed = tally.skipped = 0
    runs = (frame_scene if len(job) == 2 else scene)(*job)
    return tally.passed, tally.failed, tally.skipped, runs


def pick(number):
    return one(JOBS[number])


JOBS = [*text_jobs(), *frame_jobs(), *named_jobs(), *entry_jobs()]

if __name__ == "__main__":
    assert os.path.exists(VERIFY), BUILD
    RUNS = 0
    if not TRACE:
        tally.skip("what is opened anywhere: strace cannot be used here")
    if os.geteuid() != 0:
        tally.skip("devices: only root can make them")
    else:
        tally.skip("closed directories: none is closed to root")
    with multiprocessing.Pool(os.cpu_count(), maxtasksperchild=8) as pool:
        for passed, failed, skipped, runs in pool.imap(pick, range(len(JOBS))):
            tally.passed += passed
            tally.failed += failed
            tally.skipped += skipped
            RUNS += runs
    print(f"  {len(JOBS)} hostile directories, {RUNS} runs in them")
    tally.end()
