"""Galleries and template stores: files as numpy, pickle, sqlite3 and the programs named write them."""

import contextlib
import csv
import io
import json
import pickle
import sqlite3
import struct
import sys
import time
import types
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples.embedder import templates, write_gallery, write_store
from scanner.discover.artifact import Artifact
from scanner.errors import UnreadableError
from scanner.findings import Confidence, Table
from scanner.inspect.gather import gather
from scanner.inspect.interface import Sighting
from scanner.inspect.store import StoreInspector
from scanner.rules import load_rules

RULES = load_rules()
HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
UNIT = templates(6, 512)
DLIB = (np.random.default_rng(3).normal(size=(6, 128)) * 0.12).astype(np.float64)


def look(path: str, data: bytes) -> list[Sighting]:
    artifact = Artifact(path, data=data)
    inspector = StoreInspector()
    return list(inspector.inspect(artifact, RULES)) if inspector.accepts(artifact) else []


def sure(path: str, data: bytes) -> list[Confidence]:
    return [s.confidence for s in look(path, data)]


def npy(array: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


@pytest.mark.parametrize(
    ("path", "array", "expected"),
    [
        ("app/face_embeddings.npy", UNIT, [HIGH]),
        ("app/faceEncodings.npy", DLIB, [HIGH]),
        ("faces/db.npy", DLIB, [MEDIUM]),
        ("app/employee_features.npy", UNIT, [MEDIUM]),
        ("gallery/encodings.npy", UNIT, [MEDIUM]),
        ("app/index_vectors.npy", UNIT, [LOW]),
        # vectors of something else, and faces of something else
        ("rag/document_embeddings.npy", UNIT, []),
        ("rag/sentence_vectors.npy", templates(4, 384), []),
        ("recsys/user_embeddings.npy", DLIB, []),
        ("gallery/image_thumbnails.npy", UNIT, []),
        ("mesh/faces_vertices.npy", np.zeros((4, 128)), []),
        ("app/face_boxes.npy", np.zeros((30, 4)), []),
        ("surface_embeddings.npy", DLIB, []),
        ("weights/conv.npy", np.zeros((64, 3, 7, 7), np.float32), []),
    ],
)
def test_arrays(path: str, array: np.ndarray, expected: list[Confidence]) -> None:
    assert sure(path, npy(array)) == expected


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_pickle_of_face_recognition(protocol: int) -> None:
    data = pickle.dumps({"encodings": list(DLIB), "names": ["Ada", "Bob"] * 3}, protocol=protocol)
    (found,) = look("x.pickle", data)
    assert (found.rule.id, found.confidence) == ("store-face-templates", HIGH)
    assert "6 vectors of 128" in found.note


def test_a_pickle_that_would_execute_is_only_read(tmp_path: Path) -> None:
    mark = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
            return Path, (str(mark),)

    class Call:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return exec, (f"open({str(mark)!r}, 'w')",)

    assert look("faces.pkl", pickle.dumps([Trap(), Call()])) == []
    assert not mark.exists()


def test_a_pickle_that_holds_itself_ends() -> None:
    loop: list[object] = [DLIB]
    loop.append(loop)
    assert sure("face_embeddings.pkl", pickle.dumps(loop)) == [HIGH]


def joblib(shape: tuple[int, ...], kind: str, content: bytes) -> bytes:
    """A dictionary with one array as joblib writes it: its bytes lie behind the object that announces it."""
    names = {"joblib": "x", "joblib.numpy_pickle": "NumpyArrayWrapper"}
    for name, member in names.items():
        module = types.ModuleType(name)
        setattr(module, member, type(member, (), {"__module__": name}))
        sys.modules[name] = module
    try:
        made = sys.modules["joblib.numpy_pickle"].NumpyArrayWrapper()
        made.shape, made.order, made.dtype, made.numpy_array_alignment_bytes = shape, "C", np.dtype(kind), 16
        whole = pickle.dumps(made, protocol=4)
    finally:
        for name in names:
            del sys.modules[name]
    return b"\x80\x04" + whole[11:-1] + b"\x02\xff\xff" + content + b"."


def test_joblib() -> None:
    plain = joblib((6, 128), "<f8", DLIB.tobytes())
    assert sure("face_embeddings.joblib.pkl", plain) == [HIGH]
    assert sure("face_embeddings.pkl", zlib.compress(plain)) == [HIGH]
    assert look("labels.pkl", joblib((2,), "<U3", "annbob".encode("utf-32-le"))) == []
    with pytest.raises(UnreadableError, match="cut short"):
        look("face_embeddings.pkl", plain[:-300])


def test_layouts_of_programs() -> None:
    row = DLIB[0].tolist()
    deepface = [{"identity": "db/ada.jpg", "embedding": UNIT[0].tolist(), "target_x": 1}]
    assert sure("ds.pkl", pickle.dumps(deepface)) == [HIGH]
    assert sure("l.json", json.dumps([{"label": "Ada", "descriptors": [row]}]).encode()) == [HIGH]
    howdy = [{"time": 1, "label": "Initial model", "id": 0, "data": [row]}]
    assert sure("models/ada.dat", json.dumps(howdy).encode()) == [HIGH]
    assert sure("trainer.yml", b"%YAML:1.0\n---\nopencv_lbphfaces:\n   radius: 1\n") == [HIGH]


def test_json_and_csv() -> None:
    documents = {"documents": [{"text": "t", "embedding": UNIT[0].tolist()}]}
    assert look("docs.json", json.dumps(documents).encode()) == []
    faces = {"people": [{"name": "Ada", "faceEmbedding": UNIT[0].tolist()}]}
    assert sure("p.json", json.dumps(faces).encode()) == [HIGH]
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["name", "face_embedding"])
    writer.writerows(["Ada", str(v.tolist())] for v in UNIT)
    assert sure("t.csv", table.getvalue().encode()) == [HIGH]
    assert look("t.csv", b"name,face_shape\nAda,oval\n") == []


