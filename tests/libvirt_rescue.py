#!/usr/bin/env python3
"""virt-snapshot-rescue(7) with a real libvirt: it shows no snapshots, the
commands of the page are typed, and virsh must print what stands in the page.
`systemctl' is the daemon of libvirt_daemon.py. As root, in the namespaces of
tests/check-libvirt.
"""
import os
import shutil
import subprocess

import manuals
from libvirt_daemon import BASE, DOMAINS, LIMIT, Daemon, enter
from manuals_stage import SNAPSHOTS, definition, files, put
from support import MIGRATE, VERIFY, Tally

# Those in which virsh is asked.
SECTIONS = ("ON THE SYSTEM ITSELF", "BOTH LAYOUTS DIFFER")
TOOLS = "/run/virt-snapshot-tools"
tally = Tally()


def type_in(command):
    """What a command prints."""
    return subprocess.run(
        ["sh", "-c", command], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT,
        check=False, text=True).stdout


def play(section, commands, daemon):
    """The section, from a libvirt that runs and shows nothing of the old."""
    for folder in (BASE, "/root/before"):
        shutil.rmtree(folder, ignore_errors=True)
    for name, text in files(manuals.SECTIONS[section][0]).items():
        put(os.path.join(BASE, name), text)
    for domain in SNAPSHOTS:
        put(os.path.join(DOMAINS, domain + ".xml"), definition(domain))
    daemon.start()
    shown = type_in("virsh snapshot-list web --name").split()
    tally.check("installed" not in shown, f"{section}: shown before", shown)
    for _, command, expected in commands:
        if command.startswith("systemctl stop"):
            daemon.stop()
        elif command.startswith("systemctl start"):
            daemon.start()
        else:
            printed = type_in(command)
            tally.check(manuals.same(expected, printed),
                        f"{section}: {command}",
                        f"\n--- the page:\n{chr(10).join(expected)}\n"
                        f"--- it prints:\n{printed}")
    names = {"web": [name for name, _, _ in SNAPSHOTS["web"]],
             "db": ["s1"]}
    for domain, wanted in names.items():
        shown = type_in(f"virsh snapshot-list {domain} --name").split()
        tally.check(set(wanted) <= set(shown),
                    f"{section}: {domain} in the end", shown)
    daemon.stop()


def main():
    commands = manuals.rescue_commands()
    enter()
    # The page puts backups into /root: one of our own, where the programs may
    # have come from.
    os.mkdir(TOOLS)
    for program in (MIGRATE, VERIFY):
        shutil.copy(program, TOOLS)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/root"], check=True)
    os.environ.update(PATH=TOOLS + ":" + os.environ["PATH"], TZ="UTC",
                      LC_ALL="C", LIBVIRT_DEFAULT_URI="qemu:///system",
                      HOME="/root")
    with Daemon() as daemon:
        for section in SECTIONS:
            play(section, commands[section], daemon)
    tally.end()


if __name__ == "__main__":
    main()
