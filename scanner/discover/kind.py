"""Tells what an artifact is: content first, name second. One word, used as `ArtifactRef.kind`.

Languages: python javascript typescript java kotlin scala swift objc c cpp csharp go rust php ruby shell dart
    lua matlab notebook; named and not read: perl r julia visual-basic pascal powershell elixir and others
Data and configuration: yaml json toml xml ini hcl dockerfile properties csv sql manifest-text
Media: picture video audio
Models: onnx tflite openvino-ir keras hdf5 tensorflow pytorch torchscript safetensors dlib caffe ncnn coreml
    tensorrt (a name alone does not make one: see `scanner.inspect.model`)
Stores: sqlite pickle numpy parquet faiss
Containers: zip tar gzip bzip2 xz zstd; known and not read: 7z rar cab rpm squashfs
Otherwise: document text binary empty
"""

import re

_BY_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"SQLite format 3\0", "sqlite"),
    (0, b"\x89HDF\r\n\x1a\n", "hdf5"),
    (0, b"\x93NUMPY", "numpy"),
    (0, b"PAR1", "parquet"),
    (4, b"TFL3", "tflite"),
    (0, b"IxF2", "faiss"),
    (0, b"IxFI", "faiss"),
    (0, b"IxFl", "faiss"),
    (0, b"PK\x03\x04", "zip"),
    (0, b"PK\x05\x06", "zip"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"MSCF\0\0\0\0", "cab"),
    (0, b"\xed\xab\xee\xdb", "rpm"),
    (0, b"hsqs", "squashfs"),
    (0, b"\0\5\x16\7", "binary"),
    (257, b"ustar", "tar"),
    (0, b"\x89PNG\r\n\x1a\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF87a", "picture"),
    (0, b"GIF89a", "picture"),
    (0, b"II*\0", "picture"),
    (0, b"MM\0*", "picture"),
    (0, b"BM", "picture"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"FLV\x01", "video"),
    (0, b"\x00\x00\x01\xba", "video"),
    (0, b"\x00\x00\x01\xb3", "video"),
    (0, b"0&\xb2u\x8ef\xcf\x11", "video"),
    (0, b"ID3", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"OggS", "audio"),
    (0, b"%PDF-", "document"),
    (0, b"\x7fELF", "binary"),
    (0, b"MZ", "binary"),
)

_PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"heim", b"heis", b"hevc")

_BY_NAME: dict[str, str] = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "gemfile": "ruby",
    "rakefile": "ruby",
    "podfile": "ruby",
    "package.swift": "swift",
    "go.mod": "manifest-text",
    "go.sum": "manifest-text",
    "cartfile": "manifest-text",
    "pipfile": "toml",
    "poetry.lock": "toml",
    "uv.lock": "toml",
    "pdm.lock": "toml",
    "cargo.lock": "toml",
    "gemfile.lock": "manifest-text",
    "podfile.lock": "yaml",
    "yarn.lock": "manifest-text",
    "composer.lock": "json",
    "pipfile.lock": "json",
    "package.resolved": "json",
    "cmakelists.txt": "manifest-text",
    "conanfile.txt": "manifest-text",
    "jenkinsfile": "java",
}

