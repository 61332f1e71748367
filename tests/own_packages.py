#!/usr/bin/env python3
"""Our own packages: build them from the tarball, let lintian and rpmlint judge
them, install them below a scratch root, run what is there, and remove them.

As root, since both package managers want that. DEB_BUILD_OPTIONS=nocheck builds
them without their tests; with FULL=1 each is built twice, to see that the .deb
has the same bytes. Argument: the tarball's name, without .tar.xz, which lies in
the build directory."""
import glob
import gzip
import os
import re
import shutil
import sys

import support
from support import run

TOP = os.path.dirname(support.HERE)
UNIT = "virt-snapshot-migrate.service"
tally = support.Tally()


def step(what, *command, **options):
    """Run a command that must succeed."""
    result = run(*command, **options)
    tally.check(result.returncode == 0, what,
                (result.stdout + result.stderr)[-2000:].decode())
    return result


def lines(result):
    return (result.stdout + result.stderr).decode().splitlines()


def files(root, *without):
    """All files below a directory, as paths from its top."""
    found = set()
    for folder, _, names in os.walk(root):
        for name in names:
            found.add(os.path.join(folder, name)[len(root):])
    return {path for path in found if not path.startswith(without)}


def content(path):
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rb") as file:
        return file.read()


def expected(scratch, zsh, units):
    """What make install gives with the places of a distribution."""
    root = os.path.join(scratch, "expected")
    clean = {name: value for name, value in os.environ.items()
             if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    step("make install", "make", "B=" + support.BUILD, "install",
         "PREFIX=/usr", "DESTDIR=" + root, "ZSHDIR=" + zsh, "UNITDIR=" + units,
         cwd=TOP, env=clean)
    found = files(root)
    shutil.rmtree(root)
    return found


def build(kind, name):
    """The package that packaging/make-KIND built, which it prints."""
    script = os.path.join(TOP, "packaging", "make-" + kind)
    result = step("make-" + kind, "sh", script, support.BUILD, name)
    built = [line for line in result.stdout.decode().splitlines()
             if re.match(r"/.*/virt-snapshot-tools[-_]\d[^/]*\." + kind + "$",
                      line)]
    tally.check(len(built) == 1, kind + ": one package", built)
    return built[0] if built else None


def try_installed(root, kind):
    """The programs, pages and the unit below a root."""
    for name in os.listdir(root + "/usr/sbin"):
        program = f"{root}/usr/sbin/{name}"
        tally.check(os.access(program, os.X_OK), f"{kind}: {name}")
        pages = glob.glob(f"{root}/usr/share/man/man8/{name}.8*")
        tally.check(len(pages) == 1, f"{kind}: the page of {name}", pages)
    for folder in ("usr/sbin", "usr/share/man", "usr/share/bash-completion",
                   "usr/share/virt-snapshot-tools", "lib/systemd",
                   "usr/lib/systemd"):
        if os.path.isdir(os.path.join(root, folder)):
            for path in files(os.path.join(root, folder)):
                path = os.path.join(root, folder) + path
                tally.check(b"/usr/local" not in content(path),
                            kind + ": paths of this package", path)
    with support.Scratch() as work:
        step(f"{kind}: check and convert a store", "sh",
             "packaging/debian/tests/store", cwd=TOP,
             env=dict(os.environ, AUTOPKGTEST_TMP=work,
                      PATH=f"{root}/usr/sbin:{os.environ['PATH']}"))
    tally.check(not glob.glob(root + "/etc/systemd/system/*/*" + UNIT),
                kind + ": the unit is not enabled")
    check_unit(root, kind)


def check_unit(root, kind):
    """What systemd says of the unit as it is installed below a root."""
    if not shutil.which("systemd-analyze"):
        tally.skip(kind + ": systemd-analyze is not installed")
        return
    (unit,) = [path for path in (f"{root}/lib/systemd/system/{UNIT}",
                                 f"{root}/usr/lib/systemd/system/{UNIT}")
               if os.path.exists(path)]
    with open(unit, encoding="utf-8") as file:
        text = file.read()
    with support.Scratch() as work:
        # The path to the program as if the root were the system's; manual
        # pages are looked for in the system only.
        moved = os.path.join(work, UNIT)
        with open(moved, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^Documentation=.*\n", "", text, flags=re.M)
                       .replace("=/usr/sbin/", f"={root}/usr/sbin/"))
        said = lines(step(kind + ": systemd-analyze verify",
                          "systemd-analyze", "verify", moved))
        tally.check(not said, kind + ": systemd-analyze says nothing", said)
        step(kind + ": systemd-analyze security", "systemd-analyze",
             "security", "--offline=true", "--threshold=15", moved)


def try_deb(scratch, name):
    if not shutil.which("dpkg-buildpackage") or not shutil.which("dh"):
        tally.skip("deb: dpkg-dev and debhelper are not installed")
        return
    deb = build("deb", name)
    if not deb:
        return
    if support.FULL:
        with open(deb, "rb") as file:
            before = file.read()
        build("deb", name)
        with open(deb, "rb") as file:
            tally.check(file.read() == before, "deb: the same bytes again")
    if shutil.which("lintian"):
        (changes,) = glob.glob(os.path.dirname(deb) + "/*.changes")
        # That it is not released yet is for tests/versions to judge.
        said = lines(step("lintian", "lintian", "--allow-root",
                          "--suppress-tags=unreleased-changes",
                          "--fail-on=error", changes))
        for line in said:
            print("  lintian:", line)
    else:
        tally.skip("deb: lintian is not installed")

    root = os.path.join(scratch, "root")
    admin = os.path.join(root, "var/lib/dpkg")
    for folder in ("updates", "info"):
        os.makedirs(os.path.join(admin, folder))
    for file in ("status", "available"):
        with open(os.path.join(admin, file), "w", encoding="utf-8"):
            pass
    before = files(root, "/var/lib/dpkg/")
    dpkg = ("dpkg", "--root=" + root, "--force-depends",
            "--force-script-chrootless", "--log=/dev/null")
    step("deb: install", *dpkg, "-i", deb)
    made = files(root, "/var/lib/dpkg/", "/var/lib/systemd/",
                 "/usr/share/doc/", "/usr/share/lintian/")
    made = {path.removesuffix(".gz") for path in made}
    wanted = expected(scratch, "/usr/share/zsh/vendor-completions",
                      "/lib/systemd/system")
    tally.check({path.removeprefix("/usr") for path in made} ==
                {path.removeprefix("/usr") for path in wanted},
                "deb: what make install gives", made ^ wanted)
    try_installed(root, "deb")
    step("deb: install once more", *dpkg, "-i", deb)
    step("deb: remove", *dpkg, "-r", "virt-snapshot-tools")
    left = files(root, "/var/lib/dpkg/", "/var/lib/systemd/")
    tally.check(left == before, "deb: removed", left)
    step("deb: purge", *dpkg, "-P", "virt-snapshot-tools")
    left = files(root, "/var/lib/dpkg/")
    tally.check(left == before, "deb: purged", left)
    info = glob.glob(admin + "/info/virt-snapshot-tools*")
    tally.check(not info, "deb: dpkg has forgotten it", info)


def try_rpm(scratch, name):
    if not shutil.which("rpmbuild"):
        tally.skip("rpm: rpmbuild is not installed")
        return
    package = build("rpm", name)
    if not package:
        return
    if shutil.which("rpmlint"):
        config = os.path.join(TOP, "packaging/rpm/rpmlint.toml")
        spec = os.path.join(TOP, "packaging/rpm/virt-snapshot-tools.spec")
        said = lines(run("rpmlint", "-c", config, spec, package))
        tally.check(any(" 0 errors" in line for line in said), "rpmlint",
                    "\n".join(said))
        for line in said:
            if ": W: " in line:
                print("  rpmlint:", line)
    else:
        tally.skip("rpm: rpmlint is not installed")

    root = os.path.join(scratch, "root-rpm")
    os.makedirs(root)
    rpm = ("rpm", "--root", root, "--nodeps")
    step("rpm: set up", "rpm", "--root", root, "--initdb")
    ours = "/usr/lib/sysimage/", "/var/lib/rpm/", "/root/"
    before = files(root, *ours)
    step("rpm: install", *rpm, "-i", package)
    made = files(root, "/usr/share/doc/", "/usr/share/licenses/",
                 "/usr/lib/.build-id/", *ours)
    made = {path.removesuffix(".gz") for path in made}
    wanted = expected(scratch, "/usr/share/zsh/site-functions",
                      "/usr/lib/systemd/system")
    tally.check(made == wanted, "rpm: what make install gives", made ^ wanted)
    try_installed(root, "rpm")
    step("rpm: verify", "rpm", "--root", root, "-V", "--nodeps",
         "virt-snapshot-tools")
    step("rpm: install once more", *rpm, "-U", "--force", package)
    step("rpm: remove", *rpm, "-e", "virt-snapshot-tools")
    left = files(root, *ours)
    tally.check(left == before, "rpm: removed", left)


def main():
    if os.geteuid() != 0:
        tally.skip("packages: not root")
        tally.end()
    with support.Scratch() as scratch:
        for part in (try_deb, try_rpm):
            part(scratch, sys.argv[1])
    tally.end()


if __name__ == "__main__":
    main()
