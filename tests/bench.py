#!/usr/bin/env python3
"""How long the programs take and what memory, beside what else one would use.

Ratios in one run, medians of five rounds in which the commands take turns: a
noisy machine hits all alike. QUICK=1 tries everything on small stores, once.
A time never fails this; a command that fails or says what is wrong does.

    make bench [PARTS="one few drifting convert linear large"]
"""
import datetime
import hashlib
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from store import TOPOLOGIES, write_store
from support import BUILD, HERE, MIGRATE, VERIFY, run

LIBVIRT = "/usr/share/libvirt/schemas/domainsnapshot.rng"
QUICK = os.environ.get("QUICK", "") not in ("", "0")
MANY, FEWER, DRIFTING, ROUNDS = ((200, 50, 60, 1) if QUICK else
                                 (16000, 4000, 2000, 5))
DOMAINS, EACH, LARGE = (5, 4, 100) if QUICK else (100, 20, 16000)
# What takes many seconds takes part in these only.
SLOW_ROUNDS = (0, 3)
NEEDED = (1 if QUICK else 4) << 30
MEMORY = 64
# 16,000 snapshots of 10 KB are more than libvirt reads from one file.
LIMIT = "--max-bulk-size=2G"
SCHEMA = ["--schema=libvirt"] if os.path.exists(LIBVIRT) else []
SCHEMA_TEXT = ", --schema=libvirt" if SCHEMA else ""
NEED_SCHEMA = ("one", "few", "drifting")


def wrong(*words):
    sys.exit("bench: " + " ".join(words))


def is_usable(place):
    """Is there a tmpfs with room, in a machine with memory?"""
    if not os.access(place, os.W_OK):
        return False
    info = os.statvfs(place)
    with open("/proc/meminfo", encoding="ascii") as file:
        kib = dict(line.split()[:2] for line in file)["MemAvailable:"]
    return min(info.f_bavail * info.f_frsize, int(kib) * 512) > NEEDED


def file_system(path):
    """The type of what is mounted there."""
    best = ("", "")
    with open("/proc/mounts", encoding="utf-8") as file:
        for line in file:
            _, where, kind = line.split()[:3]
            if os.path.commonpath((where, path)) == where:
                best = max(best, (where, kind), key=lambda pair: len(pair[0]))
    return best[1]


def setting():
    """When and on what."""
    cpu = platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    said = run("xmllint", "--version").stderr.decode()
    number = int(said.split("version ")[1].split()[0].split("-")[0])
    version = f"{number // 10000}.{number // 100 % 100}.{number % 100}"
    return (f"{datetime.date.today()}, {cpu}, {os.cpu_count()} processors, "
            f"Linux {platform.release()}, libxml2 {version}, "
            f"{file_system(scratch)}")


def digest(base):
    """Names, modes and bytes below BASE."""
    whole = hashlib.sha1()
    for folder, folders, files in os.walk(base):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                content = file.read()
            whole.update(f"{os.path.relpath(path, base)} "
                         f"{os.stat(path).st_mode} {len(content)} ".encode())
            whole.update(content)
    return whole.hexdigest()


