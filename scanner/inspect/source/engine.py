"""Finds the signals in one piece of code: the same for every language.

The filter gives the places; the tree says of each place whether it is a name, a value or a comment; the
bytes around it give receivers and arguments; imports and assignments give the receivers their meaning.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from tree_sitter import Node, Query, QueryCursor, Tree

from scanner.findings import Confidence
from scanner.inspect.source.imports import Import, read_import
from scanner.inspect.source.languages import COMMENTS, HOLES, SILENT, Syntax
from scanner.inspect.source.lexicon import CallPattern, Lexicon, first_part
from scanner.inspect.source.names import (
    arguments_after,
    called_after,
    chain_before,
    first_string,
    token_at,
    words,
)
from scanner.rules import Rule
from scanner.rules.model import NameSignal

MAX_PLACES = 4000
"""How many places of one file are looked at; a file has long been told apart by then."""
VOCABULARY = 10_000
"""Lines from which on a file is generated, or the whole interface of a device: its names are offers, not use.

Of 450 repositories none has a file as long that was written to do something; bundled scripts do, and are
not meant."""

_NAME = re.compile(rb"[A-Za-z_$][\w$]*")
_ASSIGNED = re.compile(
    rb"(?:^|[\s;{(,])([$@]?[A-Za-z_][\w.$>-]*)[^=;{}()\n]{0,80}?:?=\s*(?:await\s+|new\s+|&\s*)*$"
)
_CALLED = re.compile(rb"([A-Za-z_$][\w$]*)\s*\(\s*(?:\w+\s*[=:]\s*)?$")
_REQUIRED = {
    "require": re.compile(rb"""\b(?:require|import)\s*\(\s*["'`][^"'`\n]+["'`]"""),
    "ruby": re.compile(rb"""^[ \t]*require(?:_relative)?\s*\(?\s*["'][^"'\n]+["']""", re.MULTILINE),
}
_RECEIVED = re.compile(rb"(?:const|let|var)\s+(?:[\w$]+|\{[^{}]{0,400}\})[^=;\n]{0,80}=\s*(?:await\s+)?$")
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$-]{3,60}\Z")
_PROJECT = re.compile(rb"(?:^|[\n;{])[^\S\n]*(?:\xef\xbb\xbf)?(?:namespace|package)\s+[\w.\\]*\Z")
_DOTS = frozenset({b".", b"\\"})
_NAMED_BY_PROJECT = frozenset({"csharp", "java", "kotlin", "scala", "php"})
"""Languages in which every file and every import bears the project's name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One signal at one place of the code, in bytes; what the file's own name says ends at 0."""

    rule: Rule
    subject: str
    signal: str
    confidence: Confidence
    start: int
    end: int


@dataclass(slots=True)
class _Place:
    role: str
    start: int
    end: int
    node: Node
    chain: list[str] = field(default_factory=list)
    begin: int = 0


class Reader:
    """Reads one parsed piece of code against the lexicon of its language."""

    def __init__(self, syntax: Syntax, known: Lexicon, data: bytes, tree: Tree, stem: str = "") -> None:
        self.syntax = syntax
        self.stem = stem
        self.lexicon = known
        self.data = data
        self.root = tree.root_node
        self.imports = tuple(islice(self._imports(), MAX_PLACES))
        self.modules = {i.local: i.module for i, _ in self.imports if i.local}
        self.made: dict[str, str] = {}
        self.constructed: set[str] = set()
        self.projects = {re.split(r"[.\\]", i.module)[0].encode() for i, _ in self.imports}
        self.beside: dict[str, bool] = {}
        self.bare: bytes | None = None
        self.vocabulary = syntax.required != "require" and data.count(b"\n") > VOCABULARY

    def hits(self) -> Iterator[Hit]:
        """Give every signal, in no particular order; a place may show several."""
        places = list(self._places())
        for place in places:
            self._remember(place)
        yield from self._stem_hits()
        for imported, node in self.imports:
            yield from self._import_hits(imported, node)
        for place in places:
            if place.role == "value":
                yield from self._value_hits(place)
            else:
                yield from self._name_hits(place)

    # Where the words stand

    def _places(self) -> Iterator[_Place]:
        seen: set[int] = set()
        for start, end in self._offsets():
            if start in seen:
                continue
            seen.add(start)
            if len(seen) > MAX_PLACES:
                return
            place = self._place(start, end)
            if place.role == "code" and self._is_of_project(start, end):
                place.role = "import"
            if place.role in {"code", "import"}:
                place.chain, place.begin = chain_before(self.data, start)
            if place.role == "value":
                if place.node.start_byte in seen and place.node.start_byte != start:
                    continue
                seen.add(place.node.start_byte)
            if place.role:
                yield place

    def _offsets(self) -> Iterator[tuple[int, int]]:
        """Every name inside, or cut by, a hit of the filter; and every use of an imported alias."""
        for match in self.lexicon.places.finditer(self.data):
            first, _ = token_at(self.data, match.start())
            _, last = token_at(self.data, match.end())
            found = False
            for name in _NAME.finditer(self.data, first, last):
                found = True
                yield name.start(), name.end()
            if not found:
                yield match.start(), match.end()
        for local, module in self.modules.items():
            if local != module.rsplit(".", 1)[-1] and module.rsplit(".", 1)[-1] in self.lexicon.calls:
                for use in re.finditer(
                    rb"(?<![\w.$])" + re.escape(local.encode()) + rb"(?![\w$])", self.data
                ):
                    yield use.start(), use.end()

    def _place(self, start: int, end: int) -> _Place:
        syntax = self.syntax
        cursor = self.root.walk()
        node, parent, role, holder = self.root, self.root, "code", self.root
        while cursor.goto_first_child_for_byte(start) is not None:
            parent, node = node, cursor.node or node
            if node.start_byte > start:
                break
            kind = node.type
            if kind in COMMENTS or kind in SILENT:
                return _Place("", start, end, node)
            if kind in syntax.imports and _brings_in(node):
                return _Place("import", start, end, node)
            if kind in syntax.strings and role == "code" and node.child_count + node.is_named:
                if syntax.name == "python" and parent.type in {"expression_statement", "block", "module"}:
                    # A string that is a statement is documentation.
                    return _Place("", start, end, node)
                role, holder = "value", node
            elif kind in HOLES:
                role = "code"
        return _Place(role, start, end, holder if role == "value" else node)

    def _is_of_project(self, start: int, end: int) -> bool:
        """Whether a name only says what the project is called: declared, or before what is taken from it."""
        if self.syntax.name not in _NAMED_BY_PROJECT:
            return False
        if _PROJECT.search(self.data[max(0, start - 200) : start]):
            return True
        first = self.data[start - 1 : start] not in _DOTS and self.data[end : end + 1] in _DOTS
        return first and self.data[start:end] in self.projects

    # What the names mean

    def _imports(self) -> Iterator[tuple[Import, tuple[int, int]]]:
        name = self.syntax.name
        if self.syntax.imports:
            kinds = " ".join(f"({k})" for k in sorted(self.syntax.imports))
            query = Query(self.syntax.language(), f"[{kinds}] @i")
            for node in QueryCursor(query).captures(self.root).get("i", []):
                text = self._text(node.start_byte, min(node.end_byte, node.start_byte + 20_000))
                for imported in read_import(name, text):
                    yield imported, (node.start_byte, node.end_byte)
        pattern = _REQUIRED.get("ruby" if name == "ruby" else self.syntax.required)
        for match in pattern.finditer(self.data) if pattern else ():
            received = _RECEIVED.search(self.data[max(0, match.start() - 480) : match.start()])
            at = match.end() - 2
            if self._place(at, at + 1).role:
                statement = (received.group() if received else b"") + match.group()
                for imported in read_import(name, statement.decode("utf-8", "replace")):
                    yield imported, match.span()

    def _remember(self, place: _Place) -> None:
        """Note which variable holds what a known constructor made."""
        if place.role == "value":
            value = first_string(self._text(place.node.start_byte, place.node.end_byte))
            start = max(0, place.node.start_byte - 80)
            match = _CALLED.search(self.data[start : place.node.start_byte])
            if not match or not any(value == argument for _, argument in self.lexicon.constructors):
                return
            name = match.group(1).decode()
            chain, begin = chain_before(self.data, start + match.start())
        elif place.role == "code":
            name, value, chain, begin = self._text(place.start, place.end), "", place.chain, place.begin
        else:
            return
        maker = ".".join(self._resolved([*chain, name]))
        if (maker.rsplit(".", 1)[-1], value) not in self.lexicon.constructors:
            return
        full = f"{maker}({value})"
        self.constructed.add(full)
        assigned = _ASSIGNED.search(self.data[max(0, begin - 200) : begin])
        if assigned:
            self.made[assigned.group(1).decode().replace("->", ".")] = full

    def _resolved(self, chain: list[str]) -> list[str]:
        for length in (2, 1):
            head = ".".join(chain[:length])
            if length <= len(chain) and head in self.made:
                return [self.made[head], *chain[length:]]
        if chain and chain[0] in self.modules:
            return [self.modules[chain[0]], *chain[1:]]
        if chain and "(" in chain[0]:
            name, _, rest = chain[0].partition("(")
            if name in self.modules:
                return [f"{self.modules[name]}({rest}", *chain[1:]]
        return chain

    # What the rules say of them

    def _import_hits(self, imported: Import, span: tuple[int, int]) -> Iterator[Hit]:
        for module, rule, signal in self.lexicon.imports.get(first_part(imported.module), ()):
            rest = imported.module[len(module) :]
            if imported.module.startswith(module) and (not rest or rest[0] in "./:\\"):
                yield Hit(rule, module, "import", signal.confidence, *span)

    def _value_hits(self, place: _Place) -> Iterator[Hit]:
        start, end = place.node.start_byte, place.node.end_byte
        text = self._text(start, min(end, start + 20_000))
        inner = text.lstrip("ubrfUBRF@$").strip("\"'`")
        offset = start + text.find(inner)
        for pattern, rule, signal in self.lexicon.strings if self.lexicon.any_string.search(inner) else ():
            match = pattern.search(inner)
            if match:
                at = offset + len(inner[: match.start()].encode("utf-8", "replace"))
                yield Hit(rule, match.group().strip(), "string", signal.confidence, at, end)
        if _IDENTIFIER.match(inner):
            for phrase, rule, named in self._named(inner):
                yield Hit(rule, phrase, "name", self._weight(named).lowered(), start, end)

    def _name_hits(self, place: _Place) -> Iterator[Hit]:
        token = self._text(place.start, place.end)
        imported = place.role == "import"
        for rule, symbol in self.lexicon.symbols.get(token, ()):
            confidence = _at_most_medium(symbol.confidence) if imported else symbol.confidence
            yield Hit(rule, token, "symbol", confidence, place.start, place.end)
        if not imported:
            yield from self._call_hits(place, token)
        if token in self.modules and not imported:
            # What an imported name stands for is said by the import.
            return
        for phrase, rule, named in self._named(token):
            confidence = self._weight(named)
            if imported or (token.isupper() and words(token).strip() == phrase):
                # A constant that is called like the thing, and no more, names a category.
                confidence = confidence.lowered()
            if self.vocabulary:
                confidence = Confidence.LOW
            yield Hit(rule, phrase, "name", confidence, place.start, place.end)

    def _stem_hits(self) -> Iterator[Hit]:
        """What the file is called. Components and icons of pages are files too, so there it is a hint."""
        for phrase, rule, named in self._named(self.stem):
            confidence = self._weight(named)
            hint = self.syntax.required == "require"
            yield Hit(rule, phrase, "name", confidence.lowered() if hint else confidence, 0, 0)

    def _named(self, identifier: str) -> Iterator[tuple[str, Rule, NameSignal]]:
        for phrase, rule, named in self.lexicon.named(identifier):
            if not named.needs or self._holds(named.needs):
                yield phrase, rule, named

    def _weight(self, named: NameSignal) -> Confidence:
        """How much a name says in this file."""
        if not named.beside or self._holds(named.beside):
            return named.confidence
        return named.confidence.lowered()

    def _holds(self, expression: str) -> bool:
        """Whether the code says so; a comment that cites a paper is none."""
        if expression not in self.beside:
            found = self.lexicon.beside[expression]
            self.beside[expression] = bool(found.search(self.data) and found.search(self._bare()))
        return self.beside[expression]

    def _bare(self) -> bytes:
        """The code without its comments."""
        if self.bare is None:
            language = self.syntax.language()
            known = (k for k in sorted(COMMENTS) if language.id_for_node_kind(k, True))  # noqa: FBT003 - named nodes
            kinds = " ".join(f"({k})" for k in known)
            found = QueryCursor(Query(language, f"[{kinds}] @c")).captures(self.root) if kinds else {}
            parts, at = [], 0
            for node in sorted(found.get("c", []), key=lambda n: n.start_byte):
                parts.append(self.data[at : node.start_byte])
                at = max(at, node.end_byte)
            self.bare = b" ".join([*parts, self.data[at:]])
        return self.bare

    def _call_hits(self, place: _Place, token: str) -> Iterator[Hit]:
        whole = ".".join(self._resolved([*place.chain, token]))
        for pattern in self.lexicon.calls.get(whole.rsplit(".", 1)[-1], ()):
            confidence = self._confidence(pattern, place, whole)
            if confidence is not None:
                subject = pattern.name if pattern.method or "*" in pattern.name else whole
                yield Hit(pattern.rule, subject, "call", confidence, place.start, place.end)

    def _confidence(self, pattern: CallPattern, place: _Place, whole: str) -> Confidence | None:
        confidence = pattern.signal.confidence
        if pattern.method and not place.chain:
            return None
        if not pattern.whole.fullmatch(whole):
            # A receiver that came from elsewhere, in a file that makes such an object.
            maker = pattern.name.rpartition(".")[0]
            if not place.chain or "(" not in maker:
                return None
            if not called_after(maker, whole) and not self._may_be_made(maker, place, whole):
                return None
            confidence = confidence.lowered()
        if pattern.argument is not None:
            arguments = arguments_after(self.data, place.end)
            if arguments is None or not pattern.argument.search(arguments):
                return None
        return confidence

    def _may_be_made(self, maker: str, place: _Place, whole: str) -> bool:
        """Whether the file makes such an object, and nothing says that this is another one."""
        # What came from an import did not come from that maker.
        return "(" not in whole and self._makes(maker) and place.chain[0] not in self.modules

    def _makes(self, maker: str) -> bool:
        escaped = re.escape(maker).replace(r"\*", ".*")
        return any(re.fullmatch(escaped, made) for made in self.constructed)

    def _text(self, start: int, end: int) -> str:
        return self.data[start:end].decode("utf-8", "replace")


def _at_most_medium(confidence: Confidence) -> Confidence:
    return min(confidence, Confidence.MEDIUM, key=lambda c: c.rank)


def _brings_in(node: Node) -> bool:
    return node.type != "export_statement" or node.child_by_field_name("source") is not None


def unique(hits: Iterable[Hit]) -> Iterator[Hit]:
    """Drop what two paths found at the same place."""
    seen: set[tuple[str, str, str, int]] = set()
    for hit in hits:
        key = (hit.rule.id, hit.subject, hit.signal, hit.start)
        if key not in seen:
            seen.add(key)
            yield hit