_BY_SUFFIX: dict[str, str] = {
    **dict.fromkeys((".py", ".pyi", ".pyw", ".pyx"), "python"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx", ".vue", ".svelte", ".astro"), "javascript"),
    **dict.fromkeys((".ts", ".tsx", ".mts", ".cts", ".ets"), "typescript"),
    **dict.fromkeys((".java", ".pde"), "java"),
    ".scala": "scala",
    ".dart": "dart",
    ".lua": "lua",
    **dict.fromkeys((".kt", ".kts"), "kotlin"),
    **dict.fromkeys((".gradle", ".groovy"), "manifest-text"),
    ".swift": "swift",
    **dict.fromkeys((".m", ".mm"), "objc"),
    ".c": "c",
    **dict.fromkeys(
        (".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".cu", ".cuh", ".ipp", ".ino"), "cpp"
    ),
    ".cs": "csharp",
    ".go": "go",
    ".rs": "rust",
    **dict.fromkeys((".php", ".phtml"), "php"),
    **dict.fromkeys((".rb", ".podspec", ".gemspec"), "ruby"),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".ksh"), "shell"),
    ".ipynb": "notebook",
    **dict.fromkeys((".yaml", ".yml"), "yaml"),
    **dict.fromkeys((".json", ".geojson", ".webmanifest", ".jsonc", ".json5", ".tfstate"), "json"),
    ".toml": "toml",
    **dict.fromkeys(
        (
            ".xml",
            ".csproj",
            ".vbproj",
            ".fsproj",
            ".props",
            ".config",
            ".plist",
            ".nuspec",
            ".xmp",
            ".launch",
            ".wsdl",
            ".xsd",
        ),
        "xml",
    ),
    **dict.fromkeys((".ini", ".cfg", ".conf"), "ini"),
    **dict.fromkeys((".tf", ".tofu", ".hcl", ".tfvars", ".nomad"), "hcl"),
    ".bicep": "hcl",
    ".dockerfile": "dockerfile",
    ".properties": "properties",
    **dict.fromkeys((".csv", ".tsv"), "csv"),
    ".sql": "sql",
    **dict.fromkeys((".md", ".rst", ".adoc", ".html", ".htm", ".tex", ".css", ".scss"), "document"),
    **dict.fromkeys(
        (
            ".mp4",
            ".m4v",
            ".mov",
            ".mkv",
            ".webm",
            ".avi",
            ".mpg",
            ".mpeg",
            ".m2ts",
            ".dv",
            ".h264",
            ".264",
            ".h265",
            ".hevc",
            ".3gp",
            ".wmv",
            ".flv",
            ".mjpeg",
            ".mjpg",
        ),
        "video",
    ),
    **dict.fromkeys(
        (".jpg", ".jpeg", ".png", ".webp", ".gif", ".tif", ".tiff", ".heic", ".heif", ".avif", ".bmp"),
        "picture",
    ),
    **dict.fromkeys((".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aac", ".opus"), "audio"),
    ".onnx": "onnx",
    ".tflite": "tflite",
    ".keras": "zip",
    ".safetensors": "safetensors",
    ".pb": "tensorflow",
    **dict.fromkeys((".pt", ".pth", ".jit", ".torchscript"), "pytorch"),
    **dict.fromkeys((".caffemodel", ".prototxt"), "caffe"),
    ".param": "ncnn",
    ".mlmodel": "coreml",
    **dict.fromkeys((".engine", ".plan", ".trt"), "tensorrt"),
    **dict.fromkeys((".pkl", ".pickle"), "pickle"),
}

_UNREAD = {
    **dict.fromkeys((".pl", ".pm"), "perl"),
    **dict.fromkeys((".r", ".rmd"), "r"),
    ".jl": "julia",
    **dict.fromkeys((".vb", ".bas", ".vbs"), "visual-basic"),
    **dict.fromkeys((".pas", ".dpr", ".lpr"), "pascal"),
    **dict.fromkeys((".ps1", ".psm1"), "powershell"),
    **dict.fromkeys((".ex", ".exs"), "elixir"),
    **dict.fromkeys((".erl", ".hrl"), "erlang"),
    **dict.fromkeys((".clj", ".cljs", ".cljc"), "clojure"),
    **dict.fromkeys((".hs", ".lhs"), "haskell"),
    **dict.fromkeys((".ml", ".mli"), "ocaml"),
    **dict.fromkeys((".fs", ".fsx"), "f-sharp"),
    **dict.fromkeys((".f", ".f90", ".f95"), "fortran"),
    **dict.fromkeys((".asm", ".s"), "assembler"),
    **dict.fromkeys((".sv", ".vhd", ".vhdl"), "hardware-description"),
    ".zig": "zig",
    ".nim": "nim",
    ".tcl": "tcl",
    ".gd": "gdscript",
    ".nix": "nix",
    **dict.fromkeys((".jsonnet", ".libsonnet"), "jsonnet"),
    ".cue": "cue",
    ".dhall": "dhall",
}
"""Languages that no inspector reads: named, so that a report can say which."""

