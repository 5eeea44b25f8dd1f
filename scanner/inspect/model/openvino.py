"""Reads an OpenVINO IR (the XML half) and OpenCV cascades, which are XML as well."""

import io
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from scanner.errors import LimitError
from scanner.inspect.model.network import Network, Tensor
from scanner.inspect.reading import Reading

MAX_XML = 64 * 1024 * 1024
_TAIL = 8
_MAX_WORDS = 5000
_IR = re.compile(rb"<net\s[^>]*\b(?:version|batch)\s*=", re.DOTALL)
_CASCADE = re.compile(rb'type_id\s*=\s*"opencv-(?:cascade-classifier|haar-classifier)"')
_FACE_NAMES = re.compile(
    r"(?:frontal|profile)_?face|_face_|face_cascade|eyes?[_.]|_eye(?:[_.]|$)|_smile|_mcs_(?:nose|mouth)"
)


@dataclass(slots=True)
class _Layer:
    kind: str = ""
    name: str = ""
    shape: tuple[int, ...] = ()
    inputs: list[tuple[int, ...]] = field(default_factory=list)
    outputs: list[tuple[int, ...]] = field(default_factory=list)


def looks_like_ir(head: bytes) -> bool:
    """Whether XML is a network in OpenVINO's representation."""
    return bool(_IR.search(head[:4096]))


def looks_like_cascade(head: bytes) -> bool:
    """Whether XML is a trained cascade of OpenCV's, of either generation."""
    return bool(_CASCADE.search(head))


def read_cascade(data: Reading) -> Network | None:
    """Judge a cascade, whose structure is the same for a face and a number plate, by the names it has."""
    name = data.path.rsplit("/", 1)[-1].lower()
    inside = data.upto(0, 8192).decode("utf-8", "replace").lower()
    tag = re.search(r"<(\w+)\s+type_id=", inside)
    said = f"{name} {tag[1] if tag else ''}"
    if not _FACE_NAMES.search(said) or "cat" in said.replace("cascade", ""):
        return None
    return Network("OpenCV cascade", words=(said,), traits=frozenset({"face-cascade"}))


def read_ir(data: Reading) -> Network:
    """Read layers, edges and names.

    Raises:
        UnreadableError: it is no well-formed XML, or declares entities.
        LimitError: it is larger than `MAX_XML`.
    """
    if data.size > MAX_XML:
        raise LimitError(f"{data.path} is a network in XML of more than {MAX_XML // 2**20} MiB.")
    layers: dict[str, _Layer] = {}
    sources: dict[str, list[str]] = {}
    words: list[str] = []
    labels: list[str] = []
    try:
        for event, element in iterparse(
            io.BytesIO(data.at(0, data.size)), events=("start", "end"), forbid_dtd=True
        ):
            if event == "start":
                if element.tag == "net":
                    words.append(element.get("name", ""))
            elif element.tag == "layer":
                layers[element.get("id", "")] = _layer(element)
                element.clear()
            elif element.tag == "edge":
                sources.setdefault(element.get("to-layer", ""), []).append(element.get("from-layer", ""))
            elif element.tag in ("labels", "label"):
                labels.extend((element.get("value") or "").replace(",", " ").split())
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise data.damaged(f"is a network in XML that cannot be parsed: {type(error).__name__}") from error
    words.extend(layer.name for layer in layers.values())
    return Network(
        "OpenVINO IR",
        inputs=tuple(
            Tensor(v.name, v.shape or (v.outputs or [()])[0])
            for v in layers.values()
            if v.kind in ("Parameter", "Input")
        ),
        outputs=_outputs(layers, sources),
        tail=_tail(layers, sources),
        labels=tuple(labels),
        words=tuple(dict.fromkeys(w.lower() for w in words[:_MAX_WORDS] if w)),
    )


def _layer(element: Element) -> _Layer:
    layer = _Layer(element.get("type", ""), element.get("name", ""))
    for part in element:
        if part.tag == "data":
            layer.shape = _numbers((part.get("shape") or "").split(","))
        elif part.tag in ("input", "output"):
            ports = [_numbers([d.text or "" for d in port if d.tag == "dim"]) for port in part]
            (layer.inputs if part.tag == "input" else layer.outputs).extend(ports)
    return layer


def _numbers(texts: list[str]) -> tuple[int, ...]:
    found = []
    for text in texts[:16]:
        digits = text.strip()
        if digits:
            found.append(int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 12 else -1)
    return tuple(found)


_NO_OUTPUTS = frozenset({"Result", "Const", "Parameter", "Input"})


def _last(layers: dict[str, _Layer], sources: dict[str, list[str]]) -> list[str]:
    """Give the layers that make the outputs: what feeds a Result, or, in old files, what feeds nothing."""
    results = [source for key, v in layers.items() if v.kind == "Result" for source in sources.get(key, [])]
    if results:
        return [r for r in results if r in layers]
    used = {source for many in sources.values() for source in many}
    return [k for k, v in layers.items() if k not in used and v.kind not in _NO_OUTPUTS]


def _outputs(layers: dict[str, _Layer], sources: dict[str, list[str]]) -> tuple[Tensor, ...]:
    made = [
        Tensor(layers[k].name, next((s for s in layers[k].outputs if s), ())) for k in _last(layers, sources)
    ]
    results = [Tensor(v.name, v.inputs[0]) for v in layers.values() if v.kind == "Result" and v.inputs]
    return tuple(made if any(t.shape for t in made) else results)


def _tail(layers: dict[str, _Layer], sources: dict[str, list[str]]) -> tuple[str, ...]:
    chain: list[str] = []
    at = next(iter(_last(layers, sources)), "")
    while at in layers and len(chain) < _TAIL:
        chain.append(layers[at].kind)
        at = next((s for s in sources.get(at, []) if s in layers and layers[s].kind != "Const"), "")
    return tuple(chain)
