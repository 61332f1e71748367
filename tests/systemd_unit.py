#!/usr/bin/env python3
"""The systemd unit under a real systemd, in name spaces of its own.

A daemon that stands for libvirtd says what it sees when it starts, keeps files
below /run/libvirt/qemu and holds the lock there. As root, with systemd, unshare
and overlayfs."""
import os
import re
import shutil
import subprocess
import sys

import support

TOP = os.path.dirname(support.HERE)
UNIT = os.path.join(TOP, "packaging/systemd/virt-snapshot-migrate.service")
SYSTEMD = "/lib/systemd/systemd"
PATIENCE = 120
OWNER = 4321

DAEMON = """#!/usr/bin/env python3
import fcntl, os, signal, socket, sys
base = "/var/lib/libvirt/qemu/snapshot"
with open("/run/test/seen", "a") as file:
    print(*sorted(os.listdir(base)), sep=",", file=file)
os.makedirs("/run/libvirt/qemu", exist_ok=True)
open("/run/libvirt/qemu/guest.xml", "w").close()
lock = open("/run/libvirt/qemu/driver.pid", "w")
fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
    ready.connect(os.environ["NOTIFY_SOCKET"])
    ready.send(b"READY=1")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
while True:
    signal.pause()
"""

UNITS = {
    "virt-snapshot-test.target": """[Unit]
Wants=systemd-journald.service virt-snapshot-test.service
AllowIsolate=yes
""",
    "virt-snapshot-test.service": """[Service]
ExecStart=/bin/sh /run/test/script
StandardOutput=file:/run/test/output
StandardError=file:/run/test/errors
ExecStopPost=/bin/systemctl --force poweroff
""",
    "libvirtd.service": """[Unit]
Requires=libvirtd.socket
[Service]
Type=notify
ExecStart=/run/test/daemon
""",
    "libvirtd.socket": """[Socket]
ListenStream=/run/libvirt/libvirt-sock
[Install]
WantedBy=sockets.target
""",
}

# Each line that it prints is NAME VALUE.
SCRIPT = """
unit=virt-snapshot-migrate.service
base=/var/lib/libvirt/qemu/snapshot
daemons='libvirtd.service libvirtd.socket'
say() { # NAME: what became of the unit and the daemon
    echo "$1.unit $(systemctl show $unit -p ActiveState --value)" \\
        "$(systemctl show $unit -p ExecMainStatus --value)"
    echo "$1.daemon $(systemctl is-active libvirtd)"
    echo "$1.seen $(tail -n 1 /run/test/seen)"
}
back() { # stop all, and go back to directories
    systemctl stop $daemons
    /run/test/virt-snapshot-migrate --quiet --export $base
    chown -R OWNER:OWNER $base
    systemctl reset-failed
}
mkdir -p /var/lib/libvirt/qemu
systemctl daemon-reload
systemctl enable $unit libvirtd.socket >/dev/null
systemctl start $unit
echo "none $(systemctl show $unit -p ConditionResult --value)"
cp -r /run/test/snapshot $base
chown -R OWNER:OWNER /var/lib/libvirt/qemu
chmod 700 /var/lib/libvirt/qemu $base
systemctl start libvirtd
say first
echo "owner $(stat -c %u:%g:%a $base/web.xml)"
echo "run $(stat -c %u:%a /run/libvirt/qemu)"
touch /run/libvirt/qemu/mark
systemctl restart libvirtd
say restart
systemctl start $unit
say running
journalctl --sync
echo "said $(journalctl -q -o cat -u $unit | grep -c 'libvirt is running')"
back
systemctl start libvirtd.socket
python3 -c 'import socket
socket.socket(socket.AF_UNIX).connect("/run/libvirt/libvirt-sock")'
for wait in 1 2 3 4 5 6 7 8 9 10; do
    systemctl is-active -q libvirtd && break
    sleep 0.2
done
say socket
back
mkdir $base/bad
echo '<' >$base/bad/s1.xml
systemctl start libvirtd
say refused
rm -r $base/bad
back
echo "kept $(cd /run/libvirt/qemu && echo *)"
rm -r /run/libvirt
mv $base /home/moved
ln -s /home/moved $base
systemctl start libvirtd
say linked
back
mkdir -p /run/systemd/system/$unit.d
for caps in CAPABILITIES; do
    printf '[Service]\\nCapabilityBoundingSet=~%s\\n' "$caps" \\
        >/run/systemd/system/$unit.d/caps.conf
    systemctl daemon-reload
    systemctl start $unit
    say "$caps"
    back
done
rm -r /run/systemd/system/$unit.d
systemctl daemon-reload
echo "cycles $(systemd-analyze verify libvirtd.service sockets.target 2>&1 |
    grep -c cycle)"
echo end
"""

