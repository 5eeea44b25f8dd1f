"""A plain tree of text with line numbers: what every configuration format is read into.

All scalars are text, because a configuration means what its product reads into it, not what a YAML
version says `yes` is. Nothing is resolved: a tag that is not of the core (`!secret`, `!include`, `!Ref`)
stays beside the text that it stands at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from scanner.errors import LimitError, UnreadableError

MAX_NODES = 400_000
"""How many nodes a document may hold, with every alias counted as often as it is used."""
MAX_DEPTH = 200
"""How deep it may be nested."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One value.

    Attributes:
        line: The line it stands on, counted from 1.
        text: The scalar as it stands there; None for a mapping or a list.
        items: Key and value of a mapping, index and value of a list; a key may stand twice.
        is_list: Whether the keys are indices.
        tag: A tag that is not of the core, with its `!`.
        text_line: The line of the first line of `text` (a block scalar begins a line after its mark).
        size: How many nodes it holds, itself included, aliases expanded.
    """

    line: int
    text: str | None = None
    items: tuple[tuple[str, "Node"], ...] = ()
    is_list: bool = False
    tag: str = ""
    text_line: int = 0
    size: int = field(default=1, compare=False)

    @property
    def is_map(self) -> bool:
        """Whether it has keys."""
        return self.text is None and not self.is_list

    def get(self, key: str) -> "Node | None":
        """The value of a key (the last, where it stands twice), upper and lower case alike."""
        wanted = key.casefold()
        for name, value in reversed(self.items):
            if len(name) == len(wanted) and name.casefold() == wanted:
                return value
        return None

    def scalar(self, key: str) -> str:
        """The text of a key, or nothing."""
        value = self.get(key)
        return (value.text or "") if value is not None else ""

    def keys(self) -> frozenset[str]:
        """The keys in lower case; those of a list are none."""
        return frozenset() if self.is_list else frozenset(k.casefold() for k, _ in self.items)

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, "Node"]]:
        """Every node below, itself first, in the order of the file."""
        stack = [(path, self)]
        while stack:
            here, node = stack.pop()
            yield here, node
            stack.extend(((*here, key), value) for key, value in reversed(node.items))


def branch(path: str, line: int, items: list[tuple[str, Node]], *, is_list: bool, tag: str = "") -> Node:
    """Make a mapping or a list of its items.

    Args:
        path: The artifact's, for the message.
        line: Where it begins.
        items: Keys and values; for a list the keys are made here.
        is_list: Which of the two.
        tag: As in `Node`.

    Raises:
        LimitError: it holds more than `MAX_NODES` nodes once its aliases are expanded.
    """
    size = 1 + sum(value.size for _, value in items)
    if size > MAX_NODES:
        raise too_large(path)
    keyed = tuple((str(i), v) for i, (_, v) in enumerate(items)) if is_list else tuple(items)
    return Node(line, None, keyed, is_list, tag, size=size)


class Counter:
    """Counts nodes while they are made, so that a text of nothing but small values stops in time."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.made = 0

    def one_more(self) -> None:
        """Count a node.

        Raises:
            LimitError: beyond `MAX_NODES`.
        """
        self.made += 1
        if self.made > MAX_NODES:
            raise too_large(self.path)


def too_deep(path: str) -> LimitError:
    """What a reader raises beyond `MAX_DEPTH`."""
    return LimitError(f"{path} is nested deeper than {MAX_DEPTH} levels and was not read.")


def too_large(path: str) -> LimitError:
    """What a reader raises beyond `MAX_NODES`."""
    return LimitError(
        f"{path} holds more than {MAX_NODES} values, aliases counted each time, and was not read."
    )


def damaged(path: str, language: str, line: int, why: str) -> UnreadableError:
    """What a reader raises for a text that is not of its language."""
    return UnreadableError(f"{path} is not valid {language}: line {line}: {why}.")


def pointer_of(path: Path) -> str:
    """The RFC 6901 JSON pointer of a path of keys."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in path)
