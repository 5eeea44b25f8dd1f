"""Who is audited, and what it says of its own systems. Read from `scanner.toml`, repeated in the run."""

from enum import StrEnum

import msgspec

from scanner.findings.capability import Capability


class Release(StrEnum):
    """Where what a system makes goes."""

    OUTSIDE_AGENCY = "outside-agency"
    INSIDE_AGENCY = "inside-agency"


class Kept(StrEnum):
    """What a system may keep of a person after it has done its work."""

    TEMPLATE = "template"
    LANDMARK = "landmark"
    CROP = "crop"
    TRACK = "track"
    ATTRIBUTE = "attribute"


class Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is audited, and who answers for the report; `scope` is what was to be looked at, in its words."""

    name: str = ""
    scope: str = ""
    contact: str = ""
    signer: str = ""
    signer_title: str = ""


class Award(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A federal award the report is for: its identification number (FAIN), program, and assistance listing.

    ALN 16.738 is the Byrne JAG program.
    """

    fain: str
    program: str = ""
    aln: str = ""


class Exclusion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Paths (a glob) that are left out, with the reason; both stand in the report."""

    path: str
    reason: str


class System(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A system of the agency's inventory, as the agency declares it.

    `paths` are globs of the artifacts that belong to it; none means any. `retains` lists what it keeps;
    an empty list says nothing is kept, a missing one says nothing at all.
    """

    name: str
    capabilities: tuple[Capability, ...]
    vendor: str = ""
    version: str = ""
    purpose: str = ""
    paths: tuple[str, ...] = ()
    release: Release | None = None
    retains: tuple[Kept, ...] | None = None


class Level(StrEnum):
    """How a result of the inventory weighs."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class InventoryResult(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of what is declared with what was found.

    `check` is `declared`, `undeclared`, `not-found`, `version-differs` or `vendor-differs`; `system` is
    empty for what no system declares. `findings` are ids.
    """

    check: str
    level: Level
    system: str
    capability: Capability | None
    says: str
    findings: tuple[str, ...] = ()


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else published of an agency: a reason to ask, never a finding."""

    source: str
    reference: str
    agency: str
    technology: str
    vendor: str = ""
    says: str = ""


class ChecklistItem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the agency's own law or policy would have to say.

    `found` is `passage` (in a sentence that forbids), `limited-ban` (in one that forbids under a condition or
    for some purposes alone), `mentioned` (in another) or `not-found`; `line` counts lines of the text from 1.
    """

    id: str
    kind: str
    asks: str
    found: str
    passage: str = ""
    line: int | None = None


class PolicyText(msgspec.Struct, frozen=True, kw_only=True):
    """A document of the agency's, held against the verbs and objects of the policy pack."""

    file: str
    sha256: str
    items: tuple[ChecklistItem, ...]
