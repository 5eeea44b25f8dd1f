"""One line of an exemption log: what of a clip was withheld or left visible, when, why, and who said so."""

import msgspec


class Exemption(msgspec.Struct, frozen=True):
    """What was done to a span of a clip.

    Times are in seconds from the beginning of the clip; `end_s` is None at its end. `treatment` is `covered`,
    `cover changed`, `left visible` or `muted`; `at` is RFC 3339 in UTC. `by` and `at` are empty where a
    machine did it, or where nobody gave a name.
    """

    start_s: float
    end_s: float | None
    what: str
    treatment: str
    basis: str
    by: str = ""
    at: str = ""
