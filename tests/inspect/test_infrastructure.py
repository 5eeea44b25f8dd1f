"""Images, cloud resources and permissions, in every format that declares them."""

# ruff: noqa: E501 - tables of one file a line

import pytest

from scanner.errors import LimitError
from scanner.inspect.infrastructure.images import normal_form
from tests.inspect.config_helpers import firm, look, look_hard, shown, subjects


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("ghcr.io/blakeblackshear/frigate:stable", "blakeblackshear/frigate"),
        ("localhost:5000/exadel/compreface-core@sha256:0123", "exadel/compreface-core"),
        ("${registry}compreface-core:${CORE_VERSION}", "compreface-core"),
        ("${IMAGE:-exadel/compreface-core}:1", "exadel/compreface-core"),
        ("docker://jakowenko/double-take:1.13", "jakowenko/double-take"),
        ("docker.io/library/python:3.12", "python"),
        ("Python", "python"),
        ("{{ registry }}/deepquestai/deepstack", "deepquestai/deepstack"),
        ("two words", ""),
        ("", ""),
        ("x" * 500, ""),
    ],
)
def test_the_normal_form_of_an_image(reference: str, expected: str) -> None:
    assert normal_form(reference) == expected


IMAGE = "container-face-recognition"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yml", "services:\n  a:\n    image: exadel/compreface-core:1\n"),
        ("pod.yaml", "kind: Pod\nspec:\n  initContainers:\n    - image: mirror.local/hub/exadel/compreface-core\n"),
        ("values.yaml", "image:\n  registry: docker.io\n  repository: exadel/compreface-core\n  tag: '1'\n"),
        ("kustomization.yaml", "images:\n  - name: exadel/compreface-core\n    newTag: '1'\n"),
        (".gitlab-ci.yml", "test:\n  image:\n    name: exadel/compreface-core\n  services:\n    - name: deepquestai/deepstack\n"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    container: exadel/compreface-core\n"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - uses: docker://exadel/compreface-core\n"),
        (".github/workflows/a.yml", "jobs:\n  a:\n    steps:\n      - run: |\n          echo\n          docker run -d --rm \\\n            -p 1:1 exadel/compreface-core\n"),
        ("tasks.yml", "- community.docker.docker_container:\n    name: x\n    image: exadel/compreface-core\n"),
        ("vars.yml", "nvr_docker_image: exadel/compreface-core:1\n"),
        ("a.container", "[Container]\nImage=docker.io/exadel/compreface-core:latest\n"),
        ("nvr.service", "[Service]\nExecStart=/usr/bin/docker run --rm exadel/compreface-core\n"),
        ("task.json", '[{"name": "a", "image": "1.dkr.ecr.eu-west-1.amazonaws.com/exadel/compreface-core"}]'),
        ("devcontainer.json", '{\n  // dev\n  "image": "exadel/compreface-core",\n}'),
        ("main.tf", 'resource "docker_image" "a" {\n  name = "x"\n  container_image = "exadel/compreface-core"\n}\n'),
        ("job.hcl", 'job "a" {\n  group "g" {\n    task "t" {\n      config { image = "exadel/compreface-core" }\n    }\n  }\n}\n'),
        ("Dockerfile", "FROM exadel/compreface-core:1 AS base\n"),
        ("Dockerfile", "FROM scratch\nCOPY --from=exadel/compreface-core /a /a\n"),
        ("Dockerfile", "FROM scratch\nRUN --mount=type=bind,from=exadel/compreface-core,target=/a \\\n  true\n"),
        ("api.Dockerfile", "ARG BASE=exadel/compreface-core\nFROM --platform=linux/amd64 ${BASE}\n"),
        ("install.sh", "docker pull exadel/compreface-core:latest\n"),
        ("templates/d.yaml", "{{- if .Values.a }}\nspec:\n  containers:\n    - image: exadel/compreface-core:{{ .Values.tag }}\n{{- end }}\n"),
    ],
)  # fmt: skip
def test_an_image_is_found_where_images_stand(path: str, text: str) -> None:
    assert shown(path, text).get(IMAGE) == "medium"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "Dockerfile",
            "FROM python:3.12 AS exadel\nCOPY --from=exadel /a /a\n# FROM exadel/compreface-core\n",
        ),
        ("Dockerfile", "FROM node AS deepquestai/deepstack\nCOPY --from=deepquestai/deepstack /a /a\n"),
        ("compose.yml", "services:\n  a:\n    image: acme/exadel-compreface-corelib:1\n"),
        ("compose.yml", "services:\n  a:\n    build: exadel/compreface-core\n"),
        ("package.json", '{"repository": "exadel/compreface"}'),
        ("cite.yml", "url: https://hub.docker.com/r/exadel/compreface-core\n"),
    ],
)
def test_what_is_no_image_is_not_taken_for_one(path: str, text: str) -> None:
    assert IMAGE not in shown(path, text)


