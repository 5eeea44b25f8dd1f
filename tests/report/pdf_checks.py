"""What PDF/UA-1 asks and a program can check, of a file read by qpdf (pikepdf), not by what wrote it.

Each check is one of the Matterhorn Protocol's that needs no human; veraPDF is in no registry at hand.
"""

from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from typing import Any

import pikepdf

SHOWS = {
    "Tj",
    "TJ",
    "'",
    '"',
    "Do",
    "S",
    "s",
    "f",
    "F",
    "f*",
    "B",
    "B*",
    "b",
    "b*",
    "sh",
    "EI",
    "INLINE IMAGE",
}


def problems(data: bytes) -> list[str]:
    """Name what is missing; an empty list says that every check passed."""
    with pikepdf.open(BytesIO(data)) as pdf:
        said = [*pdf.check_pdf_syntax(), *_catalogue(pdf), *_fonts(pdf)]
        said += [f"page {n}: {p}" for n, page in enumerate(pdf.pages, 1) for p in _page(page)]
        if "/StructTreeRoot" in pdf.Root:
            said += _structure(list(elements(pdf.Root.StructTreeRoot)), pdf)
        return said


def elements(node: Any) -> Iterator[Any]:
    """Every structure element, in reading order."""
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node.K)


def names(data: bytes) -> list[str]:
    """The kinds of all structure elements, in reading order."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return [str(e.S)[1:] for e in elements(pdf.Root.StructTreeRoot)]


def alternatives(data: bytes) -> list[str]:
    """The texts that stand for figures."""
    with pikepdf.open(BytesIO(data)) as pdf:
        return [str(e.Alt) for e in elements(pdf.Root.StructTreeRoot) if e.S == "/Figure"]


def _catalogue(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "not marked as tagged"
    if "/StructTreeRoot" not in root:
        yield "no structure tree"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "the title is not displayed"
    with pdf.open_metadata() as xmp:
        if xmp.get("pdfuaid:part") != "1":
            yield "no PDF/UA identifier"
        if not xmp.get("dc:title"):
            yield "no title"
    if "/JavaScript" in root.get("/Names", {}) or "/OpenAction" in root or "/AA" in root:
        yield "it acts by itself"


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary) or item.get("/Type") != "/Font":
            continue
        name = str(item.get("/BaseFont", "?"))
        if "/FontDescriptor" in item:
            held = {"/FontFile", "/FontFile2", "/FontFile3"} & set(item.FontDescriptor.keys())
            if not held:
                yield f"font {name} is not embedded"
        if item.get("/Subtype") == "/Type0" and "/ToUnicode" not in item:
            yield f"font {name} has no way back to text"


def _page(page: pikepdf.Page) -> Iterator[str]:
    if page.obj.get("/Tabs") != "/S" and "/Annots" in page.obj:
        yield "tab order does not follow the structure"
    depth: list[bool] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name in ("BDC", "BMC"):
            tag = str(operands[0])
            depth.append(tag == "/Artifact" or (name == "BDC" and "/MCID" in operands[1]))
        elif name == "EMC":
            depth.pop()
        elif name in SHOWS and not any(depth):
            yield f"{name} draws what is neither tagged nor an artifact"
            return
    for annotation in page.obj.get("/Annots", []):
        if "/StructParent" not in annotation:
            yield "a link outside the structure"


def _structure(found: list[Any], pdf: pikepdf.Pdf) -> Iterator[str]:
    roles = {str(k): str(v) for k, v in pdf.Root.StructTreeRoot.get("/RoleMap", {}).items()}
    kinds = [roles.get(str(e.S), str(e.S)) for e in found]
    for element, kind in zip(found, kinds, strict=True):
        if kind == "/Figure" and not str(element.get("/Alt", "")):
            yield "a figure without words"
        if kind == "/Table" and not any(e.S == "/TH" for e in elements(element.K)):
            yield "a table without headers"
        if kind == "/Link" and not any("/Obj" in k for k in _dictionaries(element.K)):
            yield "a link that leads nowhere"
    levels = [int(k[2:]) for k in kinds if k[:2] == "/H" and k[2:].isdigit()]
    if not levels:
        yield "no headings"
    elif levels[0] != 1 or any(b > a + 1 for a, b in pairwise(levels)):
        yield "a level of headings is skipped"


def _dictionaries(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for kid in node:
            yield from _dictionaries(kid)
    elif isinstance(node, pikepdf.Dictionary):
        yield node
        if "/K" in node:
            yield from _dictionaries(node.K)
