"""Models, stores and metadata through the command line: what holds something, and what only looks like it."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from samples.embedder import templates, write_embedder, write_store
from scanner.errors import Exit
from tests.conftest import Cli

NAME = "Ada Lovelace"
REGION = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/">'
    f'<mwg-rs:Regions><mwg-rs:RegionList><rdf:Bag><rdf:li mwg-rs:Name="{NAME}" mwg-rs:Type="Face"/></rdf:Bag>'
    "</mwg-rs:RegionList></mwg-rs:Regions></rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()


def picture(xmp: bytes = b"") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 32), (70, 90, 110)).save(out, "JPEG", **({"xmp": xmp} if xmp else {}))
    return out.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two folders with the same kinds of files: one holds biometric data, the other does not."""
    root = tmp_path_factory.mktemp("made")
    holds, looks = root / "holds", root / "looks"
    write_embedder(holds / "models" / "stage2.onnx")
    write_embedder(looks / "models" / "stage2.onnx", side=224, width=1000)
    write_store(holds / "data" / "app.db")
    people = {"encodings": list(templates(4, 128)), "names": [NAME] * 4}
    (holds / "data" / "x.pickle").write_bytes(pickle.dumps(people))
    (looks / "data").mkdir()
    (looks / "data" / "x.pickle").write_bytes(pickle.dumps({"weights": [0.5, 0.25], "names": [NAME]}))
    for folder, inner in ((holds, "face_vectors"), (looks, "surface_vectors")):
        with zipfile.ZipFile(folder / "backup.zip", "w") as archive:
            archive.writestr("vectors.npz", npz(**{inner: templates(3, 512)}))
            archive.write(folder / "models" / "stage2.onnx", "net.onnx")
            if folder is holds:
                archive.write(holds / "data" / "app.db", "app.db")
    (holds / "a.jpg").write_bytes(picture(REGION))
    (looks / "a.jpg").write_bytes(picture(REGION.replace(b'"Face"', b'"Pet"')))
    return root


def test_what_holds_biometric_data(made: Path, cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "run.json"
    done = cli("scan", made / "holds", "--footage", "off", "--report", f"json={report}")
    assert done.returncode == Exit.CLOSED, done.stderr
    run = json.loads(report.read_text())
    seen = {(f["artifact"]["path"], f["rule"]) for f in run["findings"] if f["confidence"] != "low"}
    assert seen == {
        ("a.jpg", "metadata-face-region"),
        ("a.jpg", "metadata-named-face"),
        ("backup.zip!/app.db", "store-face-templates"),
        ("backup.zip!/net.onnx", "model-face-embedding"),
        ("backup.zip!/vectors.npz!/face_vectors.npy", "store-face-templates"),
        ("data/app.db", "store-face-templates"),
        ("data/x.pickle", "store-face-templates"),
        ("models/stage2.onnx", "model-face-embedding"),
    }
    assert run["run"]["not_tested"] == []
    text = report.read_text() + done.stdout
    assert "Lovelace" not in text
    assert f"{templates(4, 128)[0][0]:.5f}" not in text


def test_what_only_looks_like_it(made: Path, cli: Cli, tmp_path: Path) -> None:
    report = tmp_path / "run.json"
    cli("scan", made / "looks", "--footage", "off", "--report", f"json={report}")
    run = json.loads(report.read_text())
    assert [(f["artifact"]["path"], f["rule"]) for f in run["findings"] if f["confidence"] != "low"] == []
    assert run["run"]["not_tested"] == []


def test_damage_is_listed_and_the_rest_is_whole(made: Path, cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "models").mkdir(parents=True)
    whole = (made / "holds" / "models" / "stage2.onnx").read_bytes()
    (folder / "models" / "a.onnx").write_bytes(whole[:-200])
    (folder / "models" / "b.onnx").write_bytes(whole)
    (folder / "c.pkl").write_bytes(pickle.dumps(list(range(1000)))[:-5])
    report = tmp_path / "run.json"
    done = cli("scan", folder, "--footage", "off", "--report", f"json={report}")
    run = json.loads(report.read_text())
    assert sorted(n["path"] for n in run["run"]["not_tested"]) == ["c.pkl", "models/a.onnx"]
    assert [f["artifact"]["path"] for f in run["findings"] if f["confidence"] == "high"] == ["models/b.onnx"]
    assert done.returncode in (Exit.CLOSED, Exit.INCOMPLETE)
    assert "Traceback" not in done.stdout + done.stderr
