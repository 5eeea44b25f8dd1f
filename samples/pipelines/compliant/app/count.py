"""Counts vehicles and people who pass a line, from moving outlines alone."""

import sys

import av
import cv2
import numpy as np


def moving(path: str, smallest: int = 600) -> int:
    """Return how many moving outlines of at least `smallest` pixels crossed the middle of the picture."""
    background = cv2.createBackgroundSubtractorMOG2(history=300, detectShadows=False)
    crossed = 0
    with av.open(path) as container:
        for frame in container.decode(video=0):
            mask = background.apply(frame.to_ndarray(format="gray"))
            mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
            outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            for outline in outlines:
                x, _, w, _ = cv2.boundingRect(outline)
                if cv2.contourArea(outline) >= smallest and x < frame.width // 2 < x + w:
                    crossed += 1
    return crossed


if __name__ == "__main__":
    print(moving(sys.argv[1]))
