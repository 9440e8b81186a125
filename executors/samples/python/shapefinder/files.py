"""Where the job's files really lie, and how they are written."""

import os
from pathlib import Path

# Only a run without a container moves the two folders.
_REAL_ROOTS = {
    "/in": os.environ.get("YMIR_IN", "/in"),
    "/out": os.environ.get("YMIR_OUT", "/out"),
}


def locate(path):
    """The real place of a path as the protocol writes it (under /in or /out)."""
    for root, real in _REAL_ROOTS.items():
        if path == root or path.startswith(root + "/"):
            return Path(real + path[len(root):])
    return Path(path)


def write_atomically(path, text):
    """Put `text` into the file at protocol path `path`; readers never see half of it."""
    target = locate(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = target.with_name(f".{target.name}.part")
    scratch.write_text(text, encoding="utf-8")
    os.replace(scratch, target)
