#!/usr/bin/env python3
"""The manual pages, tried: what they tell a person to type is typed.

virt-snapshot-rescue(7): each command of a section, one after the other, and
what it prints must be what stands there; in the end the snapshots must be back.
virt-snapshot-bulk(5): its examples must be sound, and each other's conversion.
virt-snapshot-migrate(8), virt-snapshot-verify(8): the EXAMPLES must end with
the expected status.

    tests/manuals.py [--show]

--show prints what the commands of virt-snapshot-rescue(7) print: for authors.
"""
import os
import re
import sys

from manuals_stage import (BASE, NEW, SNAPSHOTS, Stage, files, legacy,
                           possible)
from support import HERE, MIGRATE, VERIFY, Scratch, Tally, run

TOP = os.path.dirname(HERE)
RESCUE = "migrate/virt-snapshot-rescue.7"
BULK = "verify/virt-snapshot-bulk.5"
ESCAPES = ((r"\-", "-"), (r"\(aq", "'"), (r"\(dq", '"'), (r"\(ga", "`"),
           (r"\(ha", "^"), (r"\(ti", "~"), (r"\&", ""), (r"\e", "\\"))
# Commands that cannot be run here, and why.
SKIPPED = {
    "systemctl": "there is no systemd in the namespace",
    "sh -ex redefine.sh": "there is no libvirtd here; tests/libvirt.py has one",
    "virsh": "there is no libvirtd here; tests/libvirt_rescue.py has one",
    "mount": "the scene is a system that is mounted already",
    "scp": "there is no second machine; the file is put in place",
    "cp /media": "there is no stick; the program is put in place"}
WHOLE = files("legacy")
# What the sections of the rescue page begin with: a scene, where the system is
# mounted, and commands in place of those that a test cannot give. And what must
# lie in the snapshot directory in the end.
TIME = f"sed -i s/12x/1792397117/ /{BASE}/db.xml"
PROGRAM = "cp $(command -v virt-snapshot-migrate) $(command -v " \
    "virt-snapshot-verify) /root/"
MERGED = {
    **WHOLE,
    "web/nightly.xml": legacy("web", SNAPSHOTS["web"][-1], False),
    "web/emergency.xml": legacy("web", NEW, True)}
NONE_CURRENT = {
    **WHOLE,
    "web/nightly.xml": legacy("web", SNAPSHOTS["web"][-1], False)}
SECTIONS = {
    "SHORT ANSWER": ("bulk", "", {}, WHOLE),
    "ON THE SYSTEM ITSELF": ("bulk", "", {}, WHOLE),
    "WITH NOTHING BUT THE PROGRAM": (
        "bulk", "", {"cp /media": PROGRAM}, WHOLE),
    "FROM A LIVE SYSTEM": ("bulk", "/mnt/sysimage", {}, WHOLE),
    "AT YOUR DESK": (
        "bulk", "",
        {"scp root@": "cp /root/snapshot.tar.gz . && chmod 644 *.gz",
         "scp rescued": "cp rescued.tar.gz /root/"}, WHOLE),
    "BOTH LAYOUTS DIFFER": ("bulk conflict", "", {}, MERGED),
    "A DAMAGED FILE/What can be repaired": (
        "bulk current", "", {}, NONE_CURRENT),
    "A DAMAGED FILE/What must be mended by hand": (
        "bulk time", "", {"vi ": TIME}, WHOLE),
    "GOING BACK": ("legacy", "", {}, files("bulk")),
    "WHEN IT DOES NOT WORK": ("bulk", "", {}, files("bulk")),
}
# What the EXAMPLES of the other pages begin with: a scene, where the system is
# mounted, commands before, and the status of each command. By their first line;
# all others begin with a sound legacy directory, and every status is 0.
COPIES = f"mkdir host1 host2 && cp -a /{BASE} host1 && cp -a /{BASE} host2"
CHECKPOINT = """mkdir -p old/web && echo '<domaincheckpoint><name>c</name>\
<creationTime>1</creationTime></domaincheckpoint>' >old/web/c.xml"""
EXAMPLES = {
    "systemctl stop 'libvirtd*' 'virtqemud*'": ("bulk", "", "", (0, 0)),
    "virt-snapshot-migrate --export": ("bulk", "", "", (0,)),
    "virt-snapshot-migrate --root=/mnt --export --dry-run":
        ("bulk", "/mnt", "", (0, 0, 0)),
    "virt-snapshot-verify --root=/mnt": ("bulk", "/mnt", "", (0,)),
    "virt-snapshot-migrate --merge=legacy --backup=/root/merged --dry-run":
        ("bulk conflict", "", "", (0, 0)),
    # The snapshots of the scene name no disks that would be elsewhere.
    "cp /usr/local/share/virt-snapshot-tools/move-paths.xsl /root/":
        ("legacy", "", f"cp -a /{BASE} /root/copied", (0, 0, 0)),
    "virsh define web.xml":
        ("legacy", "", f"mkdir /root/moved && mv /{BASE}/web /root/moved",
         (0,)),
    "virt-snapshot-verify --verbose": ("legacy two", "", "", None),
    "virt-snapshot-verify --kind=checkpoint --list old":
        ("legacy", "", CHECKPOINT, (0, 0)),
    "virt-snapshot-verify --strict host1/snapshot host2/snapshot":
        ("legacy", "", COPIES, (0,)),
    "virt-snapshot-verify --strict -f github host1/snapshot":
        ("legacy", "", COPIES, (0, 0, 0)),
    "virt-snapshot-verify -f xml -o known.xml host1/snapshot":
        ("legacy two", "", COPIES, (1, 0)),
}
# How a repair is undone: the scene, and the repair. In the order of the page.
UNDONE = (("legacy two", "virt-snapshot-migrate --repair=all"),
          ("bulk current", "virt-snapshot-migrate --export --repair=all"),
          ("bulk current", "virt-snapshot-migrate --repair=all"),
          ("legacy two", "virt-snapshot-migrate --export --repair=all"))

