"""What a run says of its clips: how each was looked at, how much of it shows a face; what a sample bounds."""

from scanner.findings import Bound, Capability, Looked, Run, Sample
from scanner.report import content
from scanner.report.sections import Section, grid_of


def footage_sections(run: Run) -> list[Section]:
    """Give the parts that this run holds."""
    return [section for section in (_sample(run.sample), _clips(run.footage)) if section]


def _clips(clips: tuple[Looked, ...]) -> Section | None:
    """One line a clip, those with most visible time first."""
    if not clips:
        return None
    showing = sum(c.with_face > 0 for c in clips)
    ordered = sorted(clips, key=lambda c: (-c.visible_s, -c.with_face, c.path))
    return Section(
        "clips",
        "Clips looked at",
        [
            f"{content.count(len(clips), 'clip')}, {content.seconds(sum(c.duration_s for c in clips))} "
            f"in all; a face can be seen in {showing:,}. {_depth(clips)}"
        ],
        grid_of(
            "Clips",
            (
                "Clip",
                "Face visible",
                "Frames with a face",
                "Largest face",
                "Looked at",
                "Record of redaction",
            ),
            (_row(c) for c in ordered),
        ),
    )


def _depth(clips: tuple[Looked, ...]) -> str:
    if all(c.depth == "full" for c in clips):
        return "Every frame was decoded, and looked at where something moved."
    longest = max(c.longest_gap_s for c in clips)
    return (
        "Key frames were looked at, and two frames a second where key frames are rare; "
        f"a face that is there for less than {max(longest, 0.5):.1f} s may have been missed (--footage full)."
    )


def _row(clip: Looked) -> tuple[str, ...]:
    return (
        clip.path,
        f"{content.seconds(clip.visible_s)} of {content.seconds(clip.duration_s)}, "
        f"{content.count(clip.appearances, 'appearance')}, {clip.most_at_once} at once"
        if clip.with_face
        else "no face seen",
        f"{clip.with_face:,} of {clip.frames:,} ({_percent(clip.with_face / clip.frames)})"
        if clip.with_face
        else f"0 of {clip.frames:,}",
        f"{clip.largest_px} pixels, {_percent(clip.largest_share)} of the picture"
        if clip.largest_px
        else "–",
        f"{clip.looks:,} looks, at most {clip.longest_gap_s:.1f} s unseen",
        clip.record or "none here",
    )


def _sample(drawn: Sample | None) -> Section | None:
    """What was drawn, and what follows for the rest, in words that need no statistics."""
    if drawn is None:
        return None
    confidence = f"{100 * drawn.confidence:g} %"
    return Section(
        "sample",
        "Sample",
        [
            f"{drawn.drawn:,} of {content.count(drawn.population, 'clip')} were drawn and inspected; the "
            f"others are listed as not tested. Seed: {drawn.seed}. "
            + (f"Asked for: at most {_percent(drawn.limit)} of the clips." if drawn.limit else ""),
            "How to read it: were such draws repeated, the stated ceiling would hold in at least "
            f"{confidence} of them. It bounds what this inspection would find in all clips, "
            "not what it may miss, and each "
            "line holds by itself. Clips inside archives are inspected and are no part of the sample.",
        ],
        grid_of(
            f"What the sample says of all clips, with {confidence} confidence",
            ("Shown", "Clips drawn that show it", "Drawn and unread", "Of all clips at most"),
            (_bound(b, drawn) for b in drawn.bounds),
            1,
            2,
        ),
    )


def sample_in_short(drawn: Sample) -> str:
    """Say in a line what was drawn and what it bounds: what was seen, and visible faces in any case."""
    told = [b for b in drawn.bounds if b.hits or b.unread or b.capability is Capability.FACE_VISIBLE]
    said = "; ".join(
        f"{content.CAPABILITY_WORDS[b.capability].lower()} in {b.hits:,} of them, in all at most {b.upper:,} "
        f"({_percent(b.share)})"
        for b in told
    )
    return (
        f"{drawn.drawn:,} of {content.count(drawn.population, 'clip')} drawn with seed {drawn.seed}; "
        f"with {100 * drawn.confidence:g} % confidence: {said}"
    )


def _bound(bound: Bound, drawn: Sample) -> tuple[str, ...]:
    return (
        content.CAPABILITY_WORDS[bound.capability],
        f"{bound.hits:,} of {drawn.drawn:,}",
        f"{bound.unread:,}",
        f"{bound.upper:,} of {drawn.population:,} ({_percent(bound.share)})",
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
