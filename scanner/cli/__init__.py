"""The command line: one thin file a verb, loaded only when it is called."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from scanner import __version__
from scanner.errors import Exit, ScannerError

VERBS: dict[str, str] = {
    "scan": "Inspect pipelines and footage, and report control by control.",
    "blur": "Cover every face in clips and pictures before release.",
    "review": "Check redactions in the browser before release.",
    "verify": "Check a redacted clip against its manifest and original.",
    "report": "Make reports of an earlier run.",
    "explain": "Say why a control or a finding stands as it does.",
    "disclosures": "Check a ledger of footage given to law enforcement.",
    "rules": "List, show and test the rules.",
    "policy": "List, show and check the policy packs.",
    "models": "List and check the detectors' weights.",
    "init": "Write a commented scanner.toml, and the CI file of your forge.",
    "doctor": "Say what is installed, what is missing and how to bring it.",
    "completion": "Print the completion script of a shell.",
    "man": "Print the manual page.",
}


class _Verbs(click.Group):
    """Imports a verb's module on first use, so that `scanner scan` never loads a video library."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"scanner.cli.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete verbs from the table, so that a press of Tab imports none of them."""
        verbs = [
            CompletionItem(name, help=text) for name, text in VERBS.items() if name.startswith(incomplete)
        ]
        return verbs + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="scanner")
def cli() -> None:
    """Show that cameras do not recognise people, and cover faces in footage before release.

    \b
    Exit codes, the same for every verb:
      0  done, and the gate is open
      1  the gate is closed: a control is not satisfied, or a redaction failed verification
      2  the command line, or a file you wrote for scanner, is wrong
      3  incomplete: some input could not be read or processed; it is listed
    """


def main(args: Sequence[str] | None = None) -> Any:
    """Run a verb and turn every error into one sentence and an exit code; never a traceback."""
    try:
        code = cli.main(args=args, prog_name="scanner", standalone_mode=False)
    except click.exceptions.Abort:
        _say("interrupted; nothing half-written was left behind.")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(Exit.USAGE)
    except ScannerError as error:
        _say(str(error))
        sys.exit(error.exit)
    except BrokenPipeError:
        # The reader of our output left; that is its good right.
        sys.stderr.close()
        sys.exit(Exit.OPEN)
    except OSError as error:
        _say(f"{error.filename or 'the system'}: {error.strerror or error}.")
        sys.exit(Exit.INCOMPLETE)
    sys.exit(code if isinstance(code, int) else Exit.OPEN)


def _say(sentence: str) -> None:
    click.echo(f"scanner: {printable(sentence)}", err=True)


def printable(text: str) -> str:
    """Make a line safe for a terminal: no control characters, no escape, no second line from a file name."""
    return "".join(c if c.isprintable() or c == "\t" else "�" for c in text)
