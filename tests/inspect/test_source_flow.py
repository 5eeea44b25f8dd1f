"""Purpose by data flow: what a detector finds is only covered, or it is not, and the note says why."""

# ruff: noqa: E501 - code under test reads best as it stands

import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence, Finding
from scanner.inspect.gather import gather
from scanner.inspect.source.inspector import SourceInspector
from scanner.rules import load_rules

CASCADE = """\
import cv2
cascade = cv2.CascadeClassifier(cv2.data.haarcascades + "haarcascade_frontalface_default.xml")
frame = cv2.imread("in.jpg")
"""


def found(folder: Path, code: str, name: str = "clip.py") -> list[Finding]:
    path = folder / name
    path.write_text(code)
    artifact = Artifact(name, local=path)
    return gather(artifact, SourceInspector().inspect(artifact, load_rules()))


def capabilities(findings: list[Finding]) -> set[Capability]:
    return {f.capability for f in findings if f.confidence is not Confidence.LOW}


def notes(findings: list[Finding]) -> str:
    return " | ".join(sorted({e.note for f in findings for e in f.evidence if e.note}))


def program(code: str) -> str:
    return CASCADE + textwrap.dedent(code)


REDACTS = {
    "a slice is blurred in place": """
        for (x, y, w, h) in cascade.detectMultiScale(frame, 1.1, 5):
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
        cv2.imwrite("out.jpg", frame)
    """,
    "in steps, through variables that are bound anew": """
        faces = cascade.detectMultiScale(frame)
        print("faces:", len(faces))
        for face in faces:
            x, y, w, h = (int(v) for v in face)
            roi = frame[y:y+h, x:x+w]
            if roi.size == 0:
                continue
            roi = cv2.medianBlur(roi, 51)
            frame[y:y+h, x:x+w] = roi
        cv2.imwrite("out.jpg", frame)
    """,
    "every branch covers": """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if sys.argv[1] == "blur":
                frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
            elif sys.argv[1] == "box":
                cv2.rectangle(frame, (x, y), (x + w, y + h), (0, 0, 0), -1)
            else:
                frame[y:y+h, x:x+w] = 0
    """,
    "pixelated: scaled down and up": """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            face = frame[y:y+h, x:x+w]
            small = cv2.resize(face, (8, 8), interpolation=cv2.INTER_LINEAR)
            frame[y:y+h, x:x+w] = cv2.resize(small, (w, h), interpolation=cv2.INTER_NEAREST)
    """,
    "filled with cv2.FILLED, an outline besides": """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.rectangle(frame, (x, y), (x+w, y+h), (0, 255, 0), 2)
            cv2.ellipse(frame, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, (0, 0, 0), cv2.FILLED)
    """,
    "through functions of the file": """
        def find(picture):
            return cascade.detectMultiScale(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))

        def hide(region, strength=31):
            return cv2.GaussianBlur(region, (strength, strength), 0)

        def redact(picture):
            for (x, y, w, h) in find(picture):
                picture[y:y+h, x:x+w] = hide(picture[y:y+h, x:x+w])
            return picture

        if __name__ == "__main__":
            cv2.imwrite("out.jpg", redact(frame))
    """,
    "through a class and its attributes": """
        class Redactor:
            def __init__(self):
                self._cascade = cv2.CascadeClassifier("haarcascade_frontalface_alt.xml")
                self._boxes = []

            def _look(self, picture):
                self._boxes = list(self._cascade.detectMultiScale(picture))

            def redact(self, picture):
                self._look(picture)
                for x, y, w, h in self._boxes:
                    cv2.rectangle(picture, (x, y), (x + w, y + h), (0, 0, 0), thickness=-1)
                return picture
    """,
    "a list of boxes collected first": """
        boxes = []
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            boxes.append((x - 5, y - 5, w + 10, h + 10))
        big = [b for b in boxes if b[2] > 20]
        for i, (x, y, w, h) in enumerate(big):
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (30, 30))
    """,
    "a mask and where": """
        import numpy as np
        mask = np.zeros(frame.shape, dtype=np.uint8)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.rectangle(mask, (x, y), (x + w, y + h), (255, 255, 255), -1)
        out = np.where(mask == 255, cv2.GaussianBlur(frame, (75, 75), 0), frame)
        cv2.imwrite("out.jpg", out)
    """,
    "soft edges": """
        import numpy as np
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            roi = frame[y:y+h, x:x+w]
            mask = np.zeros((h, w), np.float32)
            cv2.circle(mask, (w // 2, h // 2), w // 2, 1.0, -1)
            hidden = cv2.GaussianBlur(roi, (61, 61), 0)
            frame[y:y+h, x:x+w] = (hidden * mask + roi * (1.0 - mask)).astype(np.uint8)
    """,
    "Pillow: crop, filter, paste": """
        from PIL import Image, ImageFilter
        picture = Image.fromarray(frame)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            part = picture.crop((x, y, x + w, y + h)).filter(ImageFilter.GaussianBlur(25))
            picture.paste(part, (x, y))
        picture.save("out.png")
    """,
    "Pillow: a filled rectangle": """
        from PIL import Image, ImageDraw
        picture = Image.fromarray(frame)
        draw = ImageDraw.Draw(picture)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            draw.rectangle([x, y, x + w, y + h], fill="black")
        picture.save("out.png")
    """,
    "masked pictures added": """
        import numpy as np
        mask = np.zeros(frame.shape[:2], np.uint8)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.circle(mask, (x + w // 2, y + h // 2), w, 255, -1)
        front = cv2.bitwise_and(cv2.blur(frame, (75, 75)), cv2.blur(frame, (75, 75)), mask=mask)
        back = cv2.bitwise_and(frame, frame, mask=cv2.bitwise_not(mask))
        cv2.imwrite("out.jpg", cv2.add(front, back))
    """,
    "ffmpeg is told to": """
        import subprocess
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            subprocess.run(["ffmpeg", "-i", "in.mp4", "-vf", f"delogo=x={x}:y={y}:w={w}:h={h}", "out.mp4"])
    """,
    "options do not lead off the path": """
        import argparse
        ap = argparse.ArgumentParser()
        ap.add_argument("--face-model", default="face_detection_yunet_2023mar.onnx")
        ap.add_argument("--output")
        args = ap.parse_args()
        finder = cv2.FaceDetectorYN.create(args.face_model, "", (320, 320))
        _, faces = finder.detect(frame)
        for face in faces if faces is not None else []:
            x, y, w, h = face[:4].astype(int)
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (0, 0), 20)
        cv2.imwrite(args.output, frame)
    """,
}  # fmt: skip