_BINARY_ONLY = frozenset(
    {"picture", "video", "audio", "zip", "onnx", "tflite", "tensorrt", "pytorch", "safetensors", "coreml"}
)
"""Kinds that a text file cannot be, whatever its name says."""

_SECTION = re.compile(rb"\[[A-Za-z][\w .:-]*\][ \t]*\r?\n")
"""How an INI file begins whose name does not say so, and no JSON does."""

_WRAPPED = frozenset(
    {
        *("j2", "jinja", "jinja2", "tpl", "tmpl", "gotmpl", "template", "erb"),
        *("dist", "example", "sample", "bak", "backup"),
    }
)
"""What templates of settings, examples and backups are called: `compose.yml.j2` is YAML."""
_SETTINGS = frozenset(
    {"yaml", "json", "toml", "xml", "ini", "hcl", "dockerfile", "properties", "manifest-text", "shell"}
)

_OBJECTIVE = re.compile(rb"^[ \t]*(#[ \t]*(import|include|define|if|pragma)|@[a-z]+|//|/\*|\*)", re.MULTILINE)
_MATLAB = re.compile(
    rb"^[ \t]*(%|\.\.\.|(function|classdef|clear|close all|clc|addpath)\b|[\w.]+ *= *[^=;{\n]*;[ \t]*%?)",
    re.MULTILINE,
)
"""Two languages share the suffix `.m`: how each begins its lines."""

UNREAD_ARCHIVES = {
    "7z": "a 7-Zip archive",
    "rar": "a RAR archive",
    "cab": "a cabinet archive",
    "rpm": "a package of rpm",
    "squashfs": "a squashfs file system",
}
"""Archives that are known and not read, and what they are called: what lies inside is not tested."""
_ARCHIVE_KINDS = frozenset({"zip", "tar", "gzip", "bzip2", "xz", "zstd", *UNREAD_ARCHIVES})


UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""The marks that texts in UTF-16 begin with."""
CODE = frozenset(
    {
        *("python", "javascript", "typescript", "java", "kotlin", "scala", "swift", "objc", "c", "cpp"),
        *("csharp", "go", "rust", "php", "ruby", "shell", "dart", "lua", "matlab"),
    }
)
"""Kinds of source code: most files of most trees."""

_CONTROLS = bytes((1, 2, 3, 4, 5, 6, 14, 15, 16, 17, 18, 19, 20, 21))


def is_archive(kind: str) -> bool:
    """Whether artifacts lie inside."""
    return kind in _ARCHIVE_KINDS


def is_text(head: bytes) -> bool:
    """Whether the first bytes look like text: no NUL (unless UTF-16), few control characters."""
    if head.startswith(UTF16):
        return True
    if b"\0" in head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls * 100 <= len(head)


def classify(name: str, head: bytes) -> str:
    """Tell the kind of an artifact from its first bytes and its name.

    Args:
        name: The last part of the path.
        head: At least the first 512 bytes, or all of it.
    """
    if not head:
        return "empty"
    by_content = _by_magic(name, head)
    if by_content:
        return by_content
    by_name = _by_name(name)
    # A few zeros are no reason to look away from code: JavaScript, PHP and C run with them in a comment.
    if is_text(head) or (
        _is_textual(by_name) and head.count(0) * 100 <= len(head) and is_text(_nul_less(head))
    ):
        if by_name == "objc" and _MATLAB.search(head) and not _OBJECTIVE.search(head):
            return "matlab"
        if by_name and by_name not in _BINARY_ONLY:
            return by_name
        by_text = _by_text(head)
        return _UNREAD.get(name[name.rfind(".") :].lower(), by_text) if by_text == "text" else by_text
    if by_name in _BINARY_ONLY or by_name in ("tensorflow", "caffe", "pickle", "ncnn"):
        return by_name
    if head[:1] == b"\x80" and 2 <= head[1] <= 5:
        return "pickle"
    if name.lower().endswith(".dat"):
        return "dlib"
    if (
        head[:1] == b"\x08"
        and b"\x12" in head[:64]
        and any(w in head for w in (b"pytorch", b"onnx", b"tf2onnx"))
    ):
        return "onnx"
    return "binary"


def footage_name(name: str) -> bool:
    """Whether a file's name promises a clip or a picture."""
    return _by_name(name) in ("video", "picture")


