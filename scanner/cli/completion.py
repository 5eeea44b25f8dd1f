"""`scanner completion`: the script that completes verbs, options and file names in a shell."""

import click
from click.shell_completion import get_completion_class

from scanner.cli import cli
from scanner.errors import Exit, UsageError

SHELLS = ("bash", "zsh", "fish")
_CALLED = ("== loadautofunc ]]", "== (loadautofunc|shfunc) ]]")
"""Click's script knows the call of a script that zsh just loaded; the second call of a session is another."""


@click.command("completion", short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(SHELLS), metavar="|".join(SHELLS))
def command(shell: str) -> int:
    """Print the script that completes verbs, options and file names in SHELL. It is read once a session.

    \b
    Examples:
      scanner completion bash > ~/.local/share/bash-completion/completions/scanner
      scanner completion zsh > ~/.zfunc/_scanner
      scanner completion fish > ~/.config/fish/completions/scanner.fish
    """
    made = get_completion_class(shell)
    if made is None:
        raise UsageError(f"There is no completion for {shell}.", f"Known are {', '.join(SHELLS)}.")
    source = made(cli, {}, "scanner", "_SCANNER_COMPLETE").source()
    if shell == "zsh":
        source = source.replace(*_CALLED)
    click.echo(source)
    return Exit.OPEN