STAYS = {
    "Pillow: an outline": ("", """
        from PIL import Image, ImageDraw
        picture = Image.fromarray(frame)
        draw = ImageDraw.Draw(picture)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            draw.rectangle([x, y, x + w, y + h], outline="red")
        picture.save("out.png")
    """),
    "the faces alone are kept, blurred is what is around": ("to cv2.imwrite()", """
        import numpy as np
        mask = np.zeros(frame.shape[:2], np.uint8)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.circle(mask, (x + w // 2, y + h // 2), w, 255, -1)
            frame[0:0, x:x] = 0
        cv2.imwrite("faces.jpg", cv2.bitwise_and(frame, frame, mask=mask))
    """),
    "nothing covers": ("", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.rectangle(frame, (x, y), (x+w, y+h), (0, 255, 0), 2)
        cv2.imwrite("out.jpg", frame)
    """),
    "boxes go to a CSV file first": ("out.writerow()", """
        import csv
        out = csv.writer(open("faces.csv", "w"))
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            out.writerow([x, y, w, h])
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
    """),
    "the crop is saved": ("a crop to cv2.imwrite()", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            face = frame[y:y+h, x:x+w]
            cv2.imwrite("face.jpg", face)
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(face, (99, 99), 30)
    """),
    "an embedding in the same loop": ("net.forward()", """
        import onnxruntime
        net = onnxruntime.InferenceSession("r50.onnx")
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            vector = net.forward(cv2.resize(frame[y:y+h, x:x+w], (112, 112)))
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
    """),
    "only under a condition": ("under a condition only (line 7)", """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if "--blur" in sys.argv:
                frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
    """),
    "left before it covers": ("under a condition only", """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if "--raw" in sys.argv:
                continue
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
    """),
    "one branch of three does not": ("under a condition only", """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if sys.argv[1] == "blur":
                frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
            elif sys.argv[1] == "box":
                cv2.rectangle(frame, (x, y), (x + w, y + h), (0, 0, 0), -1)
            else:
                pass
    """),
    "the boxes are returned": ("returned by redact()", """
        def redact(picture):
            boxes = cascade.detectMultiScale(picture)
            for (x, y, w, h) in boxes:
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
            return picture, boxes
    """),
    "the boxes are handed out one by one": ("handed out by redact()", """
        def redact(picture):
            for (x, y, w, h) in cascade.detectMultiScale(picture):
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
                yield x, y
    """),
    "a helper that others may call": ("returned by find()", """
        def find(picture):
            return cascade.detectMultiScale(picture)

        def redact(picture):
            for (x, y, w, h) in find(picture):
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
    """),
    "printed": ("prints", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            print(f"face at {x},{y}")
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "printed in the old way": ("prints", """
        for box in cascade.detectMultiScale(frame):
            print box
            x, y, w, h = box
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "a function defined elsewhere": ("mine.hide()", """
        from mine import hide
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            hide(frame[y:y+h, x:x+w])
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "a door opens where a face was found": ("where a face was found", """
        import requests
        faces = cascade.detectMultiScale(frame)
        for (x, y, w, h) in faces:
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
        if len(faces) > 0:
            requests.post("https://example.com/alarm")
    """),
    "too weak to hide anybody": ("", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            frame[y:y+h, x:x+w] = cv2.GaussianBlur(frame[y:y+h, x:x+w], (5, 5), 0)
    """),
    "blurred and never put back": ("", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            hidden = cv2.GaussianBlur(frame[y:y+h, x:x+w], (99, 99), 30)
        cv2.imwrite("out.jpg", frame)
    """),
    "all but the faces is blurred": ("", """
        out = cv2.GaussianBlur(frame, (99, 99), 30)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            out[y:y+h, x:x+w] = frame[y:y+h, x:x+w]
        cv2.imwrite("out.jpg", out)
    """),
    "the mask the wrong way round": ("", """
        import numpy as np
        mask = np.zeros(frame.shape, dtype=np.uint8)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            cv2.rectangle(mask, (x, y), (x + w, y + h), (255, 255, 255), -1)
        out = np.where(mask == 0, cv2.GaussianBlur(frame, (75, 75), 0), frame)
        cv2.imwrite("out.jpg", out)
    """),
    "boxes clamped, not covered": ("", """
        faces = cascade.detectMultiScale(frame)
        faces[faces < 0] = 0
        cv2.imwrite("out.jpg", frame)
    """),
    "a second detector that covers nothing": ("finds faces that nothing covers (line 5)", """
        profile = cv2.CascadeClassifier("haarcascade_profileface.xml").detectMultiScale(frame)
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "another face in its place": ("", """
        swap = cv2.imread("other.jpg")
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            frame[y:y+h, x:x+w] = cv2.resize(swap, (w, h))
        cv2.imwrite("out.jpg", frame)
    """),
    "kept in a list that is dumped": ("json.dump()", """
        import json
        kept = []
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            kept.append({"x": int(x)})
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
        json.dump(kept, open("faces.json", "w"))
    """),
    "in a closure that is called by others": ("cv2.imwrite()", """
        def setup(server):
            finder = cv2.CascadeClassifier("haarcascade_frontalface_alt.xml")
            def on_frame(picture):
                for (x, y, w, h) in finder.detectMultiScale(picture):
                    cv2.imwrite("f.jpg", picture[y:y+h, x:x+w])
            server.register(on_frame)

        for (x, y, w, h) in cascade.detectMultiScale(frame):
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "faces that somebody chose": ("under a condition only", """
        faces = cascade.detectMultiScale(frame)
        choice = input("which? ")
        chosen = list(range(len(faces))) if choice == "all" else [int(n) for n in choice.split(",")]
        for i in chosen:
            x, y, w, h = faces[i]
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "faces that are not in a list": ("under a condition only", """
        import json
        known = json.load(open("spared.json"))
        for i, (x, y, w, h) in enumerate(cascade.detectMultiScale(frame)):
            if (x // 50) not in known:
                frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "a tracker": ("tracker.update()", """
        from mine import tracker
        faces = cascade.detectMultiScale(frame)
        tracks = tracker.update(faces)
        for (x, y, w, h) in faces:
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "records of a class of this file": ("json.dump()", """
        import json
        from dataclasses import dataclass
        @dataclass
        class Face:
            x: int
            y: int
        kept = []
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            kept.append(Face(x, y))
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
        json.dump(kept, open("faces.json", "w"))
    """),
    "objects that keep what they are made of": ("json.dump()", """
        import json
        class Face:
            def __init__(self, box):
                self._box = box
        for box in cascade.detectMultiScale(frame):
            x, y, w, h = box
            json.dump(Face(box), open("faces.json", "w"))
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "the detector is for others too": ("returned by finder()", """
        def finder():
            return cv2.CascadeClassifier("haarcascade_frontalface_alt.xml")

        def redact(picture):
            for (x, y, w, h) in finder().detectMultiScale(picture):
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
    """),
    "an error wipes nothing": ("json.dump()", """
        import json
        try:
            faces = cascade.detectMultiScale(frame)
        except cv2.error:
            faces = []
        for (x, y, w, h) in faces:
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
        json.dump(faces, open("faces.json", "w"))
    """),
    "a choice beside a face in the condition": ("under a condition only", """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if w > 20 and "--blur" in sys.argv:
                frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "a choice before a face": ("under a condition only", """
        import sys
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            if "--raw" in sys.argv:
                pass
            elif w > 20:
                frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "a choice in an expression": ("under a condition only", """
        import sys
        def redact(picture, faces):
            for (x, y, w, h) in faces:
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
            return picture
        faces = cascade.detectMultiScale(frame)
        frame = redact(frame, faces) if "--blur" in sys.argv else frame
    """),
    "a choice by short circuit": ("under a condition only", """
        import sys
        def redact(picture, faces):
            for (x, y, w, h) in faces:
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
        faces = cascade.detectMultiScale(frame)
        "--blur" in sys.argv and redact(frame, faces)
    """),
    "put into what a caller hands over": ("json.dump()", """
        import json
        def redact(picture, boxes):
            for (x, y, w, h) in cascade.detectMultiScale(picture):
                boxes.append(int(x))
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
        kept = []
        redact(frame, kept)
        json.dump(kept, open("faces.json", "w"))
    """),
    "put into what other code hands over": ("into `boxes`", """
        def redact(picture, boxes):
            for (x, y, w, h) in cascade.detectMultiScale(picture):
                boxes.append(int(x))
                picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
    """),
    "kept where other code may read it": ("in `boxes`", """
        class Redactor:
            def redact(self, picture):
                self.boxes = cascade.detectMultiScale(picture)
                for (x, y, w, h) in self.boxes:
                    picture[y:y+h, x:x+w] = cv2.blur(picture[y:y+h, x:x+w], (40, 40))
    """),
    "a method that is also one of this file": ("store.save()", """
        from mine import store
        class Own:
            def save(self, box):
                return None
        for box in cascade.detectMultiScale(frame):
            x, y, w, h = box
            store.save(box)
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
    """),
    "not parsed whole": ("", """
        for (x, y, w, h) in cascade.detectMultiScale(frame):
            frame[y:y+h, x:x+w] = cv2.blur(frame[y:y+h, x:x+w], (40, 40))
        x = = 1
    """),
}  # fmt: skip


BROWSER_REDACTS = {
    "filled": """
        const finder = new FaceDetector({ fastMode: true });
        async function run(video, ctx) {
          const faces = await finder.detect(video);
          for (const { boundingBox } of faces) {
            ctx.fillStyle = "#000";
            ctx.fillRect(boundingBox.x, boundingBox.y, boundingBox.width, boundingBox.height);
          }
          console.log(faces.length);
          requestAnimationFrame(() => run(video, ctx));
        }
        run(document.querySelector("video"), canvas.getContext("2d"));
    """,
    "blurred, in callbacks": """
        import * as blazeface from "@tensorflow-models/blazeface";
        const ctx = canvas.getContext("2d");
        blazeface.load().then((model) => {
          model.estimateFaces(video, false).then((faces) => {
            ctx.drawImage(video, 0, 0);
            ctx.filter = "blur(24px)";
            faces.forEach((face) => {
              const [x, y] = face.topLeft;
              const w = face.bottomRight[0] - x, h = face.bottomRight[1] - y;
              ctx.drawImage(video, x, y, w, h, x, y, w, h);
            });
            ctx.filter = "none";
          });
        });
    """,
    "an ellipse, in TypeScript": """
        import { FaceDetector as Finder } from "@mediapipe/face_detection";
        class Redactor {
          private finder: any = new Finder({});
          constructor(private ctx: CanvasRenderingContext2D) {}
          async run(video: HTMLVideoElement): Promise<void> {
            const faces = await this.finder.detect(video);
            for (let i = 0; i < faces.length; i++) {
              const b = faces[i].box as Box;
              this.ctx.beginPath();
              this.ctx.ellipse(b.x, b.y, b.w, b.h, 0, 0, 6.3);
              this.ctx.fill();
            }
          }
        }
        new Redactor(canvas.getContext("2d")!).run(document.querySelector("video")!);
    """,
}  # fmt: skip

BROWSER_STAYS = {
    "translucent": """
        const finder = new FaceDetector({ fastMode: true });
        finder.detect(video).then((faces) => faces.forEach(({ boundingBox: b }) => {
          ctx.fillStyle = "rgba(255, 0, 0, 0.3)";
          ctx.fillRect(b.x, b.y, b.width, b.height);
        }));
    """,
    "the filter is off again": """
        const finder = new FaceDetector({ fastMode: true });
        ctx.filter = "blur(20px)";
        ctx.filter = "none";
        finder.detect(video).then((faces) => faces.forEach(({ boundingBox: b }) => {
          ctx.drawImage(video, b.x, b.y, b.width, b.height, b.x, b.y, b.width, b.height);
        }));
    """,
    "sent away": """
        const finder = new FaceDetector({ fastMode: true });
        finder.detect(video).then((faces) => {
          fetch("/faces", { method: "POST", body: JSON.stringify(faces) });
          faces.forEach(({ boundingBox: b }) => ctx.fillRect(b.x, b.y, b.width, b.height));
        });
    """,
    "exported": """
        const finder = new FaceDetector({ fastMode: true });
        export async function find(video) {
          const faces = await finder.detect(video);
          faces.forEach(({ boundingBox: b }) => ctx.fillRect(b.x, b.y, b.width, b.height));
          return faces;
        }
    """,
    "kept as state": """
        const finder = new FaceDetector({ fastMode: true });
        export default function View() {
          const [faces, setFaces] = useState([]);
          useEffect(() => {
            finder.detect(video).then((found) => {
              setFaces(found);
              found.forEach(({ boundingBox: b }) => ctx.fillRect(b.x, b.y, b.width, b.height));
            });
          });
        }
    """,
    "a choice": """
        const finder = new FaceDetector({ fastMode: true });
        finder.detect(video).then((faces) => faces.forEach(({ boundingBox: b }) => {
          if (options.blur) ctx.fillRect(b.x, b.y, b.width, b.height);
        }));
    """,
}  # fmt: skip


ELSEWHERE = [
    ("a.py", "from .aws import rekognition\nrekognition.search_faces_by_image(Image=i)\n", Confidence.HIGH),
    ("b.py", "from .aws import rekognition\nrekognition.compare_faces(a, b)\n", Confidence.MEDIUM),
    ("c.py", "from .aws import clients\nclients.rekognition_client.create_collection(1)\n", Confidence.MEDIUM),
    ("d.py", "from .aws import get_rekognition\nget_rekognition().compare_faces(a, b)\n", Confidence.MEDIUM),
    ("e.ts", "import { rekognition } from './aws';\nawait rekognition.compareFaces(p);\n", Confidence.HIGH),
    ("f.ts", "import { rekognitionClient } from './aws';\nawait rekognitionClient.compareFaces(p);\n", Confidence.MEDIUM),
    ("g.js", "const { rekognition } = require('./aws');\nrekognition.searchFacesByImage(p);\n", Confidence.HIGH),
    ("h.php", "<?php\n$this->rekognitionClient->compareFaces($p);\n", Confidence.MEDIUM),
]  # fmt: skip


@pytest.mark.parametrize(("name", "code", "least"), ELSEWHERE, ids=[n for n, _, _ in ELSEWHERE])
def test_a_client_made_in_another_file_is_known_by_method_or_by_its_name(
    tmp_path: Path, name: str, code: str, least: Confidence
) -> None:
    shown = [
        f.confidence.rank for f in found(tmp_path, code, name) if f.capability is Capability.FACE_RECOGNITION
    ]
    assert max(shown, default=-1) >= least.rank


@pytest.mark.parametrize(
    "code",
    [
        "from .images import s3\ns3.compare_faces(a, b)\nnote = 'rekognition'\n",
        "import boto3\nc = boto3.client('s3')\nc.create_collection(1)\nnote = 'rekognition'\n",
    ],
)
def test_a_client_of_another_service_is_not(tmp_path: Path, code: str) -> None:
    assert Capability.FACE_RECOGNITION not in capabilities(found(tmp_path, code))


FRAGMENTS = st.sampled_from(
    ["import cv2\n", "c = cv2.CascadeClassifier('haarcascade_frontalface_default.xml')\n", "faces = c.detect(x)\n",
     "for f in faces:\n", "    frame[f:f] = 0\n", "if a:\n", "    ", "else:\n", "(", ")", "[", "]", "{", "}", "=", ",",
     "lambda x: ", "def f(a, *b, c=1, **d):\n", "class A:\n", "return ", "yield ", "try:\n", "except E:\n", "match x:\n",
     "case _:\n", "new FaceDetector({fastMode: true})", ".then(", "=> ", "const {a, ...b} = ", "export default ", "async ",
     "await ", "`${", "}`", "?.", "switch (x) { default: ", "import a, {b as c} from 'd';\n", ";\n", "x", "\n", "'é'"]
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(["x.py", "x.js", "x.ts", "x.tsx"]), st.lists(FRAGMENTS, max_size=30))
def test_no_code_breaks_what_follows_it(name: str, parts: list[str]) -> None:
    artifact = Artifact(name, data="".join(parts).encode())
    gather(artifact, SourceInspector().inspect(artifact, load_rules()))


@pytest.mark.parametrize("code", BROWSER_REDACTS.values(), ids=BROWSER_REDACTS)
def test_what_only_covers_in_a_browser_is_redaction(tmp_path: Path, code: str) -> None:
    findings = found(
        tmp_path, textwrap.dedent(code), "clip.ts" if "TypeScript" in code or ": any" in code else "clip.js"
    )
    assert capabilities(findings) == {Capability.REDACTION}, notes(findings)


@pytest.mark.parametrize("code", BROWSER_STAYS.values(), ids=BROWSER_STAYS)
def test_what_does_more_or_less_in_a_browser_stays_detection(tmp_path: Path, code: str) -> None:
    findings = found(tmp_path, textwrap.dedent(code), "clip.js")
    assert capabilities(findings) == {Capability.FACE_DETECTION}


@pytest.mark.parametrize("code", REDACTS.values(), ids=REDACTS)
def test_what_only_covers_is_redaction_and_says_where(tmp_path: Path, code: str) -> None:
    findings = found(tmp_path, program(code))
    assert capabilities(findings) == {Capability.REDACTION}, notes(findings)
    assert "is only covered, on line" in notes(findings)


@pytest.mark.parametrize(("why", "code"), STAYS.values(), ids=STAYS)
def test_what_does_more_or_less_stays_detection_and_says_why(tmp_path: Path, why: str, code: str) -> None:
    findings = found(tmp_path, program(code))
    assert Capability.FACE_DETECTION in capabilities(findings)
    assert not any(
        f.capability is Capability.REDACTION and f.rule == "opencv-face-detection" for f in findings
    )
    assert why in notes(findings)


def test_in_a_notebook_the_note_names_the_cell(tmp_path: Path) -> None:
    cells = [CASCADE, program(REDACTS["a slice is blurred in place"]).removeprefix(CASCADE)]
    book = {"cells": [{"cell_type": "code", "source": source} for source in cells]}
    findings = found(tmp_path, json.dumps(book), "clip.ipynb")
    assert capabilities(findings) == {Capability.REDACTION}
    assert "is only covered, on line 3 of /cells/1/source" in notes(findings)


def test_the_cover_is_evidence_and_redaction_outlives_a_moved_line(tmp_path: Path) -> None:
    code = program(REDACTS["a slice is blurred in place"])
    (first,) = found(tmp_path, code)
    (moved,) = found(tmp_path, "# a line more\n" + code)
    cover = next(e for e in first.evidence if e.signal == "flow")
    assert "GaussianBlur" in cover.excerpt
    assert cover.location.start_line == 6  # type: ignore[union-attr]
    assert first.fingerprint == moved.fingerprint


def test_a_file_that_recognises_as_well_stays_as_it_was(tmp_path: Path) -> None:
    code = program(REDACTS["a slice is blurred in place"]) + "r = cv2.face.LBPHFaceRecognizer_create()\n"
    assert capabilities(found(tmp_path, code)) == {Capability.FACE_DETECTION, Capability.FACE_RECOGNITION}