def database(*statements: tuple[str, tuple[object, ...]]) -> bytes:
    connection = sqlite3.connect(":memory:")
    for sql, values in statements:
        connection.execute(sql, values)
    connection.commit()
    data = connection.serialize()
    connection.close()
    return bytes(data)


@pytest.mark.parametrize(
    ("create", "row", "expected"),
    [
        ("person(id, name, face_embedding BLOB)", (1, "Ada", UNIT[0].tobytes()), [HIGH]),
        ("api_face(id, person, encoding TEXT)", (1, 2, str(DLIB[0].tolist())), [HIGH]),
        ("FaceMatrices(id, identity, embedding BLOB)", (1, 2, DLIB[0].tobytes()), [HIGH]),
        ("people(id, name, embedding BLOB)", (1, "Ada", UNIT[0].tobytes()), [MEDIUM]),
        ("chunks(id, text, embedding BLOB)", (1, "x", UNIT[0].tobytes()), []),
        ("surface(id, vertices, faces BLOB)", (1, 2, UNIT[0].tobytes()), []),
        ("typeface(id, name, features BLOB)", (1, 2, DLIB[0].tobytes()), []),
        ("image(id, faces, caption)", (1, 3, "two faces"), []),
    ],
)
def test_tables(create: str, row: tuple[object, ...], expected: list[Confidence]) -> None:
    holes = ", ".join("?" * len(row))
    table = create.partition("(")[0]
    data = database((f"CREATE TABLE {create}", ()), (f"INSERT INTO {table} VALUES ({holes})", row))
    assert sure("app.db", data) == expected


def test_an_empty_table_is_less_sure_than_a_full_one(tmp_path: Path) -> None:
    full = tmp_path / "faceembedding.db"
    write_store(full)
    before = full.read_bytes()
    (found,) = StoreInspector().inspect(Artifact("faceembedding.db", local=full), RULES)
    assert (found.confidence, found.location) == (HIGH, Table(table="TB_EMBEDDINGS", column="embedding"))
    assert full.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faceembedding.db"]
    assert sure("e.db", database(("CREATE TABLE TB_EMBEDDINGS(userid, embedding)", ()))) == [MEDIUM]