class Command:
    """Something that is run once a round."""

    def __init__(self, label, words, files=(), **options):
        self.label = label
        self.words = words
        self.files = files
        self.where = options.get("where")
        self.slow = options.get("slow", False)
        self.says = options.get("says")
        self.before = options.get("before", lambda: None)
        self.after = options.get("after", lambda: None)
        self.seconds = []
        self.memory = 0

    def batches(self):
        """One process for all files, where their names are not too long."""
        if not self.files:
            yield self.words
            return
        most = os.sysconf("SC_ARG_MAX") // 2
        batch, length = [], 0
        for name in self.files:
            if length + len(name) + 9 > most:
                yield self.words + batch
                batch, length = [], 0
            batch.append(name)
            length += len(name) + 9
        yield self.words + batch

    def once(self):
        self.before()
        total = 0
        for words in self.batches():
            out = os.path.join(scratch, "said")
            with open(out, "wb") as file:
                subprocess.run(
                    [MEASURE, os.path.join(scratch, "measured"), *words],
                    cwd=self.where, check=True,
                    stdout=file if self.says else subprocess.DEVNULL,
                    stderr=subprocess.STDOUT)
            with open(os.path.join(scratch, "measured"),
                      encoding="ascii") as file:
                seconds, kib, status = file.read().split()
            if status != "0":
                with open(out, encoding="utf-8") as file:
                    wrong(f"{self.label}: exit status {status}",
                          file.read()[:1000])
            total += float(seconds)
            self.memory = max(self.memory, int(kib) / 1024)
        if self.says:
            with open(out, encoding="utf-8") as file:
                said = file.read()
            if self.says not in said or said.count("\n") != 1:
                wrong(f"{self.label}: expected {self.says!r}, "
                      f"found {said[:300]!r}")
        self.after()
        self.seconds.append(total)

    @property
    def median(self):
        return statistics.median(self.seconds)


def take_turns(*commands, rounds=ROUNDS):
    for count in range(rounds):
        for command in commands:
            if not command.slow or count in SLOW_ROUNDS:
                command.once()


def row(what="", median="", memory="", ratio="", target="", met=None):
    good = "" if met is None or QUICK else "yes" if met else "**no**"
    print(f"| {what} | {median} | {memory} | {ratio} | {target} | {good} |",
          flush=True)


def heading(text):
    row(f"**{text}**")


