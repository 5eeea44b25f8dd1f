"""Reads XML: elements as keys, attributes as keys with `@`, text as `#`. No entity is ever expanded."""

import io
import xml.sax
import xml.sax.handler
from dataclasses import dataclass, field
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml
import defusedxml.sax

from scanner.errors import UnreadableError
from scanner.inspect.tree.node import MAX_DEPTH, Counter, Node, branch, damaged, too_deep


@dataclass(slots=True)
class _Open:
    name: str
    line: int
    items: list[tuple[str, Node]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


class _Builder(ContentHandler):
    def __init__(self, path: str, offset: int) -> None:
        super().__init__()
        self.path = path
        self.offset = offset
        self.counter = Counter(path)
        self.stack = [_Open("", 1 + offset)]
        self.locator: Locator | None = None

    def setDocumentLocator(self, locator: Locator) -> None:  # noqa: N802 - SAX's name
        self.locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        if len(self.stack) > MAX_DEPTH:
            raise too_deep(self.path)
        self.counter.one_more()
        line = self._line()
        items = [(f"@{_local(key)}", Node(line, value, text_line=line)) for key, value in attrs.items()]
        self.stack.append(_Open(_local(name), line, items))

    def characters(self, content: str) -> None:
        self.stack[-1].text.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802, ARG002
        top = self.stack.pop()
        text = "".join(top.text).strip()
        if not top.items:
            node = Node(top.line, text, text_line=top.line)
        else:
            if text:
                top.items.append(("#", Node(top.line, text, text_line=top.line)))
            node = branch(self.path, top.line, top.items, is_list=False)
        self.stack[-1].items.append((top.name, node))

    def _line(self) -> int:
        return (self.locator.getLineNumber() or 1 if self.locator else 1) + self.offset


def _local(name: str) -> str:
    """The name without its prefix; `xmlns` declarations keep theirs, for they are what tells a product."""
    return name if name.startswith("xmlns") else name.rsplit(":", 1)[-1]


def read_xml(path: str, text: str, offset: int = 0) -> tuple[Node, ...]:
    """Read an XML document.

    Args:
        path: The artifact's, for messages.
        text: The whole document.
        offset: How many lines stand before it in the artifact.

    Raises:
        UnreadableError: not well-formed, or it declares entities.
        LimitError: nested deeper or larger than a document may be.
    """
    builder = _Builder(path, offset)
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = False
    parser.forbid_entities = True
    # A document type may name a file elsewhere (every property list does); it is not opened.
    parser.forbid_external = False
    parser.setFeature(xml.sax.handler.feature_external_ges, 0)
    parser.setFeature(xml.sax.handler.feature_external_pes, 0)
    parser.setContentHandler(builder)
    try:
        parser.parse(io.StringIO(text))
    except xml.sax.SAXParseException as error:
        line = (error.getLineNumber() or 1) + offset
        raise damaged(path, "XML", line, str(error.getMessage())) from error
    except defusedxml.DefusedXmlException as error:
        raise UnreadableError(
            f"{path} declares XML entities, which are never expanded, and was not read."
        ) from error
    root = builder.stack[0]
    return (branch(path, root.line, root.items, is_list=False),)