def test_a_virtual_table_without_its_module() -> None:
    # The schema names a module that is not installed here.
    text = "CREATE VIRTUAL TABLE face_vectors USING vec0(id, embedding float[512])"
    data = bytearray(database(("CREATE TABLE t(x)", ())))
    connection = sqlite3.connect(":memory:")
    connection.deserialize(bytes(data))
    connection.execute("PRAGMA writable_schema=ON")
    connection.execute(
        "INSERT INTO sqlite_master VALUES ('table', 'face_vectors', 'face_vectors', 0, ?)", (text,)
    )
    connection.commit()
    data = bytearray(connection.serialize())
    connection.close()
    assert sure("v.db", bytes(data)) == [MEDIUM]


def test_dumps() -> None:
    immich = (
        'CREATE TABLE public.face_search (\n "faceId" uuid,\n embedding public.vector(512) NOT NULL\n);\n'
    )
    assert sure("immich.sql", immich.encode()) == [HIGH]
    own = "CREATE TABLE IF NOT EXISTS faces (id serial PRIMARY KEY, face_embedding vector(128));"
    assert sure("init.sql", own.encode()) == [HIGH]
    text = "CREATE TABLE smart_search (asset uuid, embedding vector(512));"
    assert look("init.sql", text.encode()) == []


def test_a_dump_in_its_own_format() -> None:
    toc = (
        b"PGDMP\1\x0e\0\4\x08"
        + b"\0" * 20
        + b"CREATE TABLE public.face_search (\n embedding public.vector(512)\n);\n"
    )
    assert sure("immich.dump", toc) == [HIGH]
    assert look("other.dump", toc.replace(b"face_search", b"text_search")) == []


def test_collections_of_a_vector_store() -> None:
    def store(name: str, width: int) -> bytes:
        return database(
            ("CREATE TABLE collections(id, name, dimension)", ()),
            ("INSERT INTO collections VALUES (1, ?, ?)", (name, width)),
        )

    assert sure("chroma.sqlite3", store("staff_faces", 512)) == [HIGH]
    assert look("chroma.sqlite3", store("handbook", 384)) == []
    assert look("chroma.sqlite3", store("surface_texts", 512)) == []


def parquet(*columns: str) -> bytes:
    """A footer as Thrift's compact protocol writes it: version, schema, rows."""

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    root = b"\x48" + text("schema") + b"\x15" + bytes([2 * len(columns)]) + b"\0"
    leaves = b"".join(b"\x15\x0c\x25\x02\x18" + text(c) + b"\0" for c in columns)
    footer = b"\x15\x04\x19" + bytes([(len(columns) + 1) << 4 | 12]) + root + leaves + b"\x16\x50\x19\x0c\0"
    return b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1"


def test_parquet_is_judged_by_its_columns() -> None:
    (found,) = look("p.parquet", parquet("name", "face_embedding"))
    assert found.location == Table(table="", column="face_embedding")
    assert found.confidence is MEDIUM
    assert "40 vectors" in found.note
    assert look("p.parquet", parquet("text", "embedding")) == []
    assert look("p.parquet", parquet("surface", "features")) == []


def test_a_dump_that_only_opens_tables_ends_soon() -> None:
    begun = time.process_time()
    assert look("a.sql", b"CREATE TABLE faces (face_embedding ( " * 100_000) == []
    assert look("a.sql", b"CREATE TABLE " + b"a" * 2_000_000 + b" " * 2_000_000) == []
    assert time.process_time() - begun < 5


def test_a_pickle_of_shared_parts_ends_soon() -> None:
    layer: list[object] = [DLIB[0].tolist()]
    for _ in range(60):
        layer = [layer, layer]
    begun = time.process_time()
    assert sure("face_embeddings.pkl", pickle.dumps(layer)) == [HIGH]
    deep = b"\x80\x04" + b"]" * 200_000 + b"a" * 199_999 + b"."
    assert look("faces.pkl", deep) == []
    assert time.process_time() - begun < 5