def time_text(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def show(command, *ratios, label=None):
    """A row for the command, and one for each further ratio: (ratio, to whom,
    target, is it met)."""
    first = (label or command.label, time_text(command.median),
             f"{command.memory:.1f} MiB")
    for ratio in ratios or ((None,),):
        if ratio[0] is None:
            row(*first)
        else:
            value, of, target, met = ratio
            row(*first, f"{value:.2f} {of}", target, met)
        first = ("", "", "")


def faster(command, peer, target):
    value = peer.median / command.median
    return (value, f"x as fast as {peer.label}", f"at least {target}",
            value >= target)


def within(command, peer, target):
    value = command.median / peer.median
    return (value, f"x the time of {peer.label}", f"at most {target}",
            value <= target)


def skipped(what):
    row(f"skipped: {what}")


def names(base):
    """All files of a store, as seen from it."""
    return [os.path.join(os.path.relpath(folder, base), name)
            if folder != base else name
            for folder, _, files in os.walk(base) for name in files]


def find_lxml():
    for python in (sys.executable, "/usr/bin/python3"):
        if os.path.exists(python) and \
                not run(python, "-c", "import lxml").returncode:
            return python
    return None


def new_store(name, **options):
    base = os.path.join(scratch, name)
    shutil.rmtree(base, ignore_errors=True)
    write_store(base, **options)
    return base


def verify(base, domains, snapshots, *options):
    domain = "1 domain" if domains == 1 else f"{domains} domains"
    words = " ".join(["verify", *options])
    return Command(words, [VERIFY, *SCHEMA, *options, base],
                   says=f"{domain}, {domains * snapshots} snapshots: "
                        "0 errors, 0 warnings\n")


def xmllint(base, files, slow=False):
    return Command("xmllint --relaxng",
                   ["xmllint", "--noout", "--relaxng", LIBVIRT], files,
                   where=base, slow=slow)


def one_domain(kind, target):
    base = new_store(kind, kind=kind, snapshots=MANY)
    where = os.path.join(base, "vm1")
    files = names(where)
    heading(f"{MANY:,} snapshots of 10 KB in one domain, {kind}, "
            "--schema=libvirt")
    cat = Command("cat to /dev/null", ["cat"], files, where=where)
    parse = Command("xmllint", ["xmllint", "--noout"], files, where=where)
    peer = xmllint(where, files, slow=True)
    ours = verify(base, 1, MANY)
    commands = [cat, parse, peer, ours]
    if kind == "internal" and shutil.which("jing"):
        commands.insert(3, Command("jing", ["jing", LIBVIRT], files,
                                   where=where, slow=True))
    take_turns(*commands)
    for command in commands[:-1]:
        show(command)
    ratios = [faster(ours, peer, target)]
    if kind == "internal":
        ratios.append(within(ours, cat, 1))
    show(ours, *ratios)
    shutil.rmtree(base)


def few(domains, target):
    base = new_store("few", domains=domains, snapshots=EACH)
    files = names(base)
    heading(f"{domains} x {EACH} snapshots of 10 KB, internal, "
            "--schema=libvirt")
    peer, ours = xmllint(base, files), verify(base, domains, EACH)
    take_turns(peer, ours)
    show(peer)
    show(ours, faster(ours, peer, target))
    shutil.rmtree(base)


def drifting():
    base = new_store("drifting", kind="drifting", snapshots=DRIFTING)
    where = os.path.join(base, "vm1")
    heading(f"{DRIFTING:,} snapshots of 10 KB, no <domain> like another, "
            "--schema=libvirt")
    peer = xmllint(where, names(where))
    jobs = "--jobs" in run(VERIFY, "--help").stdout.decode()
    one = verify(base, 1, DRIFTING, *(["--jobs=1"] if jobs else []))
    two = verify(base, 1, DRIFTING, *(["--jobs=2"] if jobs else []))
    take_turns(peer, one, *([two] if jobs else []))
    show(peer)
    show(one, within(one, peer, 1.05))
    if jobs:
        show(two, faster(two, peer, 1.7))
    else:
        skipped("--jobs=2, which this program does not have")
    shutil.rmtree(base)
    return [(f"{DRIFTING:,} snapshots unlike each other", command)
            for command in ([one, two] if jobs else [one])]


def both_ways(base, snapshots):
    """migrate, and the export that gives back the store, to the byte."""
    before = digest(base)

    def compare():
        if digest(base) != before:
            wrong("migrate and export: not the same store any more")

    said = f"1 domain with {snapshots} snapshots "
    words = [MIGRATE, "--allow-running", LIMIT, *SCHEMA]
    return (Command("migrate", [*words, base],
                    says=said + "converted to bulk files\n"),
            Command("export", [*words, "--export", base],
                    says=said + "exported to directories\n", after=compare))


def conversions():
    base = new_store("store", snapshots=MANY)
    where = os.path.join(base, "vm1")
    tarball, copy, out = (os.path.join(scratch, name)
                          for name in ("store.tar", "copy", "out.xml"))
    subprocess.run(["tar", "cf", tarball, "-C", base, "."], check=True)

    def make_empty():
        shutil.rmtree(copy, ignore_errors=True)
        if os.path.exists(out):
            os.unlink(out)
        os.mkdir(copy)

    def shell(label, script, files=(), **options):
        return Command(label, ["sh", "-c", script, "sh", *options.pop("first")],
                       files, before=make_empty, **options)

    cat = shell("cat into one file, sync",
                'out=$1; shift; cat "$@" >>"$out" && sync "$out"', names(where),
                first=[out], where=where)
    cp = shell("cp -r, sync", 'cp -r "$1" "$2" && sync -f "$2"',
               first=[base, copy])
    tar = shell("tar x, sync", 'tar xf "$1" -C "$2" && sync -f "$2"',
                first=[tarball, copy])
    migrate, export = both_ways(base, MANY)
    python = find_lxml()
    heading(f"{MANY:,} snapshots of 10 KB in one domain, internal"
            f"{SCHEMA_TEXT}")
    commands = [cat, cp, tar]
    if python:
        lxml = Command("python3-lxml script",
                       [python, os.path.join(HERE, "lxml-migrate.py"), where,
                        out, *([LIBVIRT] if SCHEMA else [])],
                       before=make_empty, slow=True)
        commands.append(lxml)
    # Last: they leave the store as the others need it.
    take_turns(*commands, migrate, export)
    for command in commands:
        show(command)
    show(migrate, within(migrate, cat, 2),
         *([faster(migrate, lxml, 5)] if python else []))
    show(export, within(export, tar, 2))
    if not python:
        skipped("the script: python3-lxml is not installed")
    shutil.rmtree(base)
    make_empty()
    os.unlink(tarball)


def linear():
    """Four times the snapshots, four times the time; and the memory."""
    peaks = []
    heading(f"{MANY:,} snapshots beside {FEWER:,}, one domain, internal"
            f"{SCHEMA_TEXT}")
    for topology in TOPOLOGIES:
        commands = {}
        for count in (FEWER, MANY):
            base = new_store(f"{topology}{count}", topology=topology,
                             snapshots=count)
            commands[count] = (verify(base, 1, count), *both_ways(base, count))
        take_turns(*(command for pair in zip(*commands.values())
                     for command in pair))
        for small, big in zip(*commands.values()):
            peaks += [(f"{FEWER:,} snapshots", small),
                      (f"{MANY:,} snapshots", big)]
            value = big.median / small.median
            show(big, (value, f"x the time of {FEWER:,} snapshots",
                         "at most 4.6", value <= 4.6),
                 label=f"{small.label}, {topology}")
        for count in (FEWER, MANY):
            shutil.rmtree(os.path.join(scratch, f"{topology}{count}"))
    return peaks


def large():
    """A bulk file of a GiB; back and forth begins with the export here."""
    base = new_store("large", layout="bulk", snapshots=LARGE, size=65536)
    heading(f"A bulk file of {os.path.getsize(base + '/vm1.xml') >> 20} MiB, "
            f"{LARGE:,} snapshots, once{SCHEMA_TEXT}")
    look = verify(base, 1, LARGE, LIMIT)
    migrate, export = both_ways(base, LARGE)
    look.label = "verify"
    migrate.after, export.after = export.after, migrate.after
    take_turns(look, export, migrate, rounds=1)
    for command in (look, export, migrate):
        show(command)
    shutil.rmtree(base)
    return [("a large bulk file", command)
            for command in (look, export, migrate)]


def show_peaks(peaks):
    """The highest memory of each command on each kind of store."""
    heading(f"Peak memory{SCHEMA_TEXT}")
    highest = {}
    for what, command in peaks:
        key = f"{command.label}, {what}"
        highest[key] = max(highest.get(key, 0), command.memory)
    for label, memory in highest.items():
        row(label, "", f"{memory:.1f} MiB", "", f"at most {MEMORY} MiB",
            memory <= MEMORY)


def one():
    one_domain("internal", 40)
    one_domain("external", 25)


def several():
    few(DOMAINS, 10)
    few(1, 1)


def main(parts):
    known = {"one": one, "few": several, "drifting": drifting,
             "convert": conversions, "linear": linear, "large": large}
    for part in parts:
        if part not in known:
            wrong(f"no part '{part}'; there are:", *known)
    print(setting())
    if QUICK:
        print("Quick: small stores and one round. The times mean nothing.")
    else:
        print(f"Medians of {ROUNDS} rounds; of what takes many seconds (jing, "
              f"xmllint --relaxng of {MANY:,}, the script) of "
              f"{len(SLOW_ROUNDS)}.")
    print("\n| what | median | peak memory | ratio | target | met |")
    print("|---|---|---|---|---|---|")
    peaks = []
    for part in parts or known:
        if part in NEED_SCHEMA and not SCHEMA:
            skipped(f"{part}: libvirt's schema is not installed; its library "
                    "has it (package libvirt0, libvirt-libs or libvirt)")
        else:
            peaks += known[part]() or []
    if peaks:
        show_peaks(peaks)


MEASURE = os.path.join(BUILD, "tests", "measure")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
with tempfile.TemporaryDirectory(
        prefix="virt-snapshot-bench-",
        dir="/dev/shm" if is_usable("/dev/shm") else None) as scratch:
    main(sys.argv[1:])