tally = Tally()


def plain(text):
    """A line of a manual page as it is printed."""
    if text.startswith("\\&"):
        text = text[2:]
    # From left to right, so that "\e-" is a backslash and a hyphen.
    names = "|".join(re.escape(escape) for escape, _ in ESCAPES)
    return re.sub(names, lambda found: dict(ESCAPES)[found.group()], text)


def displays(page):
    """The literal displays of a page: section and lines of each."""
    section = title = sub = ""
    lines = None
    with open(os.path.join(TOP, page), encoding="utf-8") as file:
        for line in file.read().splitlines():
            if lines is not None:
                if line == ".Ed":
                    yield section, lines
                    lines = None
                else:
                    lines.append(plain(line))
            elif line.startswith((".Sh ", ".Ss ")):
                title, sub = ((line[4:], "") if line[2] == "h" else
                              (title, "/" + line[4:]))
                section = title + sub
            elif line.startswith(".Bd -literal"):
                lines = []
            elif line.startswith(".Dl "):
                yield section, [plain(line[4:])]


def joined(lines):
    """Lines that end in a backslash, with the next one."""
    whole = []
    for line in lines:
        if whole and whole[-1].endswith(" \\"):
            whole[-1] = whole[-1][:-1] + line.lstrip()
        else:
            whole.append(line)
    return whole


def session(lines):
    """Commands, with the prompt and what is said to be printed."""
    found = []
    for line in joined(lines):
        if line[:2] in ("# ", "$ "):
            found.append((line[0], line[2:], []))
        elif found:
            found[-1][2].append(line)
    return found


def rescue_commands(page=RESCUE):
    """The commands of each section, in their order."""
    sections = {}
    for section, lines in displays(page):
        sections.setdefault(section, []).extend(session(lines))
    return {section: said for section, said in sections.items() if said}


def substitute(command, instead):
    """The command to be run; None for one that cannot be."""
    for start, other in instead.items():
        if command.startswith(start):
            return other
    for start, why in SKIPPED.items():
        if command.startswith(start):
            return None
    return command


def same(expected, printed):
    """Line by line but for blanks at the ends; "..." is any number of lines."""
    pattern = "".join(
        "(?:.*\n)*" if line.strip() == "..." else re.escape(line.rstrip()) +
        "[ \t]*\n" for line in expected)
    return re.fullmatch(pattern + "[ \t\n]*", printed) is not None


def play(section, commands, show):
    """A section of the rescue page, from its scene to its end."""
    scene, system, instead, wanted = SECTIONS[section]
    with Stage(scene, system) as stage:
        run_here = []
        for prompt, command, expected in commands:
            other = substitute(command, instead)
            if other is None:
                continue
            run_here.append((prompt, command, expected))
            # What stands in for another machine is done by root.
            stage.add(other, prompt == "$" and other == command)
        results = stage.play()
        for (prompt, command, expected), (printed, status) in zip(run_here,
                                                                  results):
            if show:
                print(f"{prompt} {command}\n{printed}= {status}")
            else:
                tally.check(same(expected, printed),
                            f"{section}: {command}",
                            f"\n--- the page:\n{chr(10).join(expected)}\n"
                            f"--- it prints ({status}):\n{printed}")
        if not show:
            left = stage.left(system)
            tally.check(left == wanted, f"{section}: what is there in the end",
                        sorted(name for name in set(left) | set(wanted)
                               if left.get(name) != wanted.get(name)))
    return len(run_here)