def textual_name(name: str) -> str:
    """Give the kind of text that a file's name promises; empty where it promises none."""
    kind = _by_name(name)
    return kind if _is_textual(kind) else ""


def _is_textual(kind: str) -> bool:
    return bool(kind) and kind not in _BINARY_ONLY and kind not in _EITHER


_EITHER = frozenset({"tensorflow", "caffe", "pickle", "ncnn", "document"})
"""Kinds of which a file may be text or not."""


def _nul_less(head: bytes) -> bytes:
    return head.translate(None, b"\0")


_STARTS = tuple(magic for offset, magic, _ in _BY_MAGIC if offset == 0)
_LATER = tuple(entry for entry in _BY_MAGIC if entry[0])


def _by_magic(name: str, head: bytes) -> str:
    # Most files are text: one call says that none of the marks stands at the start.
    for offset, magic, kind in _BY_MAGIC if head.startswith(_STARTS) else _LATER:
        if head.startswith(magic, offset):
            if kind == "zip" and name.lower().endswith((".pt", ".pth", ".jit", ".torchscript")):
                return "pytorch"
            if kind == "hdf5" and name.lower().endswith(".keras"):
                return "keras"
            return kind
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in _PICTURE_BRANDS:
            return "picture"
        return "audio" if brand == b"M4A " else "video"
    if head[4:8] in (b"moov", b"mdat", b"wide", b"skip") and head[:1] in b"\0\1\2":
        return "video"
    if head[:4] == b"RIFF":
        return {b"AVI ": "video", b"WAVE": "audio", b"WEBP": "picture"}.get(head[8:12], "binary")
    if head[:1] == b"G" and len(head) > 376 and head[188] == 0x47 and head[376] == 0x47:
        return "video"
    # Camcorders put four bytes of time before each packet of 188.
    if head[4:5] == b"G" and len(head) > 388 and head[196] == 0x47 and head[388] == 0x47:
        return "video"
    return ""


def _by_name(name: str) -> str:
    lower = name.lower()
    if lower in _BY_NAME:
        return _BY_NAME[lower]
    if lower.startswith(("dockerfile.", "containerfile.")):
        return "dockerfile"
    if lower.startswith("requirements") and lower.endswith((".txt", ".in")):
        return "manifest-text"
    stem, dot, suffix = lower.rpartition(".")
    if stem and suffix in _WRAPPED:
        inner = _by_name(stem)
        return inner if inner in _SETTINGS else ""
    return _BY_SUFFIX.get(dot + suffix, "") if stem else ""


def _by_text(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"#!"):
        line = start.split(b"\n", 1)[0]
        for word, kind in (
            (b"python", "python"),
            (b"node", "javascript"),
            (b"ruby", "ruby"),
            (b"php", "php"),
            (b"perl", "perl"),
            (b"sh", "shell"),
        ):
            if word in line:
                return kind
    if start.startswith(b"<?xml"):
        return "xml"
    if start.startswith((b"<?php",)):
        return "php"
    if _SECTION.match(start):
        return "ini"
    if start[:1] in (b"{", b"["):
        return "json"
    return "text"
