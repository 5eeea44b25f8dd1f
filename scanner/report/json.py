"""JSON: the run itself, the file that every other report is made from."""

from scanner.findings import Run, to_json


def render(run: Run) -> bytes:
    """Encode the run as `docs/schema/run.schema.json` describes it."""
    return to_json(run)
