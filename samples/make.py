"""Makes the samples that the README, the demo and the tests use, under samples/out.

    compliant/      a camera pipeline without biometric processing
    noncompliant/   one with recognition in code, configuration, a model, a gallery and picture metadata
    footage/        clips: a static camera, a hand-held one, and one with everything that can go wrong

Nothing is downloaded: the one face is that of NASA's public-domain astronaut picture in scikit-image.
"""

import shutil
import sys
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from samples import clips, embedder  # noqa: E402 - found by the line above, from any folder

_XMP = b"""<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
 xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"><mwg-rs:Regions rdf:parseType="Resource">
<mwg-rs:RegionList><rdf:Bag><rdf:li rdf:parseType="Resource"><mwg-rs:Name>Sample Visitor</mwg-rs:Name>
<mwg-rs:Type>Face</mwg-rs:Type><mwg-rs:Area stArea:x="0.44" stArea:y="0.23" stArea:w="0.18" stArea:h="0.23"
 stArea:unit="normalized"/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions></rdf:Description>
</rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def make(out: Path) -> None:
    """Write all samples into `out`, anew."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(HERE / "pipelines", out)
    footage = out / "footage"
    footage.mkdir()
    pipelines(out)
    clips.write(footage / "gate-cctv.mp4", clips.cctv(), clips.steady_times(30, 15))
    clips.write(footage / "hand-held.mp4", clips.handheld(), clips.steady_times(4, 25))
    clips.write(
        footage / "doorbell.mp4",
        clips.handheld(),
        clips.varying_times(4),
        clips.Look(rotation=90, audio=True, subtitles=True, gps=True),
    )


def pipelines(out: Path) -> None:
    """Add the binary parts of the pipelines: models, galleries, pictures and clips."""
    bad = out / "noncompliant"
    embedder.write_embedder(bad / "models" / "faces.onnx")
    embedder.write_gallery(bad / "gallery" / "encodings.npy")
    embedder.write_store(bad / "gallery" / "faceembedding.db")
    (bad / "photos").mkdir()
    Image.fromarray(clips.astronaut()).save(bad / "photos" / "visitor.jpg", quality=92, xmp=_XMP)
    clips.write(bad / "exports.mp4", clips.handheld(), clips.steady_times(2, 15))
    clips.write(out / "compliant" / "exports.mp4", clips.empty(), clips.steady_times(2, 15))


if __name__ == "__main__":
    make(HERE / "out")
    print(f"samples are in {HERE.name}/out")
