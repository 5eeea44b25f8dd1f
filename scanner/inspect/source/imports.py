"""What an import statement brings in: which module, under which local name. One reader a language."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Import:
    """`module` in full (`deepface.DeepFace`), and the local name it is bound to (empty: none)."""

    module: str
    local: str


def _clean(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    return " ".join(re.sub(r"(#|//)[^\n]*", " ", text).split())


def _python(text: str) -> Iterator[Import]:
    text = " ".join(re.sub(r"#[^\n]*", " ", text).replace("\\\n", " ").split()).strip("; ")
    match = re.match(r"from\s+(\S+)\s+import\s+\(?(.*?)\)?$", text)
    if match:
        module = match.group(1)
        yield Import(module, "")
        for name, local in _pairs(match.group(2)):
            full = module + name if module.endswith(".") else f"{module}.{name}"
            yield Import(full if name != "*" else module, local)
        return
    for name, local in _pairs(text.removeprefix("import ")):
        # `import a.b` binds `a`; `import a.b as c` binds `c` to all of it
        if local == name and "." in name:
            yield Import(name, "")
            yield Import(name.split(".")[0], name.split(".")[0])
        else:
            yield Import(name, local)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split(","):
        words = part.split()
        if len(words) == 3 and words[1] == "as":
            yield words[0], words[2]
        elif words:
            yield words[0], words[0]


_JS_SOURCE = re.compile(r"""(?:from\s*|(?:im|ex)port\s*\(?\s*|require\s*\(\s*)["'`]([^"'`]+)["'`]""")


def _javascript(text: str) -> Iterator[Import]:
    text = re.sub(r"/\*.*?\*/|(?<![:\w])//[^\n]*", " ", text, flags=re.DOTALL)
    source = _JS_SOURCE.search(text)
    if not source:
        return
    module = _package(source.group(1))
    yield Import(module, "")
    head = text[: source.start()]
    names = re.search(r"\{([^}]*)\}", head)
    if names:
        for part in re.sub(r"\btype\s+", "", names.group(1)).split(","):
            words = re.split(r"\s+as\s+|\s*:\s*", part.strip())
            if words[0]:
                yield Import(f"{module}.{words[0]}", words[-1].split("=")[0].strip())
    star = re.search(r"\*\s+as\s+([\w$]+)", head)
    if star:
        yield Import(module, star.group(1))
    default = re.search(r"(?:import|const|let|var)\s+(?:type\s+)?([\w$]+)\s*(?:,|=|from|:|$)", head)
    if default:
        yield Import(module, default.group(1))


_CDN = re.compile(r"https?://(?:cdn\.jsdelivr\.net/npm|unpkg\.com|esm\.sh|cdn\.skypack\.dev|esm\.run)/(.+)")


def _package(source: str) -> str:
    """Drop what stands around a package's name in a module specifier: `npm:`, a CDN, a version."""
    cdn = _CDN.match(source)
    name = cdn.group(1) if cdn else re.sub(r"^(npm|node|package):", "", source)
    return re.sub(r"(?<=[\w.-])@[\w.^~-]+", "", name)


def _dotted(text: str) -> Iterator[Import]:
    """Java, Kotlin, Swift."""
    words = [w for w in _clean(text).rstrip(";").split() if w not in {"import", "static", "@testable"}]
    words = [w for w in words if w not in {"class", "struct", "func", "enum", "protocol", "typealias"}]
    if not words:
        return
    module = words[0].removesuffix(".*")
    local = words[2] if len(words) > 2 and words[1] == "as" else module.rsplit(".", 1)[-1]
    yield Import(module, local)


def _included(text: str) -> Iterator[Import]:
    """C, C++, Objective-C; `using namespace a::b` counts as an import of `a.b`."""
    path = re.search(r'[<"]([^>"]+)[>"]', text)
    if path:
        yield Import(path.group(1), "")
        return
    using = re.search(r"using\s+(?:namespace\s+)?([\w:]+)", text)
    alias = re.search(r"namespace\s+(\w+)\s*=\s*([\w:]+)", text)
    module = re.search(r"@import\s+([\w.]+)", text)
    if alias:
        yield Import(_dots(alias.group(2)), alias.group(1))
    elif using:
        yield Import(_dots(using.group(1)), _dots(using.group(1)).rsplit(".", 1)[-1])
    elif module:
        yield Import(module.group(1), "")


def _dots(text: str) -> str:
    return text.replace("::", ".").replace("\\", ".").strip(".")


def _csharp(text: str) -> Iterator[Import]:
    body = _clean(text).rstrip("; ").removeprefix("global ").removeprefix("using ").removeprefix("static ")
    alias, _, name = body.rpartition("=")
    yield Import(name.strip(), alias.strip())


_GO_NOISE = re.compile(r"^go-|-go$|\.go$|^v\d+$")


def _go(text: str) -> Iterator[Import]:
    match = re.match(r"""(?:([\w.]+)\s+)?["`]([^"`]+)["`]""", text.strip())
    if match:
        module = match.group(2)
        parts = [p for p in module.split("/") if not re.fullmatch(r"v\d+", p)]
        yield Import(module, match.group(1) or _GO_NOISE.sub("", parts[-1] if parts else module))


def _rust(text: str) -> Iterator[Import]:
    body = _clean(text).rstrip("; ")
    body = re.sub(r"^(pub(\([^)]*\))?\s+)?(use|extern crate)\s+", "", body)
    yield from (Import(_dots(m), local) for m, local in _expand("", body))


def _expand(prefix: str, body: str) -> Iterator[tuple[str, str]]:
    depth, start, parts = 0, 0, []
    for index, char in enumerate(body):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            parts.append(body[start:index])
            start = index + 1
    for part in (*parts, body[start:]):
        item = part.strip()
        brace = item.find("{")
        if brace >= 0:
            if item.count("{") <= 20:
                yield from _expand(prefix + item[:brace], item[brace + 1 : item.rfind("}")])
        elif item:
            name, _, local = item.partition(" as ")
            full = (prefix + name.strip()).removesuffix("::self").removesuffix("::*")
            yield full, local.strip() or full.rsplit("::", 1)[-1]


def _php(text: str) -> Iterator[Import]:
    body = re.sub(r"^use\s+(function\s+|const\s+)?", "", _clean(text).rstrip("; "))
    body = body.replace("\\", "::").removeprefix("::")
    yield from (Import(_dots(m), local) for m, local in _expand("", body))


def _ruby(text: str) -> Iterator[Import]:
    match = re.search(r"""["']([^"']+)["']""", text)
    if match:
        yield Import(match.group(1), "")


def _dart(text: str) -> Iterator[Import]:
    source = re.search(r"""["']([^"']+)["']\s*(?:as\s+(\w+))?""", text)
    if source:
        yield Import(_package(source.group(1)), source.group(2) or "")


READERS: dict[str, Callable[[str], Iterator[Import]]] = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "java": _dotted,
    "kotlin": _dotted,
    "swift": _dotted,
    "scala": _dotted,
    "dart": _dart,
    "lua": _ruby,
    "objc": _included,
    "c": _included,
    "cpp": _included,
    "csharp": _csharp,
    "go": _go,
    "rust": _rust,
    "php": _php,
    "ruby": _ruby,
}


def read_import(language: str, text: str) -> tuple[Import, ...]:
    """Give what one import statement brings in; nothing where it cannot be made out."""
    reader = READERS.get(language)
    return tuple(reader(text)) if reader else ()
