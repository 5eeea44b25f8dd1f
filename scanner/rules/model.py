"""What a rule is: data that says which signals show which capability, and why.

A rule file is TOML under `scanner/rules/catalogue` (or a user's `--rules DIR`), one topic a file, with
tables `[[rule]]`. Every rule carries examples that must match and examples that must not.
"""

from datetime import date

import msgspec

from scanner.findings import Capability, Confidence


class PackageSignal(msgspec.Struct, frozen=True, tag="package", tag_field="kind", forbid_unknown_fields=True):
    """A dependency, as package URLs without version (`pkg:pypi/dlib`); `*` matches within a name."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class ImportSignal(msgspec.Struct, frozen=True, tag="import", tag_field="kind", forbid_unknown_fields=True):
    """A module imported, by dotted or slashed prefix (`azure.ai.vision.face`, `@vladmandic/face-api`).

    `language` is one of the names in `scanner.discover.kind`, or `any`.
    """

    language: str
    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class CallSignal(msgspec.Struct, frozen=True, tag="call", tag_field="kind", forbid_unknown_fields=True):
    """A call or use, by name resolved through imports and aliases.

    `cv2.face.LBPHFaceRecognizer_create` names it whole; `.compute_face_descriptor` is a method on a
    receiver that could not be resolved; `boto3.client(rekognition).search_faces` a method of an object
    that a known constructor made. `argument` is a regular expression that one string argument must match.
    """

    language: str
    match: tuple[str, ...]
    argument: str = ""
    confidence: Confidence = Confidence.HIGH


class SymbolSignal(msgspec.Struct, frozen=True, tag="symbol", tag_field="kind", forbid_unknown_fields=True):
    """An identifier that is distinctive by itself (`VNDetectFaceRectanglesRequest`), whole word."""

    language: str
    match: tuple[str, ...]
    confidence: Confidence = Confidence.HIGH


class NameSignal(msgspec.Struct, frozen=True, tag="name", tag_field="kind", forbid_unknown_fields=True):
    """An identifier that says what it is by its words, in any convention.

    `face embedding` is in `computeFaceEmbeddings`, `FACE_EMBEDDING` and `face-embedding`; not in
    `surface_embedding`. Plurals count as one. `unless` are words that take the meaning away
    (`hugging` in `HuggingFaceEmbedding`). `beside` is a regular expression (RE2) that must match somewhere
    in the file, else the name weighs one step less (`predict_emotion` of a face, or of a text). `needs` is
    the same for names that say nothing alone: without it they count for nothing (`embedding`, in a file
    that finds faces, and in one that searches texts).
    """

    match: tuple[str, ...]
    unless: tuple[str, ...] = ()
    beside: str = ""
    needs: str = ""
    language: str = "any"
    confidence: Confidence = Confidence.MEDIUM


class StringSignal(msgspec.Struct, frozen=True, tag="string", tag_field="kind", forbid_unknown_fields=True):
    """A string in code or configuration that matches a regular expression (RE2): endpoints, model names."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class ClaimSignal(msgspec.Struct, frozen=True, tag="claim", tag_field="kind", forbid_unknown_fields=True):
    """What a project says of itself: a regular expression (RE2, any case) that matches the title or the first
    sentences of its README, or its package's description, where nothing denies it. `unless` is an expression
    that takes the meaning away where it matches the same words (speakers in novels)."""

    match: tuple[str, ...]
    unless: str = ""
    confidence: Confidence = Confidence.MEDIUM


class ConfigSignal(msgspec.Struct, frozen=True, tag="config", tag_field="kind", forbid_unknown_fields=True):
    """A setting of a recorder, camera or pipeline.

    `product` names the format (`frigate`, `home-assistant`, `deepstream`, ...) that an inspector
    recognises by content. `pointer` is a path of keys with `*` for any one key or index and `**` for any
    depth (`cameras/*/face_recognition/enabled`). `equals` are the values, as lower-case text, that switch
    it on, with `*` for any run of characters (`*facenet*`); empty means that the key alone suffices.
    `disabled` are those that leave it installed but off.
    """

    product: str
    pointer: str
    equals: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    confidence: Confidence = Confidence.HIGH


