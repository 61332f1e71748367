#!/usr/bin/env python3
"""Completion in bash and zsh: what the shells offer, asked of the shells.

Each option of --help is offered, and nothing that is not in it. The functions
are asked as the shell asks them, and some lines are typed at a terminal.
"""
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time

from support import BUILD, HERE, MIGRATE, VERIFY, Scratch, Tally, run

SOURCE = os.path.dirname(HERE)
FILES = {
    "virt-snapshot-verify": os.path.join(SOURCE, "verify",
                                         "virt-snapshot-verify"),
    "virt-snapshot-migrate": os.path.join(SOURCE, "migrate",
                                          "virt-snapshot-migrate"),
}
PROGRAMS = {"virt-snapshot-verify": VERIFY, "virt-snapshot-migrate": MIGRATE}
END = "\x18\x10"  # the keys that print the line
PATIENCE = 20  # seconds
tally = Tally()


def options_of_help(program):
    """All options as --help prints them; with = where they take a value."""
    found = set()
    for line in run(PROGRAMS[program], "--help").stdout.decode().split("\n"):
        option = re.match(r"  (-.,|   ) (--[a-z-]+)(=?)", line)
        if option:
            found.add(option[2] + option[3])
            if option[1].strip():
                found.add(option[1][:2])
    return found


class Bash:
    """What the functions answer, without a terminal."""

    def __init__(self, folder, breaks=" \t\n\"'><=;|&(:"):
        self.folder = folder
        self.breaks = breaks

    def ask(self, *words):
        """The last of the words, split as bash does, is to be completed."""
        program = words[0]
        split = [program]
        for word in words[1:]:
            if "=" in self.breaks:
                split += [part for part in re.split("([=:]+)", word) if part] \
                    or [""]
            else:
                split.append(word)
        script = (
            f"COMP_WORDBREAKS=$BREAKS; . {FILES[program]}.bash || exit; "
            "f=$(complete -p \"$1\"); f=${f#complete -F }; "
            "COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); ${f%% *}; "
            "printf '%s\\0' \"${COMPREPLY[@]}\"")
        result = run("bash", "--norc", "-c", script, "bash", *split,
                     cwd=self.folder,
                     env=dict(os.environ, BREAKS=self.breaks))
        tally.check(not result.stderr, f"bash says nothing: {words}",
                    result.stderr)
        answers = result.stdout.decode().split("\0")
        return {answer for answer in answers if answer}


class Terminal:
    """A shell at a terminal, to which keys are sent."""

    def __init__(self, folder, command, setup):
        self.process, self.keys = pty.fork()
        if not self.process:
            os.chdir(folder)
            os.environ.update(TERM="dumb", PS1="", HISTFILE="")
            os.execvp(command[0], command)
        self.buffer = ""
        self.type(setup + "\n")
        self.type("echo rea''dy\n")
        self.wait("ready")

    def type(self, keys):
        os.write(self.keys, keys.encode())

    def wait(self, pattern):
        until = time.monotonic() + PATIENCE
        while not re.search(pattern, self.buffer, re.S):
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.keys], [], [], left)[0]:
                return None
            try:
                self.buffer += os.read(self.keys, 65536).decode(
                    errors="replace")
            except OSError:
                return None
        found = re.search(pattern, self.buffer, re.S)
        self.buffer = self.buffer[found.end():]
        return found

    def line(self, keys):
        """The line, after the keys and a tabulator."""
        self.type(keys + "\t" + END)
        found = self.wait(r"<<([^\n]*)>>")
        self.type("\x15")  # and it goes
        return found[1] if found else self.buffer

    def end(self):
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self.keys)


def make_scene(folder):
    for name in ("my dir", "snapshot/web", "snapshot/my vm", "empty",
                 "mnt/var/lib/libvirt/qemu/snapshot/inside",
                 "mnt/config/libvirt/qemu/snapshot/inside"):
        os.makedirs(os.path.join(folder, name))
    for name in ("snapshot/db.xml", "report.xml", "own.xsl", "own.rng",
                 "notes.txt"):
        with open(os.path.join(folder, name), "w", encoding="ascii"):
            pass


