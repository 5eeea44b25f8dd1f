"""Reads the text of a law or policy that the user names: plain text, Markdown, HTML, DOCX, PDF.

Only text comes out; nothing in a document is run, fetched or rendered.
"""

import hashlib
import io
import logging
import re
import zipfile
import zlib
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from scanner.errors import UsageError

MAX_BYTES = 32 << 20
MAX_TEXT = 8 << 20
_DAMAGED = (
    ValueError,
    KeyError,
    EOFError,
    RuntimeError,  # a locked archive
    NotImplementedError,  # an unknown compression
    zlib.error,
    zipfile.BadZipFile,
    ElementTree.ParseError,
    DefusedXmlException,
)
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@dataclass(frozen=True, slots=True)
class Document:
    """A document by name, content hash and text; lines of the text count from 1."""

    name: str
    sha256: str
    text: str


def read_document(path: Path) -> Document:
    """Read a document; what it is follows from its content, not from its name.

    Raises:
        UsageError: it cannot be read, is too large, or holds no text.
    """
    remedy = "Name a text, Markdown, HTML, DOCX or PDF file of your policy."
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UsageError(f"policy text {path} is larger than {MAX_BYTES >> 20} MiB.", remedy)
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"policy text {path} cannot be read: {error.strerror}.", remedy) from error
    try:
        text = _text(data)
    except _DAMAGED as error:
        raise UsageError(
            f"policy text {path} cannot be read: {' '.join(str(error).split())}.", remedy
        ) from error
    if not re.search(r"\w{3}", text):
        raise UsageError(
            f"policy text {path} holds no text; a scan of paper must be made searchable first.", remedy
        )
    return Document(path.name, hashlib.sha256(data).hexdigest(), text[:MAX_TEXT])


def _text(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _docx(data)
    text = data.decode("utf-8-sig")
    if "\0" in text:
        raise ValueError("it is not text")
    return _html(text) if re.match(r"\s*(<!doctype html|<html|<\?xml[^>]*>\s*<html)", text, re.I) else text


def _pdf(data: bytes) -> str:
    from pypdf import PdfReader  # noqa: PLC0415 - only for PDF

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends, it need not tell
    try:
        reader = PdfReader(io.BytesIO(data))
        return "\n\n".join(page.extract_text() for page in reader.pages)
    except Exception as error:  # a damaged PDF makes its parser fail in any way
        raise ValueError("the PDF is damaged or locked") from error


def _docx(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        part = archive.getinfo("word/document.xml")
        if part.file_size > MAX_BYTES:
            raise ValueError(f"its text is larger than {MAX_BYTES >> 20} MiB")
        root = ElementTree.fromstring(archive.read(part))
    paragraphs = root.iter(f"{_WORD}p")
    return "\n\n".join("".join(t.text or "" for t in p.iter(f"{_WORD}t")) for p in paragraphs)


class _Text(HTMLParser):
    """Collects what a reader would see, a line a block."""

    _BLOCK = frozenset({"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "tr", "section", "td"})
    _HIDDEN = frozenset({"script", "style", "template", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._hidden += tag in self._HIDDEN
        if tag in self._BLOCK:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(0, self._hidden - (tag in self._HIDDEN))
        if tag in self._BLOCK:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def _html(text: str) -> str:
    parser = _Text()
    parser.feed(text)
    parser.close()
    return "".join(parser.parts)
