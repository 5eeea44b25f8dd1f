"""What the engine must know of each language: its grammar, and which nodes are comments, strings, imports.

Nothing else differs: receivers, arguments and assignments are read alike in all of them.
"""

import importlib
from dataclasses import dataclass
from functools import cache

from tree_sitter import Language, Parser

COMMENTS = frozenset(
    {
        "comment",
        "line_comment",
        "block_comment",
        "multiline_comment",
        "html_comment",
        "documentation_comment",
    }
)
STRINGS = frozenset(
    {
        "string",
        "string_literal",
        "template_string",
        "interpreted_string_literal",
        "raw_string_literal",
        "line_string_literal",
        "multi_line_string_literal",
        "multiline_string_literal",
        "raw_string",
        "encapsed_string",
        "interpolated_string_expression",
        "verbatim_string_literal",
        "concatenated_string",
        "heredoc",
        "heredoc_body",
        "nowdoc",
        "char_literal",
        "bare_string",
        "bare_symbol",
    }
)
SHELL_STRINGS = STRINGS | {"word", "concatenation"}
HOLES = frozenset(
    {"interpolation", "template_substitution", "interpolated_expression", "command_substitution"}
)
SILENT = frozenset({"jsx_text", "text", "regex", "regex_pattern", "regex_literal"})
"""Leaves that are neither names nor values."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """One language.

    Attributes:
        name: As in `scanner.discover.kind`.
        grammar: Module of the grammar's wheel, and the function in it.
        imports: Node types that bring names in; `call` never stands here (see `required`).
        words_are_values: In a shell every bare word is a string.
        required: A function whose call imports (`require`).
    """

    name: str
    grammar: tuple[str, str]
    imports: frozenset[str] = frozenset()
    words_are_values: bool = False
    required: str = ""

    @property
    def strings(self) -> frozenset[str]:
        """Node types that are values of text."""
        return SHELL_STRINGS if self.words_are_values else STRINGS

    def language(self) -> Language:
        """Give the grammar."""
        return _language(*self.grammar)

    def parser(self) -> Parser:
        """Give a new parser."""
        return Parser(self.language())


@cache
def _language(module: str, function: str) -> Language:
    return Language(getattr(importlib.import_module(module), function)())


def _syntax(
    name: str, module: str, *imports: str, function: str = "language", words: bool = False, required: str = ""
) -> Syntax:
    return Syntax(name, (f"tree_sitter_{module}", function), frozenset(imports), words, required)


_JS = ("import_statement", "export_statement")

SYNTAXES: dict[str, Syntax] = {
    s.name: s
    for s in (
        _syntax("python", "python", "import_statement", "import_from_statement"),
        _syntax("javascript", "javascript", *_JS, required="require"),
        _syntax("typescript", "typescript", *_JS, function="language_typescript", required="require"),
        _syntax("tsx", "typescript", *_JS, function="language_tsx", required="require"),
        _syntax("java", "java", "import_declaration"),
        _syntax("kotlin", "kotlin", "import"),
        _syntax("scala", "scala", "import_declaration"),
        _syntax("dart", "dart", "import_or_export"),
        _syntax("lua", "lua", required="require"),
        _syntax("matlab", "matlab"),
        _syntax("swift", "swift", "import_declaration"),
        _syntax("objc", "objc", "preproc_include", "module_import"),
        _syntax("c", "c", "preproc_include"),
        _syntax("cpp", "cpp", "preproc_include", "using_declaration", "namespace_alias_definition"),
        _syntax("csharp", "c_sharp", "using_directive"),
        _syntax("go", "go", "import_spec"),
        _syntax("rust", "rust", "use_declaration", "extern_crate_declaration"),
        _syntax("php", "php", "namespace_use_declaration", function="language_php"),
        _syntax("ruby", "ruby", required="require"),
        _syntax("shell", "bash", words=True),
    )
}


def family(language: str) -> str:
    """Give the language that rules name: a rule for `javascript` is one for TypeScript too."""
    return {
        "typescript": "javascript",
        "tsx": "javascript",
        "c": "cpp",
        "kotlin": "java",
        "scala": "java",
    }.get(language, language)