def same(what, found, wanted):
    wanted = set(wanted)
    tally.check(found == wanted, what,
                f"lacks {sorted(wanted - found)}, has {sorted(found - wanted)}")


def try_bash(folder):
    ids = run(VERIFY, "--list-problems").stdout.decode().split("\n")
    ids = {line.split()[0] for line in ids if line}
    bash = Bash(folder)
    for program in PROGRAMS:
        same(f"{program}: bash, and --help", bash.ask(program, "-"),
             options_of_help(program))
        same(f"{program} --str", bash.ask(program, "--str"), ["--strict"])
        same(f"{program}: ids", bash.ask(program, "--severity="),
             {name + "=" for name in ids})
        same(f"{program}: words",
             bash.ask(program, "--severity=parent-missing="),
             ["error", "warning", "ignore"])
        same(f"{program}: a word", bash.ask(program, "--severity",
                                            "parent-missing=w"), ["warning"])
        same(f"{program} -d", bash.ask(program, "snapshot", "-d", ""),
             ["web", "my\\ vm", "db"])
        same(f"{program} --domain=w", bash.ask(program, "snapshot",
                                               "--domain=w"), ["web"])
        same(f"{program} -d, --root",
             bash.ask(program, "--root=mnt", "-d", ""), ["inside"])
        same(f"{program} --progress=", bash.ask(program, "--progress="),
             ["auto", "always", "never"])
        same(f"{program} --schema=", bash.ask(program, "--schema="),
             ["libvirt", "own.rng", "my dir", "snapshot", "empty", "mnt"])
        same(f"{program} --root=", bash.ask(program, "--root=m"),
             ["my dir", "mnt"])
    verify, migrate = PROGRAMS
    same("--explain=", bash.ask(verify, "--explain="), ids)
    same("--format=js", bash.ask(verify, "--format=js"), ["json", "jsonl"])
    same("-f o", bash.ask(verify, "-f", "o"), ["own.xsl"])
    same("verify PATH", bash.ask(verify, ""), ["report.xml", "my dir",
                                               "snapshot", "empty", "mnt"])
    same("--baseline=r", bash.ask(verify, "--baseline=r"), ["report.xml"])
    same("-o n", bash.ask(verify, "-o", "n"), ["notes.txt"])
    same("migrate BASEDIR", bash.ask(migrate, ""), ["my dir", "snapshot",
                                                    "empty", "mnt"])
    same("--repair=", bash.ask(migrate, "--repair="), ["safe", "all"])
    same("--merge=b", bash.ask(migrate, "--merge=b"), ["bulk"])
    # For those whose shell does not split at =.
    bash = Bash(folder, " \t\n")
    same("--merge=, not split", bash.ask(migrate, "--merge="),
         ["--merge=bulk", "--merge=legacy"])
    same("--severity=, not split",
         bash.ask(verify, "--severity=parent-missing=w"),
         ["--severity=parent-missing=warning"])


LINES = [
    ("virt-snapshot-migrate --rep", "virt-snapshot-migrate --repair="),
    ("virt-snapshot-migrate --repair=a",
     "virt-snapshot-migrate --repair=all "),
    ("virt-snapshot-migrate --exp", "virt-snapshot-migrate --export "),
    ("virt-snapshot-verify --severity=parent-mi",
     "virt-snapshot-verify --severity=parent-missing="),
    ("virt-snapshot-verify --severity=parent-missing=w",
     "virt-snapshot-verify --severity=parent-missing=warning "),
    ("virt-snapshot-verify my",
     ("virt-snapshot-verify my\\ dir/")),
    ("virt-snapshot-migrate --output-dir=my",
     "virt-snapshot-migrate --output-dir=my\\ dir/"),
    ("virt-snapshot-verify snapshot -d m",
     "virt-snapshot-verify snapshot -d my\\ vm "),
    ("virt-snapshot-migrate snapshot --domain=d",
     "virt-snapshot-migrate snapshot --domain=db "),
]


