"""Our catalogue's signals of source code as semgrep rules, so that both tools look for the same things.

Calls become patterns with the receiver left open where ours is, imports the language's import statement,
strings regular expressions. Names and symbols, for which semgrep has no cheap form, are left out: its set is
the smaller.
"""

import json
import re
from collections.abc import Iterator

from scanner.rules import load_rules
from scanner.rules.model import CallSignal, ImportSignal, StringSignal

_LANGUAGES = ("python", "javascript", "java", "php", "go", "ruby", "csharp")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*\Z")
_IMPORT = {
    "python": "import {}",
    "javascript": 'import $X from "{}"',
    "java": "import {};",
    "go": 'import "{}"',
    "csharp": "using {};",
}


def of_catalogue() -> str:
    """Give a rule file (JSON, which is YAML) with one rule a language, and one of strings for them all."""
    made = []
    for language in _LANGUAGES:
        patterns = list(dict.fromkeys(_patterns(language)))
        spoken = [language, "typescript"] if language == "javascript" else [language]
        made.append(_rule(language, spoken, [{"pattern": p} for p in patterns]))
    strings = [s for _, signal in load_rules().signals(StringSignal) for s in signal.match]
    made.append(_rule("strings", ["regex"], [{"pattern-regex": s} for s in dict.fromkeys(strings)]))
    return json.dumps({"rules": made})


def _rule(name: str, languages: list[str], either: list[dict[str, str]]) -> dict[str, object]:
    return {
        "id": name,
        "languages": languages,
        "severity": "WARNING",
        "message": "biometric processing",
        "pattern-either": either,
    }


def _patterns(language: str) -> Iterator[str]:
    rules = load_rules()
    spoken = {"any", language}
    for _, call in rules.signals(CallSignal):
        for name in call.match if call.language in spoken else ():
            bare = name.rsplit(").", 1)[-1].lstrip(".*/")
            if _NAME.match(bare):
                end = ";" if language in ("java", "php", "csharp") else ""
                dot = "->" if language == "php" else "."
                receiver = f"$X{dot}" if bare != name else ""
                yield f"{receiver}{bare.replace('.', dot)}(...){end}"
    for _, imported in rules.signals(ImportSignal):
        if imported.language in spoken and language in _IMPORT:
            for module in imported.match:
                if language in ("javascript", "go") or _NAME.match(module):
                    yield _IMPORT[language].format(module)
