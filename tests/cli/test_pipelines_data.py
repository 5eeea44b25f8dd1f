"""Stored biometric data and metadata in media through the command line: items 7 and 8."""

# ruff: noqa: E501 - tables of one file a line

import io
import json
import pickle
import struct
import zipfile

import numpy as np
import pytest

from samples.embedder import templates
from tests.cli.pipelines import (
    ANALYSIS,
    DATA,
    DETECTION,
    HIGH,
    LOW,
    OTHER,
    RECOGNITION,
    Row,
    Scanned,
    check,
    check_complete,
    scan,
)
from tests.inspect.test_metadata_clips import box, klv, mebx, note, stream, transport, with_track
from tests.inspect.test_metadata_xmp import NAME, packet, picture, region
from tests.inspect.test_store import database, npy, parquet

STORES = (
    "npy", "npz", "pickle", "parquet", "sqlite-own", "frigate", "deepstack", "digikam", "photoprism", "librephotos", "immich",
    "faiss", "hnswlib", "chroma", "json", "csv", "postgresql-vector", "known-faces-folder",
)  # fmt: skip

UNIT = templates(6, 512)
DLIB = (np.random.default_rng(3).normal(size=(6, 128)) * 0.12).astype(np.float64)
PNG = picture("PNG")


def npz(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"{name}.npy", npy(UNIT))
    return out.getvalue()


def table(create: str, *row: object) -> bytes:
    name, holes = create.partition("(")[0], ", ".join("?" * len(row))
    return database((f"CREATE TABLE {create}", ()), (f"INSERT INTO {name} VALUES ({holes})", row))


def chroma(name: str, width: int) -> bytes:
    return database(
        ("CREATE TABLE collections(id, name, dimension)", ()),
        ("INSERT INTO collections VALUES (1, ?, ?)", (name, width)),
    )


def csv(column: str) -> str:
    return f'name,{column}\n{NAME},"{UNIT[0].tolist()}"\n'


FAISS = b"IxF2" + struct.pack("<iqqqB", 512, 40, 1 << 20, 1 << 20, 1) + b"\0" * 64
HNSW = struct.pack("<6Q", 0, 100, 40, 132 + 512 + 8, 132 + 512, 132) + b"\0" * 64
VECTOR = json.dumps([round(float(x), 6) for x in UNIT[0]])