def rescue(show):
    sections = rescue_commands()
    tally.check(sorted(sections) == sorted(SECTIONS), "sections of the page",
                sorted(set(sections) ^ set(SECTIONS)))
    count = 0
    for section, commands in sections.items():
        if section in SECTIONS:
            if show:
                print(f"\n== {section}")
            count += play(section, commands, show)
    if not show:
        for why in sorted({SKIPPED[start] for commands in sections.values()
                           for _, command, _ in commands for start in SKIPPED
                           if command.startswith(start)}):
            print(f"  not run: {why}")
        print(f"  {count} commands of virt-snapshot-rescue(7)")


def bulk():
    """The examples of the page on the formats are each other's conversion."""
    examples = {section.removeprefix("EXAMPLES/"): "\n".join(lines) + "\n"
                for section, lines in displays(BULK)
                if section.startswith("EXAMPLES/")}
    with Scratch() as scratch:
        for name in ("legacy", "bulk"):
            os.makedirs(f"{scratch}/{name}/web" if name == "legacy" else
                        f"{scratch}/{name}")
        for name, text in examples.items():
            layout = "legacy" if "/" in name else "bulk"
            with open(f"{scratch}/{layout}/{name}", "w",
                      encoding="utf-8") as file:
                file.write(text)
        for layout, options in (("legacy", []), ("bulk", ["--export"])):
            result = run(VERIFY, "--strict", f"{scratch}/{layout}")
            tally.check((result.returncode, result.stdout) == (
                0, b"1 domain, 2 snapshots: 0 errors, 0 warnings\n"),
                        f"example: {layout}", result)
            result = run(MIGRATE, *options, f"{scratch}/{layout}")
            tally.check(result.returncode == 0, f"from {layout}", result)
        # Each is now what the other one was.
        found = {}
        for folder, _, names in os.walk(scratch):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, encoding="utf-8") as file:
                    found[os.path.relpath(path, scratch)] = file.read()
        wanted = {("bulk/" if "/" in name else "legacy/") + name: text
                  for name, text in examples.items()}
        tally.check(len(examples) == 3 and found == wanted,
                    "examples converted into each other", sorted(found))


def example_commands(lines):
    """The commands of a display; a whole script is one."""
    if lines[0].startswith("#!"):
        return ["\n".join(lines[1:])]
    return joined(lines)


def example(page, lines):
    """An example of a page: every command must end as it is said to."""
    scene, system, before, statuses = EXAMPLES.get(
        lines[0], ("legacy", "", "", None))
    commands = []
    for command in example_commands(lines):
        if "virt-snapshot-maintscript" in command:
            print("  not run: tests of its own try the maintainer scripts")
        elif substitute(command, {}) is not None:
            commands.append(command)
    with Stage(scene, system) as stage:
        if before:
            stage.add(before)
        for command in commands:
            stage.add(command.replace("/usr/local/share/virt-snapshot-tools",
                                      stage.inside("bin")))
        results = stage.play()[bool(before):]
    if statuses is None and scene == "legacy two":
        # Checks before a repair find something; the repair is to end well.
        statuses = (1,) + (0,) * (len(commands) - 1)
    statuses = statuses or (0,) * len(commands)
    tally.check(len(statuses) == len(commands), f"{page}: commands", commands)
    for command, (printed, status), wanted in zip(commands, results, statuses):
        tally.check(status == wanted, f"{page}: {command}", (status, printed))
    return len(commands)


def examples():
    """The EXAMPLES of the programs' pages."""
    first = set()
    for page in ("migrate/virt-snapshot-migrate.8",
                 "verify/virt-snapshot-verify.8"):
        count = 0
        for section, lines in displays(page):
            if section.split("/")[0] == "EXAMPLES":
                first.add(lines[0])
                count += example(page, lines)
        print(f"  {count} commands of the examples in {os.path.basename(page)}")
    tally.check(set(EXAMPLES) <= first, "examples that are gone",
                set(EXAMPLES) - first)


def undo():
    """REPAIR in the page of migrate: the originals come back."""
    page = "migrate/virt-snapshot-migrate.8"
    ways = [lines for section, lines in displays(page) if section == "REPAIR"]
    tally.check(len(ways) == len(UNDONE), "ways to undo a repair", ways)
    for lines, (scene, repair) in zip(ways, UNDONE):
        with Stage(scene) as stage:
            for command in [repair + " --backup=/root/backup"] + joined(lines):
                stage.add(command)
            results = stage.play()
            tally.check(not any(status for _, status in results) and
                        "repaired" in results[0][0], f"undo: {lines}", results)
            left = {name: text for name, text in stage.left().items()
                    if name.startswith("web")}
            wanted = {name: text for name, text in files(scene).items()
                      if name.startswith("web")}
            tally.check(left == wanted, f"undone: {lines}", sorted(left))


def main():
    show = sys.argv[1:] == ["--show"]
    if not show:
        bulk()
    if possible():
        rescue(show)
        if not show:
            examples()
            undo()
    else:
        tally.skip("commands of the pages: no mount namespace to be had")
    tally.end()


if __name__ == "__main__":
    main()