def try_lines(name, terminal):
    for keys, wanted in LINES:
        found = terminal.line(keys)
        tally.check(found == wanted, f"{name}: {keys}<TAB>",
                    f"gives {found!r}, not {wanted!r}")
    terminal.end()


def type_in_bash(folder):
    sources = "; ".join(f". {path}.bash" for path in FILES.values())
    try_lines("bash", Terminal(
        folder, ["bash", "--norc", "--noprofile", "-i"],
        "bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; "
        f"bind 'set page-completions off'; {sources}; "
        "bind -x '\"\\C-x\\C-p\": printf \"<<%s>>\" \"$READLINE_LINE\"'"))


ZSH = r"""
autoload -Uz compinit; fpath=(%s/functions $fpath); compinit -u -D
unsetopt zle_bracketed_paste list_beep; zstyle ':completion:*' menu no
setopt no_auto_menu no_list_ambiguous no_auto_list
compadd() {
    local -a hits
    if [[ ${@[1,(i)(-|--)]} == *-[OAD]* ]]; then
        builtin compadd "$@"
        return
    fi
    builtin compadd -A hits "$@"
    print -rl -- $hits >>offered
    builtin compadd "$@"
}
show-line() { print -rn -- "<<$BUFFER>>" }
zle -N show-line; bindkey '^X^P' show-line
"""


def type_in_zsh(folder):
    os.mkdir(os.path.join(folder, "functions"))
    for program, path in FILES.items():
        shutil.copy(path + ".zsh",
                    os.path.join(folder, "functions", "_" + program))
    with open(os.path.join(folder, "setup"), "w", encoding="ascii") as file:
        file.write(ZSH % folder)
    terminal = Terminal(folder, ["zsh", "-f", "-i"], ". ./setup")
    for program in PROGRAMS:
        offered = os.path.join(folder, "offered")
        if os.path.exists(offered):
            os.remove(offered)
        terminal.line(f"{program} -")
        with open(offered, encoding="utf-8") as file:
            found = set(file.read().split("\n")) - {""}
        # Here it is the suffix that is = and is not shown.
        same(f"{program}: zsh, and --help",
             {option.rstrip("=") for option in found},
             {option.rstrip("=") for option in options_of_help(program)})
    try_lines("zsh", terminal)


def named_in_zsh(program):
    """The options by the text alone, where there is no zsh."""
    with open(FILES[program] + ".zsh", encoding="utf-8") as file:
        lines = [line for line in file if line.startswith("        '")]
    found = set()
    for line in lines:
        head = line.split("[")[0].replace("{", ",").replace("}", ",")
        found.update(re.findall(r"(?:^|[',*)])(--?[a-zV-]+?)\+?(?==|,|$|')",
                                head.strip()))
    same(f"{program}: options named for zsh", found,
         {option.rstrip("=") for option in options_of_help(program)})


def narrow():
    for program, path in PROGRAMS.items():
        for option in ("--help", "--usage"):
            lines = run(path, option).stdout.decode().split("\n")
            tally.check(len(lines) > 5 and max(map(len, lines)) <= 80,
                        f"{program} {option}: 80 columns")


os.environ["PATH"] = BUILD + ":" + os.environ["PATH"]
os.environ.pop("INPUTRC", None)
os.environ["XDG_CONFIG_HOME"] = "/config"
narrow()
with Scratch() as scratch:
    make_scene(scratch)
    if shutil.which("bash"):
        try_bash(scratch)
        type_in_bash(scratch)
    else:
        tally.skip("bash is not installed")
    for each in PROGRAMS:
        named_in_zsh(each)
    if shutil.which("zsh"):
        type_in_zsh(scratch)
    else:
        tally.skip("zsh is not installed")
tally.end()