EXPECTED = {
    "none": "no", "owner": f"{OWNER}:{OWNER}:600", "run": "0:755",
    "first.unit": "inactive 0", "restart.unit": "inactive 0",
    "running.unit": "failed 3", "said": "1",
    "socket.unit": "inactive 0", "refused.unit": "failed 1",
    "linked.unit": "inactive 0", "kept": "driver.pid guest.xml mark",
    "cycles": "0", "end": "",
    "refused.seen": "bad,db.xml,web.xml",
}
STARTS = ("first", "restart", "running", "socket", "refused", "linked")


def snapshot(domain):
    return f"""<domainsnapshot>
  <name>s1</name>
  <state>shutoff</state>
  <creationTime>1700000000</creationTime>
  <memory snapshot='no'/>
  <domain type='qemu'>
    <name>{domain}</name>
    <uuid>7cd9cd12-6d05-4d7c-8d6c-2c7c3f5f7b1a</uuid>
    <memory unit='KiB'>65536</memory>
    <os><type arch='x86_64' machine='pc'>hvm</type></os>
  </domain>
  <active>0</active>
</domainsnapshot>
"""


def write(path, content, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(content)
    os.chmod(path, mode)


def set_up(where):
    """What systemd_boot.sh takes."""
    shared = os.path.join(where, "shared")
    for name in ("root", "scratch", "units"):
        os.makedirs(os.path.join(where, name))
    with open(UNIT, encoding="utf-8") as file:
        unit = file.read()
    for name, text in UNITS.items():
        write(os.path.join(where, "units", name), text)
    write(os.path.join(where, "units", os.path.basename(UNIT)),
          unit.replace("/usr/local/sbin/", "/run/test/"))
    capabilities = re.search(r"^CapabilityBoundingSet=(.*)$", unit, re.M)[1]
    write(os.path.join(shared, "daemon"), DAEMON, 0o755)
    write(os.path.join(shared, "script"),
          SCRIPT.replace("OWNER", str(OWNER))
          .replace("CAPABILITIES", capabilities))
    shutil.copy(support.MIGRATE, shared)
    for domain in ("web", "db"):
        write(os.path.join(shared, "snapshot", domain, "s1.xml"),
              snapshot(domain))
    return capabilities.split()


def boot(where):
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child",
               "--cgroup", "--uts", "--ipc", "--net", "sh",
               os.path.join(support.HERE, "systemd_boot.sh"), where]
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL) as process:
        try:
            return process.communicate(timeout=PATIENCE)[0].decode()
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[0].decode() + "\ntook too long"


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def main():
    tally = support.Tally()
    if os.geteuid() != 0 or not os.path.exists(SYSTEMD) or \
            not shutil.which("unshare"):
        tally.skip("the unit: not root, or no systemd or unshare")
        tally.end()
    with support.Scratch() as where:
        capabilities = set_up(where)
        said = boot(where)
        output = read(os.path.join(where, "shared", "output"))
        errors = read(os.path.join(where, "shared", "errors"))
    if not output:
        tally.skip("the unit: systemd does not start here: " +
                   " ".join(said.split()))
        tally.end()
    found = dict(line.partition(" ")[::2] for line in output.splitlines())
    wanted = dict(EXPECTED)
    for name in STARTS:
        wanted[name + ".daemon"] = "active"
        wanted.setdefault(name + ".seen", "db.xml,web.xml")
    # None of them can be missed.
    wanted.update({name + ".unit": "failed 2" for name in capabilities})
    for name, value in wanted.items():
        tally.check(found.get(name) == value, f"{name}: {value}",
                    found.get(name))
    if tally.failed:
        print(said, output, errors)
    tally.end()


if __name__ == "__main__":
    sys.exit(main())
