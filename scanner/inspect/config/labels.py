"""Label files: the classes that a detector or classifier tells apart, one a line, say what it looks for."""

import re

from scanner.inspect.tree import Node

_NAME = re.compile(r"(label|class|names?\b|obj\.names)", re.IGNORECASE)
MAX_LABELS = 2000
MAX_LENGTH = 40
# A detector of faces has few classes; the lists of general detectors (601 classes of Open Images, 1,203 of
# LVIS) name everything, faces or emotions among it, and say little about what it is run for.
MAX_CHOSEN = 100


def labels_of(name: str, text: str) -> Node | None:
    """The labels of a file that is named as a list of them and looks like one: `{label: [...]}`.

    A list of more than `MAX_CHOSEN` labels is a general one and stands under `general` instead.
    Labels may stand one a line, with or without a number before them, or on one line with semicolons.
    """
    if not _NAME.search(name):
        return None
    lines = text.splitlines()
    if len(lines) > MAX_LABELS:
        return None
    found: list[tuple[str, Node]] = []
    for number, line in enumerate(lines, 1):
        for part in line.split(";"):
            if len(part) > 2 * MAX_LENGTH:
                return None
            label = re.sub(r"^\s*\d+\s*[:,]?\s+", "", part).strip().strip("\"'")
            if not label:
                continue
            if len(label) > MAX_LENGTH or not re.fullmatch(r"[\w ./()'&+-]+", label):
                return None
            found.append((str(len(found)), Node(number, label, text_line=number)))
    if not found:
        return None
    key = "label" if len(found) <= MAX_CHOSEN else "general"
    return Node(1, None, ((key, Node(1, None, tuple(found), is_list=True)),))
