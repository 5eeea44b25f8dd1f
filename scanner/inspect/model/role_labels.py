"""Recognises classifiers of faces by their classes: emotions, sexes, ages; and by the shape of FER-2013."""

import re

from scanner.findings import Confidence
from scanner.inspect.model.network import Judgement, Network, picture, vector
from scanner.inspect.model.words import EMOTIONS, SEXES, analysis_said, says_face

_AGE_BAND = re.compile(r"\(?\d{1,3}\s*(?:[-–,_]|to)\s*\d{1,3}\)?\+?$|^\d{2}\+$|more than \d{2}")


def look(network: Network, name: str) -> tuple[Judgement, ...]:
    """Judge a network by the names of its classes, or the words about its outputs."""
    seen = next((p for t in network.inputs if (p := picture(t))), None)
    if network.inputs and seen is None:
        return ()
    inside = " ".join(network.words)
    labels = [label.lower().strip() for label in network.labels]
    emotions = [label for label in labels if label in EMOTIONS]
    if len(emotions) >= 3 and len(emotions) * 10 >= len(labels) * 6:
        return (
            Judgement("emotion", Confidence.HIGH, f"its classes are emotions: {', '.join(emotions[:5])}"),
        )
    if 2 <= len(labels) <= 4 and len(SEXES & set(labels)) == 2:
        return (Judgement("age-gender", Confidence.HIGH, f"its classes are {', '.join(labels)}"),)
    bands = [label for label in labels if _AGE_BAND.search(label)]
    if len(bands) >= 4 and len(bands) * 10 >= len(labels) * 8:
        sure = (
            Confidence.HIGH
            if "age" in f"{inside} {name}" or says_face(f"{inside} {name}")
            else Confidence.MEDIUM
        )
        return (Judgement("age-gender", sure, f"its classes are ages: {', '.join(bands[:4])}"),)
    return _by_words(network, inside, name)


def _by_words(network: Network, inside: str, name: str) -> tuple[Judgement, ...]:
    names = {t.name.lower() for t in network.outputs}
    if any("age" in re.split(r"[^a-z]+", n) for n in names) and any("gender" in n for n in names):
        return (
            Judgement("age-gender", Confidence.HIGH, f"its outputs are called {', '.join(sorted(names))}"),
        )
    seen = next((p for t in network.inputs if (p := picture(t))), None)
    if seen is None or not network.outputs:
        return ()
    classes = vector(network.outputs[0])
    fer = seen.channels == 1 and (seen.height, seen.width) in ((48, 48), (64, 64)) and classes in (5, 6, 7, 8)
    role = analysis_said(inside)
    if role:
        return (Judgement(role, Confidence.HIGH, f"{seen} in, and it calls itself a network for {role}"),)
    role = analysis_said(name)
    if role and (fer or 1 < classes <= 120):
        return (
            Judgement(role, Confidence.MEDIUM, f"{seen} in, {classes} classes out, and the file is named so"),
        )
    if fer and classes == 7:
        sure = Confidence.MEDIUM if seen.height == 48 else Confidence.LOW
        return (Judgement("emotion", sure, f"{seen} in, 7 classes out, as FER-2013 has"),)
    return ()