STATEMENT = '{"Statement": [{"Effect": "%s", "%s": %s, "Resource": "*"}]}'


@pytest.mark.parametrize(
    ("effect", "key", "actions", "expected"),
    [
        ("Allow", "Action", '"rekognition:SearchFacesByImage"', {"rekognition:SearchFacesByImage"}),
        ("Allow", "Action", '["REKOGNITION:indexfaces"]', {"rekognition:IndexFaces"}),
        ("Allow", "Action", '"rekognition:Search*"', {"rekognition:search*"}),
        ("Allow", "Action", '"rekognition:*"', set()),
        ("Allow", "Action", '"rekognition:Detect*"', {"rekognition:detect*"}),
        ("Allow", "Action", '"*"', set()),
        ("Deny", "Action", '"rekognition:*"', set()),
        ("Allow", "NotAction", '["rekognition:SearchFaces"]', set()),
        ("Allow", "Action", '["rekognition:DetectLabels", "rekognition:DetectText"]', set()),
        (
            "Allow",
            "Action",
            '["rekognition:DetectModerationLabels", "rekognition:DetectCustomLabels"]',
            set(),
        ),
        ("Allow", "Action", '["s3:Get*", "rekognition:Describe*"]', set()),
    ],
)
def test_a_policy_grants_what_it_allows(effect: str, key: str, actions: str, expected: set[str]) -> None:
    text = STATEMENT % (effect, key, actions)
    found = [f for f in look("policy.json", text) if f.confidence != "low"]
    assert {e.subject for f in found for e in f.evidence if e.signal == "action"} == expected


def test_all_of_a_service_is_a_hint_that_says_what_it_covers() -> None:
    found = look("policy.json", STATEMENT % ("Allow", "Action", '"rekognition:*"'))
    assert {"iam-face-recognition", "iam-face-detection"} <= {f.rule for f in found}
    assert {f.confidence for f in found} == {"low"}
    assert any("covers rekognition:IndexFaces" in e.note for f in found for e in f.evidence)


@pytest.mark.parametrize(
    "text",
    [
        'data "aws_iam_policy_document" "a" {\n  statement {\n    actions = ["rekognition:IndexFaces"]\n  }\n}\n',
        'resource "aws_iam_policy" "a" {\n  policy = jsonencode({\n    Statement = [{ Action = "rekognition:IndexFaces", Effect = "Allow" }]\n  })\n}\n',
        'resource "aws_iam_policy" "a" {\n  policy = <<-EOF\n  {"Statement": {"Effect": "Allow", "Action": "rekognition:IndexFaces"}}\n  EOF\n}\n',
        'locals {\n  actions = concat(["rekognition:IndexFaces"], var.more)\n}\n',
    ],
)  # fmt: skip
def test_policies_in_terraform(text: str) -> None:
    assert "iam-face-recognition" in shown("iam.tf", text)


def test_a_denying_statement_in_terraform_grants_nothing() -> None:
    text = 'data "aws_iam_policy_document" "a" {\n  statement {\n    effect = "Deny"\n    actions = ["rekognition:*"]\n  }\n}\n'
    assert firm("iam.tf", text) == {}


