"""What is flagged in a ledger: one rule, one question, one citation. A flag asks a person; it accuses nobody.

18 U.S.C. 2702 and 2703 bind providers of electronic communication and remote computing services to the
public. Whether a provider is one is not for us to say: the rules hold a record against the ground that it
claims itself.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanner.disclosures.control import FAIL, WARN
from scanner.disclosures.ledger import Audio, Downstream, Holds, Record, before, day, moment
from scanner.findings import Basis, Flag

_PRACTICE = "record keeping; no statute is claimed"
_EMERGENCY = "18 U.S.C. 2702(b)(8) for contents, (c)(4) for records"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a record is held against.

    Args:
        as_of: The day of the check; a follow-up that is not due yet is not missing.
        follow_up_days: Within how many days an emergency should be followed up by process.
        clips: SHA-256 of the clips known to the agency; None where no inventory was given.
    """

    as_of: dt.date
    follow_up_days: int = 7
    clips: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A question to a record: `ask` gives the reason to flag it, or nothing."""

    id: str
    weight: str
    about: str
    citation: str
    ask: Callable[[Record, Terms], str]


def flags_of(record: Record, terms: Terms) -> Iterator[Flag]:
    """Ask every rule of one record."""
    for rule in RULES:
        if reason := rule.ask(record, terms):
            yield Flag(
                rule=rule.id, weight=rule.weight, record=record.id, reason=reason, citation=rule.citation
            )


def _emergency(record: Record) -> bool:
    return record.basis is Basis.EMERGENCY


def _no_facts(record: Record, _: Terms) -> str:
    if _emergency(record) and len(record.facts.split()) < 3:
        return "an emergency is claimed, and no facts are recorded that show danger to anyone"
    return ""


def _no_form(record: Record, _: Terms) -> str:
    return "no hash of the emergency request form" if _emergency(record) and not record.form_sha256 else ""


def _no_decider(record: Record, _: Terms) -> str:
    if _emergency(record) and not (record.approver and record.decided_at):
        return "nobody is recorded who believed in the emergency, or not when"
    return ""


def _content_on_subpoena(record: Record, _: Terms) -> str:
    if record.basis is Basis.SUBPOENA and record.holds is not Holds.RECORDS:
        return "contents were given on a subpoena"
    return ""


def _before_decided(record: Record, _: Terms) -> str:
    if record.decided_at and before(moment(record.disclosed_at), moment(record.decided_at)):
        return "it was disclosed before it was decided"
    return ""


def _before_requested(record: Record, _: Terms) -> str:
    if before(moment(record.disclosed_at), moment(record.requested_at)):
        return "it was disclosed before it was requested"
    return ""


def _same_person(record: Record, _: Terms) -> str:
    if record.requester and record.requester.casefold() == record.approver.casefold():
        return "who asked also approved"
    return ""


def _unverified(record: Record, _: Terms) -> str:
    if record.basis is not Basis.CONSENT and record.requester_verified.casefold() in (
        "",
        "no",
        "none",
        "false",
    ):
        return "nothing says how the requester was verified"
    return ""


def _no_process(record: Record, _: Terms) -> str:
    asked = (Basis.WARRANT, Basis.SUBPOENA, Basis.COURT_ORDER)
    if record.basis in asked and not record.process:
        return f"a {record.basis.value.replace('-', ' ')} is claimed, and none is named"
    return ""


def _wide_window(record: Record, _: Terms) -> str:
    start, end = record.window_start, record.window_end
    first, last = record.justified_start, record.justified_end
    early = bool(start and first and before(moment(start), moment(first)))
    late = bool(end and last and before(moment(last), moment(end)))
    if early or late:
        side = (
            "starts before and ends after" if early and late else "starts before" if early else "ends after"
        )
        return f"the footage {side} what the ground covers"
    return ""


def _window_unstated(record: Record, _: Terms) -> str:
    content = record.holds is not Holds.RECORDS
    if content and not (
        record.window_start and record.window_end and record.justified_start and record.justified_end
    ):
        return "the stretch given, or the stretch justified, is not recorded"
    return ""


def _no_follow_up(record: Record, terms: Terms) -> str:
    if not _emergency(record):
        return ""
    due = day(moment(record.disclosed_at)) + dt.timedelta(days=terms.follow_up_days)
    if record.follow_up_at:
        followed = day(moment(record.follow_up_at))
        return f"followed up {(followed - due).days} days late" if followed > due else ""
    if terms.as_of > due:
        return f"no process followed within {terms.follow_up_days} days"
    return ""


def _no_notice(record: Record, _: Terms) -> str:
    if record.basis is not Basis.CONSENT and not (record.owner_notified_at or record.delay_order):
        return "the owner was not told, and no order delays it"
    return ""


def _audio_unstated(record: Record, _: Terms) -> str:
    if record.holds is not Holds.RECORDS and record.audio is None:
        return f"whether sound went along is not said ({', '.join(Audio)})"
    return ""


def _unknown_clip(record: Record, terms: Terms) -> str:
    if terms.clips is None or record.holds is Holds.RECORDS:
        return ""
    if not record.clips:
        return "no hash of what was given, so it cannot be found in the inventory of clips"
    unknown = [c for c in record.clips if c not in terms.clips]
    if unknown:
        return f"{len(unknown)} of {len(record.clips)} clips not in the inventory (first {unknown[0][:12]}…)"
    return ""


def _recognition(record: Record, _: Terms) -> str:
    if record.downstream_recognition is Downstream.USED:
        return "recognition was run on it after it was given"
    return ""


def _recognition_unstated(record: Record, _: Terms) -> str:
    content = record.holds is not Holds.RECORDS
    if content and record.downstream_recognition in (None, Downstream.UNKNOWN):
        return "whether recognition was run on it is not known"
    return ""


RULES: tuple[Rule, ...] = (
    Rule("emergency-without-facts", FAIL, "An emergency without recorded facts", _EMERGENCY, _no_facts),
    Rule("emergency-without-form", FAIL, "An emergency without the hash of its form", _PRACTICE, _no_form),
    Rule("emergency-without-decider", FAIL, "An emergency that nobody decided", _EMERGENCY, _no_decider),
    Rule(
        "content-on-subpoena",
        FAIL,
        "Contents given on a mere subpoena",
        "18 U.S.C. 2703(a) asks a warrant for contents stored for 180 days or less; (b)(1)(B) asks more "
        "than a subpoena alone",
        _content_on_subpoena,
    ),
    Rule("disclosed-before-decided", FAIL, "Disclosed before it was decided", _PRACTICE, _before_decided),
    Rule(
        "disclosed-before-requested", FAIL, "Disclosed before it was asked for", _PRACTICE, _before_requested
    ),
    Rule("requester-is-approver", FAIL, "Who asked also approved", "separation of duties", _same_person),
    Rule("requester-unverified", FAIL, "The requester was not verified", _PRACTICE, _unverified),
    Rule(
        "process-unnamed", FAIL, "A warrant, subpoena or order is claimed, none named", _PRACTICE, _no_process
    ),
    Rule(
        "window-too-wide",
        FAIL,
        "More footage than the ground covers",
        "18 U.S.C. 2702(b)(8): communications relating to the emergency; else the terms of the process",
        _wide_window,
    ),
    Rule(
        "recognition-downstream",
        FAIL,
        "Recognition was run on what was given",
        "S.681 (118th, proposed) sec. 3(a)(2): information derived from a system operated by another entity",
        _recognition,
    ),
    Rule(
        "window-unstated", WARN, "The stretch given or justified is not recorded", _PRACTICE, _window_unstated
    ),
    Rule(
        "no-follow-up",
        WARN,
        "An emergency that no process followed in time",
        "the agency's own term; 18 U.S.C. 2702 sets none",
        _no_follow_up,
    ),
    Rule(
        "no-owner-notice",
        WARN,
        "The owner was not told, and no order delays it",
        "18 U.S.C. 2703(b)(1)(B) asks notice where there is no warrant; with one it is practice",
        _no_notice,
    ),
    Rule("audio-unstated", WARN, "Whether sound went along is not said", _PRACTICE, _audio_unstated),
    Rule("clip-unknown", WARN, "A clip that the inventory does not know", _PRACTICE, _unknown_clip),
    Rule(
        "recognition-unstated",
        WARN,
        "Whether recognition was run on it is not known",
        "S.681 (118th, proposed) sec. 3(a)(2)",
        _recognition_unstated,
    ),
)

COUNT_DIFFERS = "count-differs"
COUNT_CITATION = "the vendor's own transparency report"