STORED = [
    Row("npy", "face_embeddings.npy", npy(UNIT), DATA, HIGH),
    Row("npy", "sentence_embeddings.npy", npy(UNIT)),
    Row("npz", "vectors.npz", npz("face_vectors"), DATA, HIGH, "vectors.npz!/face_vectors.npy"),
    Row("npz", "vectors.npz", npz("surface_vectors")),
    Row("pickle", "x.pickle", pickle.dumps({"encodings": list(DLIB), "names": [NAME] * 6}), DATA, HIGH, "6 vectors of 128"),
    Row("pickle", "x.pickle", pickle.dumps({"weights": [0.5, 0.25], "names": [NAME]})),
    Row("parquet", "p.parquet", parquet("name", "face_embedding"), DATA),
    Row("parquet", "p.parquet", parquet("text", "embedding")),
    Row("sqlite-own", "app.db", table("person(id, name, face_embedding BLOB)", 1, NAME, UNIT[0].tobytes()), DATA, HIGH, "face_embedding"),
    Row("sqlite-own", "app.db", table("chunks(id, text, embedding BLOB)", 1, "x", UNIT[0].tobytes())),
    Row("frigate", "clips/faces/ada_lovelace/a.webp", picture("WEBP"), DATA),
    Row("frigate", "clips/previews/lobby/a.webp", picture("WEBP")),
    Row("deepstack", "faceembedding.db", table("TB_EMBEDDINGS(id, userid, embedding)", 1, NAME, VECTOR), DATA, HIGH, "TB_EMBEDDINGS"),
    Row("deepstack", "embedding.db", table("TB_DOCUMENTS(id, userid, embedding)", 1, NAME, VECTOR)),
    Row("digikam", "recognition.db", table("FaceMatrices(id, identity, embedding BLOB)", 1, 2, DLIB[0].tobytes()), DATA, HIGH),
    Row("digikam", "thumbnails-digikam.db", table("Thumbnails(id, type, data BLOB)", 1, 2, PNG)),
    Row("photoprism", "index.db", table("faces(id, face_src, embedding_json)", 1, "auto", VECTOR), DATA, HIGH),
    Row("photoprism", "index.db", table("photos(id, photo_title, photo_faces)", 1, "two faces", 2)),
    Row("librephotos", "db.sqlite3", table("api_face(id, person_id, encoding TEXT)", 1, 2, str(DLIB[0].tolist())), DATA, HIGH),
    Row("librephotos", "db.sqlite3", table("api_photo(id, owner_id, clip_embeddings TEXT)", 1, 2, str(UNIT[0].tolist()))),
    Row("immich", "immich.sql", 'CREATE TABLE public.face_search (\n "faceId" uuid,\n embedding public.vector(512) NOT NULL\n);\n', DATA, HIGH),
    Row("immich", "immich.sql", 'CREATE TABLE public.smart_search (\n "assetId" uuid,\n embedding public.vector(512) NOT NULL\n);\n'),
    Row("faiss", "faces/index.faiss", FAISS, DATA, HIGH),
    Row("faiss", "documents/index.faiss", FAISS),
    Row("hnswlib", "face_index.bin", HNSW, DATA, HIGH),
    Row("hnswlib", "document_index.bin", HNSW),
    Row("chroma", "chroma.sqlite3", chroma("staff_faces", 512), DATA, HIGH),
    Row("chroma", "chroma.sqlite3", chroma("handbook", 384)),
    Row("json", "people.json", json.dumps({"people": [{"name": NAME, "faceEmbedding": UNIT[0].tolist()}]}), DATA, HIGH),
    Row("json", "docs.json", json.dumps({"documents": [{"text": "t", "embedding": UNIT[0].tolist()}]})),
    Row("csv", "t.csv", csv("face_embedding"), DATA, HIGH),
    Row("csv", "t.csv", csv("text_embedding")),
    Row("postgresql-vector", "init.sql", "CREATE TABLE IF NOT EXISTS faces (id serial PRIMARY KEY, face_embedding vector(128));\n", DATA, HIGH),
    Row("postgresql-vector", "init.sql", "CREATE TABLE document_chunks (id serial PRIMARY KEY, surface text, embedding vector(512));\n"),
    Row("known-faces-folder", "known_faces/ada_lovelace/1.png", PNG, DATA, says="known_faces/•••"),
    Row("known-faces-folder", "known_surfaces/oak/1.png", PNG),
]  # fmt: skip

MEDIA = (
    "xmp-mwg-rs", "xmp-mp", "xmp-acdsee", "xmp-iptc", "maker-note", "maker-note-name", "apple-detected-face", "onvif-human-face",
    "onvif-face-recognition", "misb-vmti", "misb-vmti-face",
)  # fmt: skip


def jpeg(body: str) -> bytes:
    return picture("JPEG", xmp=packet(body))


def mp(name: str) -> str:
    return f'<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag><rdf:li><rdf:Description MPReg:Rectangle="0.1, 0.1, 0.2, 0.2" {name}/></rdf:li></rdf:Bag></MPRI:Regions></rdf:Description></MP:RegionInfo>'


def acdsee(kind: str) -> str:
    return f"<acdsee-rs:Regions><acdsee-rs:RegionList><rdf:Bag><rdf:li><rdf:Description><acdsee-rs:Type>{kind}</acdsee-rs:Type><acdsee-rs:Name>{NAME}</acdsee-rs:Name></rdf:Description></rdf:li></rdf:Bag></acdsee-rs:RegionList></acdsee-rs:Regions>"


def canon(faces: int) -> bytes:
    return note(b"", 0x24, struct.pack("<5H", 26, 0, faces, 320, 240), make=b"Canon")


def event(kind: str) -> str:
    """A notification in a metadata stream of a camera."""
    topic = f"<wsnt:Topic>tns1:RuleEngine/Recognition/{kind}</wsnt:Topic>"
    return f'<tt:MetadataStream xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:wsnt="http://docs.oasis-open.org/wsn/b-2"><tt:Event><wsnt:NotificationMessage>{topic}</wsnt:NotificationMessage></tt:Event></tt:MetadataStream>'


METT = box(b"mett", b"\0" * 8, b"\0application/vnd.onvif.metadata\0")
RECOGNISED = struct.pack("<H", 1) + b"ADA".ljust(50, b"\0")
FACE = stream("<tt:HumanFace><fc:Age><fc:Min>31</fc:Min></fc:Age></tt:HumanFace>")

