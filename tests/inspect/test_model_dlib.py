"""dlib's serialised objects, written as dlib writes them; and published weights by digest."""

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Capability, Confidence
from scanner.inspect.interface import Sighting
from scanner.inspect.model import ModelInspector
from scanner.rules import load_rules

RULES = load_rules()


def look(path: str, data: bytes) -> list[Sighting]:
    artifact = Artifact(path, data=data)
    inspector = ModelInspector()
    return list(inspector.inspect(artifact, RULES)) if inspector.accepts(artifact) else []


def integer(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def text(value: bytes) -> bytes:
    return integer(len(value)) + value


def real(mantissa: int, exponent: int) -> bytes:
    return integer(mantissa) + integer(exponent)


def metric_network(side: int = 150, width: int = 128) -> bytes:
    """A network with dlib's metric loss, as far as its head and its last layer tell."""
    head = integer(1) + text(b"loss_metric_2") + real(0x23D70A, -28) + real(0x19999A, -24)
    layers = b"\1\2" * 60 + integer(3) + text(b"input_rgb_image_sized")
    means = real(16094306, -17) + real(15335424, -17) + real(13670547, -17)
    weights = struct.pack("<256f", *(i / 256 for i in range(256)))
    return (
        head + layers + means + integer(side) * 2 + text(b"con_4") + weights + text(b"fc_2") + integer(width)
    )


def shape_predictor(points: int) -> bytes:
    mean = b"".join(real(-12000000 + i, -24) for i in range(points * 2))
    return integer(1) + integer(-points * 2) + integer(-1) + mean


def mmod() -> bytes:
    return integer(1) + text(b"loss_mmod_") + integer(1) * 2 + integer(80) * 2 + b"\1\2" * 40


def test_the_recognition_network_by_what_it_is() -> None:
    (found,) = look("assets/stage.bin", metric_network())
    assert (found.rule.capability, found.confidence) == (Capability.FACE_RECOGNITION, Confidence.HIGH)
    assert "150x150" in found.note
    assert "128" in found.note


def test_a_metric_network_for_other_pictures_is_less_sure() -> None:
    (found,) = look("net.dat", metric_network(side=64, width=32))
    assert found.confidence is Confidence.MEDIUM


@pytest.mark.parametrize("points", [5, 68])
def test_shape_predictors_of_faces(points: int) -> None:
    (found,) = look("sp.dat", shape_predictor(points))
    assert (found.rule.id, found.confidence) == ("model-face-landmarks", Confidence.HIGH)
    assert f"{points} points" in found.note


def test_a_shape_predictor_of_something_else() -> None:
    assert look("gauge.dat", shape_predictor(7)) == []


def test_an_object_detector_does_not_say_of_what() -> None:
    assert [s.confidence for s in look("vehicles.dat", mmod())] == [Confidence.LOW]
    assert [s.confidence for s in look("human_face_detector.dat", mmod())] == [Confidence.MEDIUM]


def test_published_weights_through_a_git_lfs_pointer() -> None:
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        "oid sha256:55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30\nsize 22466066\n"
    )
    (found,) = look("x.dat", pointer.encode())
    assert (found.rule.capability, found.confidence) == (Capability.FACE_RECOGNITION, Confidence.HIGH)
    assert "not here" in found.note


def test_names_are_hints() -> None:
    assert [s.confidence for s in look("my_arcface.weights", b"\0\1\2")] == [Confidence.LOW]
    assert look("surface_model.weights", b"\0\1\2") == []
    assert look("license_plate_detection_lpd_yunet_2023mar.weights", b"\0\1\2") == []
    assert [s.confidence for s in look("glintr100.rknn", b"RKNN\0\1\2")] == []
    lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0" * 64 + "\nsize 7\n"
    assert [s.confidence for s in look("glintr100.onnx", lfs.encode())] == [Confidence.MEDIUM]


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from([b"", b"\1\1", metric_network()[:40], shape_predictor(5)[:9]])
)
def test_random_bytes_raise_nothing_else(data: bytes, start: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        look("x.dat", start + data)
