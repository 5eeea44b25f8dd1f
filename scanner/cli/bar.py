"""A line on the terminal that says how far a redaction is; nothing where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from scanner.cli import printable
from scanner.footage.order import Step


@contextmanager
def bar(name: str, console: Console) -> Iterator[Callable[[Step], None]]:
    """Give a callback that shows steps: what is done, frames, how many a second, time left, faces.

    Args:
        name: What is redacted.
        console: Where; a pipe stays silent.
    """
    if not console.is_terminal or console.quiet:
        yield lambda _step: None
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bars:
        task = bars.add_task(printable(name), total=None)
        doing = ""

        def tell(step: Step) -> None:
            nonlocal doing
            if step.doing != doing:
                doing = step.doing
                bars.reset(task)
            bars.update(task, completed=step.done, total=step.total or None)
            speed = bars.tasks[0].speed
            bars.update(task, description=_sentence(printable(name), step, speed or 0))

        yield tell


def _sentence(name: str, step: Step, speed: float) -> str:
    frames = f"{step.done} of {step.total} frames" if step.total else f"{step.done} frames"
    pace = f", {speed:.0f} a second" if speed else ""
    faces = f", {step.faces} face{'' if step.faces == 1 else 's'}"
    return f"{name}: {step.doing}, {frames}{pace}{faces}"
