"""Dart, Scala, Lua and MATLAB are read by grammars of their own: names count, comments and texts do not."""

# ruff: noqa: E501 - a table of cases reads best with one case a line

import pytest

from scanner.discover.artifact import Artifact
from scanner.findings import Capability, Confidence
from scanner.inspect.gather import gather
from scanner.inspect.source.inspector import SourceInspector
from scanner.rules import load_rules

DETECTION, RECOGNITION = Capability.FACE_DETECTION, Capability.FACE_RECOGNITION


def strong(name: str, text: str) -> set[Capability]:
    artifact = Artifact(name, data=text.encode())
    assert SourceInspector().accepts(artifact), artifact.kind
    findings = gather(artifact, SourceInspector().inspect(artifact, load_rules()))
    return {f.capability for f in findings if f.confidence is not Confidence.LOW}


@pytest.mark.parametrize(
    ("name", "text", "capability"),
    [
        ("a.dart", "Future<void> f(XFile x) async {\n  final v = await service.compareFaces(x);\n}\nclass FaceEmbedding {}\n", RECOGNITION),
        ("b.dart", "import 'package:google_mlkit_face_detection/google_mlkit_face_detection.dart' as ml;\n", DETECTION),
        ("c.dart", "final u = Uri.parse('http://$host/v1/vision/face/recognize');\n", RECOGNITION),
        ("a.scala", "import org.bytedeco.opencv.opencv_face.{EigenFaceRecognizer, LBPHFaceRecognizer}\n", RECOGNITION),
        ("b.scala", "object A { def faceEmbedding(chip: Mat): Array[Float] = net.run(chip) }\n", RECOGNITION),
        ("a.lua", "local aligned = align(img)\nlocal rep = faceEmbedding(net, aligned)\n", RECOGNITION),
        ("b.lua", "http.post(host .. '/v1/vision/face/recognize', body)\n", RECOGNITION),
        ("a.m", "% who is it\nfunction out = f(x)\nd = vision.CascadeObjectDetector();\nend\n", DETECTION),
        ("b.m", "clear all;\nlabel = recognizeFace(model, picture);\n", RECOGNITION),
    ],
)  # fmt: skip
def test_names_and_addresses_count(name: str, text: str, capability: Capability) -> None:
    assert capability in strong(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.dart", "/// Uses FaceEmbedding and compareFaces.\n// compareFaces(x)\nfinal a = 'typeface $compact';\n"),
        ("b.dart", "import 'package:flutter_facebook_auth/flutter_facebook_auth.dart';\nclass Interface {}\n"),
        ("a.scala", "/** faceEmbedding */\n// compareFaces(a)\nobject A { val surface = mesh.faces.size }\n"),
        ("a.lua", "-- faceEmbedding(net, x)\n--[[ compareFaces(a, b) ]]\nlocal surface = font:typeface()\n"),
        ("a.m", "% recognizeFace(model, picture)\n%{\nfaceEmbedding(x)\n%}\nfaces = mesh.faces(:, 1);\n"),
        ("b.m", "% road signs\nd = vision.CascadeObjectDetector('stopSign.xml');\n"),
    ],
)  # fmt: skip
def test_comments_and_likenesses_do_not(name: str, text: str) -> None:
    assert strong(name, text) == set()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("#import <UIKit/UIKit.h>\n@interface A : NSObject\n@end\n", "objc"),
        ("//\n//  A.m\n//\n@implementation A\n- (void)f { x = 1; }\n@end\n", "objc"),
        ("void f(void) { id d = [CIDetector detectorOfType:CIDetectorTypeFace context:nil options:nil]; }\n", "objc"),
        ("function y = f(x)\ny = x;\nend\n", "matlab"),
        ("% A script.\nclc\nI = imread('a.png');\n", "matlab"),
        ("I = imread('a.png');\nimshow(I);\n", "matlab"),
        ("classdef A < handle\nend\n", "matlab"),
    ],
)  # fmt: skip
def test_two_languages_share_a_suffix(text: str, kind: str) -> None:
    assert Artifact("a.m", data=text.encode()).kind == kind


def test_the_whole_interface_of_a_device_is_an_offer_and_no_use() -> None:
    struct = (
        "typedef struct tagNET_DVR_FACE_DETECTION { BYTE byFaceDetectionState; } NET_DVR_FACE_DETECTION;\n"
    )
    assert strong("net.h", struct) == {DETECTION}
    assert strong("net.h", struct + "#define NET_DVR_A 1\n" * 10_000) == set()
    assert strong("net.h", "#include <opencv2/face.hpp>\n" + "#define NET_DVR_A 1\n" * 10_000) == {
        RECOGNITION
    }


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("zm.pl", "use strict;\n", "perl"),
        ("hook", "#!/usr/bin/perl -w\nuse strict;\n", "perl"),
        ("plot.R", "library(x)\n", "r"),
        ("run.ps1", "Get-ChildItem\n", "powershell"),
        ("notes", "use strict\n", "text"),
        ("settings.r", "[section]\nkey = 1\n", "ini"),
        ("x.cue", "a: 1\n", "cue"),
    ],
)
def test_a_language_that_is_not_read_is_named(name: str, text: str, kind: str) -> None:
    artifact = Artifact(name, data=text.encode())
    assert artifact.kind == kind
    assert not SourceInspector().accepts(artifact)
