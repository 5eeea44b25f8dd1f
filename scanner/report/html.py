"""HTML: one file that opens offline, prints well, and holds no picture of anything that was inspected.

Style and script are inline and named by their hashes in the page's content security policy, which allows
nothing else: whatever a hostile name smuggles in cannot run, load or send.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from scanner.findings import Run
from scanner.report import content, guide, page


def render(run: Run) -> bytes:
    """Write the page."""
    style = _asset("report.css") + _running_header(run)
    script = _asset("report.js")
    text = (
        _environment()
        .get_template("report.html.j2")
        .render(
            page=page.page_of(run),
            run=run,
            style=Markup(style),  # noqa: S704 - ours; the running header in it is escaped for CSS
            script=Markup(script),  # noqa: S704 - ours
            policy=f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
            "base-uri 'none'; form-action 'none'",
        )
    )
    return text.encode()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("scanner.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters.update(
        day=content.moment,
        path=_path,
        place=content.place,
        where=content.where,
        squeezed=content.squeezed,
        cut=content.cut,
        seconds=content.seconds,
        size=content.size,
        number=lambda value: f"{value:,}",
        pointer=lambda key: quote(key.replace("~", "~0").replace("/", "~1"), safe=" ~!$&'()*+,;=:@"),
    )
    environment.globals.update(
        count=content.count,
        guide=guide,
        results=content.RESULT_WORDS,
        result_count=content.result_count,
        capabilities=content.CAPABILITY_WORDS,
        meanings=content.CAPABILITY_MEANING,
        by_confidence=content.by_confidence,
        policy_line=content.policy_line,
        disclaimer=content.DISCLAIMER,
        nothing_found=content.NOTHING_FOUND,
    )
    return environment


def _shown(value: Any) -> Any:
    """The one guard that every text on the page passes, besides escaping."""
    return content.plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _path(text: str) -> Markup:
    """Let a path break after its slashes rather than within a name."""
    return escape(content.plain(text)).replace("/", Markup("/<wbr>"))


def _asset(name: str) -> str:
    return (files("scanner.report") / "templates" / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _running_header(run: Run) -> str:
    """Name the policy and its status in the margin of every printed page."""
    left, right = _css_string(content.policy_line(run)), _css_string(f"{run.tool.name} {run.tool.version}")
    return f"@page{{@top-left{{content:{left}}}@bottom-left{{content:{right}}}}}\n"


def _css_string(text: str) -> str:
    """Quote for CSS: everything but letters, digits and blanks by its code point."""
    text = content.cut(content.plain(content.squeezed(text)), 160)
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x} " for c in text) + '"'
