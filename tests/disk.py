"""What may be on the disk after the power went off: a model of a file system
that keeps no more than it has to.

It is fed the calls that a program made (tests/harness/record.c writes them
down), and knows which of them were synced. Of the others any may have reached
the disk, in any order: each new, changed or removed name by itself (only a
rename is one change), and of what was written all, half, as many zeros, or
nothing. An inode's mode and times are taken to come with its data.

Followed: fsync of a directory keeps its names; fsync of a file its data; syncfs
everything of its file system. There are two: one folder is on a file system of
its own, whatever is beside it on another.
"""
import itertools
import os
from collections import namedtuple

Call = namedtuple("Call", "name path source number data")
SYNCS = ("fsync", "fdatasync", "syncfs")
RENAME_EXCHANGE = 2
# More names than these at once are not tried in all combinations.
ALL_OF = 6


def read_calls(record):
    with open(record, encoding="ascii") as file:
        for line in file:
            name, path, source, number, data = line.rstrip("\n").split("\t")
            yield Call(name, bytes.fromhex(path), bytes.fromhex(source),
                       int(number), bytes.fromhex(data))


class File:
    """Bytes as the program sees them, and as they are known to be on disk."""

    def __init__(self, own, content=b"", mode=0o600, modified=None,
                 synced=False):
        self.own = own
        self.content = content
        self.mode = mode
        self.modified = modified
        self.disk = content if synced else None

    def sync(self):
        self.disk = self.content

    def choices(self):
        """What may be read from it after a crash."""
        if self.disk == self.content:
            return [self.content]
        half = self.content[:len(self.content) // 2]
        zeros = bytes(len(self.content))
        return [self.disk or b"", half, zeros, self.content]


class Folder:
    """Names as the program sees them, and as they are known to be on disk."""

    def __init__(self, own, mode=0o755):
        self.own = own  # is it on the file system of its own?
        self.mode = mode
        self.names = {}
        self.disk = {}


class Disk:
    """The tree below one folder, TOP; in it, OWN is a file system."""

    def __init__(self, top, own):
        self.top = os.fsencode(top)
        self.own = os.fsencode(own)
        self.root = Folder(False)
        self.pending = []  # changes of names: ((folder, name, node), ...)

    def load(self, name):
        """What there is below TOP/NAME is there, and was for long."""
        path = os.path.join(self.top, os.fsencode(name))
        if os.path.isdir(path):
            self.root.names[os.fsencode(name)] = self._loaded(path)
            self.root.disk = dict(self.root.names)

    def _loaded(self, path):
        info = os.lstat(path)
        own = self._is_own(path)
        if not os.path.isdir(path):
            with open(path, "rb") as file:
                return File(own, file.read(), info.st_mode & 0o7777,
                            info.st_mtime_ns, True)
        folder = Folder(own, info.st_mode & 0o7777)
        for name in os.listdir(path):
            folder.names[name] = self._loaded(os.path.join(path, name))
        folder.disk = dict(folder.names)
        return folder

    def _find(self, path):
        """The node of a path; None if it is not below TOP."""
        if path == self.top:
            return self.root
        if not path.startswith(self.top + b"/"):
            return None
        node = self.root
        for part in path[len(self.top) + 1:].split(b"/"):
            node = node.names[part]
        return node

    def _change(self, *changes):
        """Names change: (path, node), which is None for one that goes."""
        group = []
        for path, node in changes:
            folder, name = self._find(os.path.dirname(path)), \
                os.path.basename(path)
            group.append((folder, name, node))
            if node is None:
                del folder.names[name]
            else:
                folder.names[name] = node
        self.pending.append(tuple(group))

    def _persist(self, wanted):
        """The changes for which WANTED(folder) holds have reached the disk."""
        rest = []
        for group in self.pending:
            if any(wanted(folder) for folder, _, _ in group):
                apply(group)
            else:
                rest.append(group)
        self.pending = rest

    def _is_own(self, path):
        """Which file system is a path on?"""
        return path == self.own or path.startswith(self.own + b"/")

    def _files(self, folder):
        for node in folder.names.values():
            if isinstance(node, Folder):
                yield from self._files(node)
            else:
                yield node

    def call(self, call):
        """The program made this call."""
        if self._find(os.path.dirname(call.path)) is None and \
                call.path != self.top:
            return
        if call.name == "mkdirat":
            self._change((call.path, Folder(self._is_own(call.path),
                                            call.number & ~0o022)))
        elif call.name == "openat":
            if os.path.basename(call.path) not in \
                    self._find(os.path.dirname(call.path)).names:
                self._change((call.path, File(self._is_own(call.path))))
        elif call.name == "write":
            file = self._find(call.path)
            file.content = file.content[:call.number] + call.data + \
                file.content[call.number + len(call.data):]
        elif call.name == "unlinkat":
            self._change((call.path, None))
        elif call.name == "linkat":
            self._change((call.path, self._find(call.source)))
        elif call.name in ("renameat", "renameat2"):
            there = self._find(call.path) if call.number == RENAME_EXCHANGE \
                else None
            self._change((call.source, there),
                         (call.path, self._find(call.source)))
        elif call.name == "fchmod":
            self._find(call.path).mode = call.number
        elif call.name == "utimensat":
            self._find(call.path).modified = call.number
        elif call.name in SYNCS:
            self._sync(call)
        elif call.name not in ("fchown", "fsetxattr"):
            raise ValueError("no model of " + call.name)

    def _sync(self, call):
        node = self._find(call.path)
        if call.name != "syncfs":
            if isinstance(node, File):
                node.sync()
            else:
                self._persist(lambda folder: folder is node)
            return
        for file in self._files(self.root):
            if file.own == node.own:
                file.sync()
        self._persist(lambda folder: folder.own == node.own)

    def _subsets(self, random):
        """Which of the changes of names reached the disk."""
        count = len(self.pending)
        if count <= ALL_OF:
            for size in range(count + 1):
                yield from itertools.combinations(range(count), size)
            return
        every = range(count)
        for at in range(count + 1):
            yield tuple(every[:at])
        for at in every:
            yield tuple(i for i in every if i != at)
            yield (at,)
        for _ in range(2 * count):
            yield tuple(i for i in every if random.random() < 0.5)

    def states(self, random):
        """All that may be on the disk now; each a dict of paths below TOP, to
        the mode of a folder, or to mode, time and bytes of a file."""
        for subset in self._subsets(random):
            kept = {}
            for at in subset:
                apply(self.pending[at], kept)
            files = []
            tree = {}
            self._gather(self.root, b"", kept, tree, files)
            options = [file.choices() for file in files]
            several = [len(choice) > 1 for choice in options]
            ways = [[choice[min(way, len(choice) - 1)] for choice in options]
                    for way in range(4 if any(several) else 1)]
            if sum(several) > 1:
                ways += [[random.choice(choice) for choice in options]
                         for _ in range(3)]
            for way in ways:
                yield self._written(tree, files, way)

    def _gather(self, folder, path, kept, tree, files):
        for name, node in kept.get(id(folder), folder.disk).items():
            below = os.path.join(path, name)
            if isinstance(node, Folder):
                tree[below] = node.mode
                self._gather(node, below, kept, tree, files)
            else:
                tree[below] = node
                files.append(node)

    def _written(self, tree, files, way):
        content = {id(file): some for file, some in zip(files, way)}
        return {path: node if isinstance(node, int) else
                (node.mode, node.modified, content[id(node)])
                for path, node in tree.items()}


def apply(group, kept=None):
    """Do the changes of names to the disk, or to copies of its folders."""
    for folder, name, node in group:
        names = folder.disk
        if kept is not None:
            names = kept.setdefault(id(folder), dict(folder.disk))
        if node is None:
            names.pop(name, None)
        else:
            names[name] = node


def put_on_disk(state, top):
    """Make the folders and files of a state; TOP is empty."""
    top = os.fsencode(top)
    for path, what in sorted(state.items()):
        full = os.path.join(top, path)
        if isinstance(what, int):
            os.mkdir(full)
            os.chmod(full, what)
        else:
            mode, modified, content = what
            with open(full, "wb") as file:
                file.write(content)
            os.chmod(full, mode)
            if modified is not None:
                os.utime(full, ns=(modified, modified))
