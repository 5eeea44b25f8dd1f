"""What messages and timed data of a clip tell of faces, by their words; no value is kept."""

import re
from collections import Counter
from collections.abc import Iterable

from scanner.inspect.metadata.tag import Tag

_FACE = re.compile(
    rb"\bface(s|[_ -]?(id|detail|detection|rect|box|bounds|landmark|match|attribute)e?s?)?\b", re.I
)
_PLACE = re.compile(rb"\b(bbox|bounding[_ -]?box|box|rect|roi|region|left|x1?|xmin|polygon)\b", re.I)
_WHO = re.compile(
    rb"\b(face[_ -]?match(es)?|person[_ -]?(id|name)|subject[_ -]?(id|name)|identity|similarity|"
    rb"external[_ -]?image[_ -]?id|watch[_ -]?list|recogni[sz]ed)\b",
    re.I,
)


def told(messages: Iterable[tuple[str, bytes]]) -> list[Tag]:
    """Give one tag a kind: places of faces (`sei:faces`), and whose they are (`sei:identities`)."""
    counts: Counter[str] = Counter()
    for kind, data in messages:
        if _FACE.search(data) and _PLACE.search(data):
            counts[f"{kind}:faces"] += 1
        if _FACE.search(data) and _WHO.search(data):
            counts[f"{kind}:identities"] += 1
    where = {
        "sei": "among the pictures (supplemental enhancement information)",
        "id3": "in timed ID3 tags",
        "data": "in a data track",
    }
    return [Tag(name, count=n, remark=where[name.partition(":")[0]]) for name, n in sorted(counts.items())]