EMBEDDED = [
    Row("xmp-mwg-rs", "a.jpg", jpeg(region(Name=NAME, Type="Face")), RECOGNITION),
    Row("xmp-mwg-rs", "a.jpg", jpeg(region(Name="Rex", Type="Pet"))),
    Row("xmp-mp", "a.jpg", jpeg(mp(f'MPReg:PersonDisplayName="{NAME}"')), RECOGNITION),
    Row("xmp-mp", "a.jpg", jpeg("<MP:RegionInfo><rdf:Description><MPRI:Regions><rdf:Bag/></MPRI:Regions></rdf:Description></MP:RegionInfo>")),
    Row("xmp-acdsee", "a.jpg", jpeg(acdsee("Face")), RECOGNITION),
    Row("xmp-acdsee", "a.jpg", jpeg(acdsee("Flower"))),
    Row("xmp-iptc", "a.jpg", jpeg(f"<ext:PersonInImage><rdf:Bag><rdf:li>{NAME}</rdf:li></rdf:Bag></ext:PersonInImage>"), RECOGNITION, LOW),
    Row("xmp-iptc", "a.jpg", jpeg("<ext:PersonInImage><rdf:Bag/></ext:PersonInImage><dc:title>A face of type</dc:title>"), None, LOW),
    Row("maker-note", "a.jpg", canon(2), DETECTION, LOW, "makernote:faces"),
    Row("maker-note", "a.jpg", canon(0), None, LOW),
    Row("maker-note-name", "a.jpg", note(b"Panasonic\0\0\0", 0x61, RECOGNISED), RECOGNITION),
    Row("maker-note-name", "a.jpg", note(b"Panasonic\0\0\0", 0x61, struct.pack("<H", 0) + b"\0" * 50)),
    Row("apple-detected-face", "a.mov", with_track(mebx("com.apple.quicktime.detected-face")), DETECTION, HIGH),
    Row("apple-detected-face", "a.mov", with_track(mebx("com.apple.quicktime.video-orientation"))),
    Row("onvif-human-face", "a.xml", FACE, ANALYSIS, HIGH),
    Row("onvif-human-face", "a.xml", stream("<tt:Vehicle/><tt:LicensePlateInfo/>")),
    Row("onvif-face-recognition", "a.xml", event("Face"), RECOGNITION, HIGH),
    Row("onvif-face-recognition", "a.xml", event("LicensePlate")),
    Row("onvif-face-recognition", "a.mp4", with_track(METT, event("Face").encode()), RECOGNITION, HIGH),
    Row("onvif-face-recognition", "a.mp4", with_track(METT, event("LicensePlate").encode())),
    Row("misb-vmti", "a.klv", klv(b"\x65\x04abcd"), OTHER, LOW, "klv:st0903"),
    Row("misb-vmti", "a.ts", transport(b"\0" * 100), None, LOW),
    Row("misb-vmti-face", "a.klv", klv(b"\x67\x12https://x/HumanFace"), DETECTION, HIGH),
    Row("misb-vmti-face", "a.klv", klv(b"\x67\x10https://x/Vehicl")),
]  # fmt: skip

ROWS = (*STORED, *EMBEDDED)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("data"), ROWS)


@pytest.mark.parametrize("row", STORED, ids=str)
def test_item_7_stored_biometric_data(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


@pytest.mark.parametrize("row", EMBEDDED, ids=str)
def test_item_8_metadata_in_media(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


def test_neither_a_vector_nor_a_name_is_shown(scanned: Scanned) -> None:
    said = json.dumps(scanned.run["findings"], ensure_ascii=False)
    assert "Lovelace" not in said
    assert f"{UNIT[0][0]:.5f}" not in said
    assert f"{DLIB[0][0]:.5f}" not in said


def test_a_name_weighs_more_than_the_box_of_a_camera(scanned: Scanned) -> None:
    def best(name: str) -> str:
        (row,) = (r for r in EMBEDDED if r.name == name and r.capability)
        return str(scanned.findings(row)[0]["confidence"])

    assert (best("maker-note"), best("maker-note-name")) == ("low", "medium")


def test_the_table_holds_the_whole_list() -> None:
    check_complete(STORED, STORES)
    check_complete(EMBEDDED, MEDIA)