def test_indices() -> None:
    inverted = b"IwFl" + struct.pack("<iqqqB", 512, 40, 1 << 20, 1 << 20, 1) + b"\0" * 64
    assert sure("faces/index.bin", inverted) == [HIGH]
    faiss = b"IxF2" + struct.pack("<iqqqB", 512, 40, 1 << 20, 1 << 20, 1) + b"\0" * 64
    assert sure("faces/index.faiss", faiss) == [HIGH]
    assert look("docs/index.faiss", faiss) == []
    hnsw = struct.pack("<6Q", 0, 100, 40, 132 + 512 + 8, 132 + 512, 132) + b"\0" * 64
    assert sure("face_index.bin", hnsw) == [HIGH]
    assert look("face_index.bin", b"\0" + hnsw[1:40] + b"\7" * 64) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("known_faces/ada_lovelace/1.png", [MEDIUM]),
        ("config/frigate/clips/faces/ada_lovelace/a.webp", [MEDIUM]),
        ("data/trainingImage/ada.1.3.jpg", [LOW]),
        ("known_surfaces/oak.png", []),
        ("typefaces/known/a.png", []),
        ("images/holiday.jpg", []),
    ],
)
def test_folders_of_known_people(path: str, expected: list[Confidence]) -> None:
    assert sure(path, b"\x89PNG\r\n\x1a\n" + b"\0" * 40) == expected


def test_neither_name_nor_vector_is_shown(tmp_path: Path) -> None:
    gallery = tmp_path / "face_gallery.npy"
    write_gallery(gallery)
    data = pickle.dumps({"encodings": list(DLIB), "names": ["Ada Lovelace"] * 6})
    artifacts = (
        Artifact("x.pickle", data=data),
        Artifact("face_gallery.npy", local=gallery),
        Artifact("known_faces/x.png", data=b"\x89PNG\r\n\x1a\n" + b"\0" * 40),
    )
    for artifact in artifacts:
        findings = gather(artifact, StoreInspector().inspect(artifact, RULES))
        assert findings
        shown = repr(findings)
        assert "Lovelace" not in shown
        assert f"{DLIB[0][0]:.6f}"[:7] not in shown
    folder = Artifact("known_faces/ada_lovelace/1.png", data=b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    (sighting,) = StoreInspector().inspect(folder, RULES)
    assert sighting.subject == "known_faces/•••"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("x.npy", npy(DLIB)[:9]),
        ("x.npy", b"\x93NUMPY\1\0\x10\0{'descr': '<f8'}"),
        ("x.pkl", pickle.dumps([DLIB])[:-40]),
        ("x.db", database(("CREATE TABLE t(face_embedding)", ()))[:700]),
        ("x.parquet", b"PAR1" + b"\0" * 40),
    ],
)
def test_damage_is_not_tested(path: str, data: bytes) -> None:
    with pytest.raises(UnreadableError, match=path):
        look(path, data)


_FILES = {
    "a.npy": npy(DLIB[:1]),
    "a.pkl": pickle.dumps({"encodings": list(DLIB[:2]), "names": ["a", "b"]}),
    "b.pkl": pickle.dumps([{"identity": "a", "embedding": [0.5] * 70}], protocol=2),
    "a.faiss": b"IxF2" + struct.pack("<iqqqB", 512, 40, 1 << 20, 1 << 20, 1),
    "a.db": database(
        ("CREATE TABLE faces(id, face_embedding)", ()), ("INSERT INTO faces VALUES (1, 'x')", ())
    ),
    "a.csv": b"name,face_embedding\nAda,[" + b"0.1 " * 128 + b"]\n",
}


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(sorted(_FILES)), st.data())
def test_mutated_stores_raise_nothing_else(name: str, data: st.DataObject) -> None:
    valid = _FILES[name]
    changed = bytearray(valid)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, min(len(valid), 2000) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UnreadableError):
        look(name, bytes(changed[: data.draw(st.integers(1, len(valid)))]))
