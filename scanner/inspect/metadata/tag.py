"""What every reader of metadata gives: which tag, where, how often, and whether a name stands with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    """One kind of tag seen in one file.

    Attributes:
        signal: What rules match (`xmp:mwg-rs:Name`).
        pointer: Where in the metadata, as a path; never a value.
        count: How often.
        remark: What the reader should know; never a person's name.
    """

    signal: str
    pointer: str = ""
    count: int = 1
    remark: str = ""