class ImageSignal(msgspec.Struct, frozen=True, tag="image", tag_field="kind", forbid_unknown_fields=True):
    """A container image by repository without registry host, tag or digest; `*` matches within a name."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class ResourceSignal(
    msgspec.Struct, frozen=True, tag="resource", tag_field="kind", forbid_unknown_fields=True
):
    """An infrastructure resource type: `terraform:aws_rekognition_collection`, `cloudformation:AWS::...`.

    `type[key=value]` asks for a property besides (`azurerm_cognitive_account[kind=Face]`).
    """

    match: tuple[str, ...]
    confidence: Confidence = Confidence.HIGH


class ActionSignal(msgspec.Struct, frozen=True, tag="action", tag_field="kind", forbid_unknown_fields=True):
    """A permission granted: `rekognition:SearchFacesByImage`, also where a wildcard in a policy covers it."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class ModelSignal(msgspec.Struct, frozen=True, tag="model", tag_field="kind", forbid_unknown_fields=True):
    """A model file: by digest (`sha256:`, `sha384:`, `git-blob:`, where size and usual name may follow),
    by role that its structure shows (`role:face-embedding`, `role:face-detector`, ...), or by name
    (`name:arcface*.onnx`, a hint; with a slash it is matched against the path)."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.HIGH


class StoreSignal(msgspec.Struct, frozen=True, tag="store", tag_field="kind", forbid_unknown_fields=True):
    """Stored templates: `table:TB_EMBEDDINGS.embedding` (in SQLite and in dumps; `sqlite:` and `sql:` for one
    of them), `path:clips/faces/*` (pictures), `format:howdy`, `vectors:face` (told by evidence)."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class MetadataSignal(
    msgspec.Struct, frozen=True, tag="metadata", tag_field="kind", forbid_unknown_fields=True
):
    """A tag or stream inside media: `xmp:mwg-rs:Name`, `quicktime:com.apple.quicktime.detected-face`."""

    match: tuple[str, ...]
    confidence: Confidence = Confidence.MEDIUM


class FootageSignal(msgspec.Struct, frozen=True, tag="footage", tag_field="kind", forbid_unknown_fields=True):
    """Something seen in the picture itself: `face`, `face-box` (drawn around a face by a program),
    `face-label` (text beside such a box), `record` (a manifest of a redaction).

    `text` are regular expressions (RE2, any case) of which one must match what was read of a label, and
    `unless` those of which none may. `capability` is what such a label shows, where it is not the rule's.
    """

    match: tuple[str, ...]
    text: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    capability: Capability | None = None
    confidence: Confidence = Confidence.HIGH


Signal = (
    PackageSignal
    | ImportSignal
    | CallSignal
    | SymbolSignal
    | NameSignal
    | StringSignal
    | ClaimSignal
    | ConfigSignal
    | ImageSignal
    | ResourceSignal
    | ActionSignal
    | ModelSignal
    | StoreSignal
    | MetadataSignal
    | FootageSignal
)


class Read(msgspec.Struct, frozen=True, tag="read", tag_field="known", forbid_unknown_fields=True):
    """A page, file or package list that somebody opened for this rule, and the day on which they did."""

    source: str
    seen: date


class Recalled(msgspec.Struct, frozen=True, tag="recalled", tag_field="known", forbid_unknown_fields=True):
    """General knowledge, with the place where it should be found; nobody has verified it there.

    It has no day, since nothing was read.
    """

    source: str


# Where the knowledge of a rule comes from. Being two types, a day where nothing was read, or a reading
# without its day, does not fit the schema.
Reference = Read | Recalled


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A small file: `path` decides its kind, `text` (or `base64`, for binary formats) is its content."""

    path: str
    text: str = ""
    base64: str = ""


class Examples(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Files the rule must find something in, and files that only look like it."""

    match: tuple[Example, ...]
    no_match: tuple[Example, ...]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of the catalogue."""

    id: str
    title: str
    capability: Capability
    why: str
    signals: tuple[Signal, ...]
    references: tuple[Reference, ...]
    examples: Examples


class RuleFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One TOML file of the catalogue."""

    rule: tuple[Rule, ...]
