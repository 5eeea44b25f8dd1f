"""Reads and writes clips. The only package that imports `av`.

Facts that shape it: decoded frames may be shared with the decoder, so they are copied before anything is
drawn; the display matrix is given and not applied, and has to be set again; the demuxer already hides what
an edit list hides, so that hidden pre-roll is never decoded into a redaction.
"""

from scanner.footage.media.copying import copy
from scanner.footage.media.messages import messages
from scanner.footage.media.reading import Frame, compare_streams, frames, probe
from scanner.footage.media.sampling import sampled
from scanner.footage.media.splicing import splice, survey
from scanner.footage.media.writing import Paint, Target, rewrite

__all__ = [
    "Frame",
    "Paint",
    "Target",
    "compare_streams",
    "copy",
    "frames",
    "messages",
    "probe",
    "rewrite",
    "sampled",
    "splice",
    "survey",
]