@pytest.mark.parametrize(
    ("path", "text", "subject"),
    [
        ("a.tf.json", '{"resource": {"aws_rekognition_collection": {"a": {"collection_id": "x"}}}}', "terraform:aws_rekognition_collection"),
        ("plan.json", '{"resource_changes": [{"address": "x", "mode": "managed", "type": "azurerm_cognitive_account", "change": {"after": {"kind": "Face"}}}]}', "terraform:azurerm_cognitive_account[kind=face]"),
        ("t.json", '{"Resources": {"A": {"Type": "AWS::Rekognition::Collection"}}}', "cloudformation:AWS::Rekognition::Collection"),
        ("Pulumi.yaml", "resources:\n  a:\n    type: aws:rekognition/collection:Collection\n", "pulumi:aws:rekognition:Collection"),
        ("Pulumi.yaml", "resources:\n  a:\n    type: azure-native:cognitiveservices:Account\n    properties:\n      kind: Face\n", "pulumi:azure-native:cognitiveservices:Account[kind=face]"),
        ("a.yaml", "apiVersion: rekognition.aws.upbound.io/v1beta1\nkind: Collection\n", "kubernetes:rekognition.aws.upbound.io/Collection"),
        ("a.bicep", "resource a 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  kind: 'Face'\n}\n", "arm:Microsoft.CognitiveServices/accounts[kind=face]"),
    ],
)  # fmt: skip
def test_resources_by_the_names_of_every_language(path: str, text: str, subject: str) -> None:
    (finding,) = [f for f in look(path, text) if f.confidence != "low"]
    assert (finding.evidence[0].subject, finding.confidence.value) == (subject, "high")


@pytest.mark.parametrize(
    ("path", "text", "subject"),
    [
        ("a.tf", 'resource "aws_rekognition_stream_processor" "a" {}\n', "terraform:aws_rekognition_stream_processor"),
        ("t.yaml", "Resources:\n  A:\n    Type: AWS::Rekognition::StreamProcessor\n    Properties:\n      RoleArn: !GetAtt R.Arn\n", "cloudformation:AWS::Rekognition::StreamProcessor"),
    ],
)  # fmt: skip
def test_a_stream_processor_searches_faces_or_finds_parcels(path: str, text: str, subject: str) -> None:
    (finding,) = look(path, text)
    assert (finding.evidence[0].subject, finding.confidence.value) == (subject, "medium")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.tf", 'resource "azurerm_cognitive_account" "face" {\n  kind = "FormRecognizer"\n}\n'),
        ("a.tf", 'resource "aws_rekognition_project" "a" {\n  feature = "CUSTOM_LABELS"\n}\n'),
        ("t.yaml", "Resources:\n  A:\n    Type: AWS::Rekognition::Project\n"),
        ("a.bicep", "resource a 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  kind: 'OpenAI'\n}\nparam kind string = 'Face'\n"),
        ("spec.json", '{"ResourceTypes": {"AWS::Rekognition::Collection": {"Documentation": "x"}}}'),
    ],
)  # fmt: skip
def test_resources_that_recognise_nobody(path: str, text: str) -> None:
    assert firm(path, text) == {}


def test_a_dockerfile_s_variables_count() -> None:
    assert shown("Dockerfile", "FROM x\nENV VISION-FACE=True OTHER=1\n") == {"deepstack-face": "high"}
    assert shown("Dockerfile", "FROM x\nENV VISION-FACE False\n") == {"deepstack-face": "medium"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("compose.yml", "services:\n  a:\n    environment:\n      - VISION-FACE=True\n"),
        ("compose.yml", "services:\n  a:\n    environment:\n      VISION-FACE: 'true'\n"),
        (
            "pod.yaml",
            "spec:\n  containers:\n    - env:\n        - name: VISION-FACE\n          value: 'True'\n",
        ),
        ("prod.env", "export VISION-FACE=True\n"),
        ("values.yaml", "env:\n  VISION-FACE: true\n"),
    ],
)
def test_variables_in_every_way_of_setting_them(path: str, text: str) -> None:
    assert shown(path, text)["deepstack-face"] == "high"


def test_the_tag_of_an_image_is_evidence_and_no_part_of_the_fingerprint() -> None:
    one = look("a.yml", "services:\n  a:\n    image: exadel/compreface-core:1.0\n")
    other = look("b.yml", "\nservices:\n  b:\n    image: ghcr.io/exadel/compreface-core:2.0\n")
    assert one[0].fingerprint == other[0].fingerprint
    assert "compreface-core:1.0" in one[0].evidence[0].excerpt
    assert subjects("a.yml", "image: exadel/compreface-core\n") == {"exadel/compreface-core"}


def test_a_dockerfile_of_many_megabytes_is_not_tested() -> None:
    _, errors = look_hard("Dockerfile", b"FROM exadel/compreface-core\n" + b"#\n" * 3_000_000)
    assert isinstance(errors[0], LimitError)
