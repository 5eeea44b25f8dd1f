"""Source, manifests and infrastructure through the command line: items 1, 2 and 4 of what is inspected."""

# ruff: noqa: E501 - tables of one file a line

import json

import pytest

from tests.cli.pipelines import DETECTION, HIGH, LOW, RECOGNITION, Row, Scanned, check, check_complete, scan

LANGUAGES = (
    "python", "javascript", "typescript", "java", "kotlin", "swift", "objective-c", "c", "c++", "c#", "go", "rust",
    "php", "ruby", "shell", "notebook", "aliases", "receiver", "rest", "cloud-sdk", "comments-docs-tests",
)  # fmt: skip


def notebook(kind: str, source: str) -> str:
    cells: list[dict[str, object]] = [
        {"cell_type": kind, "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


SOURCE = [
    Row("python", "a.py", "import cv2\nr = cv2.face.LBPHFaceRecognizer_create()\n", RECOGNITION, HIGH, "cv2.face.LBPHFaceRecognizer_create"),
    Row("python", "a.py", "import cv2\nr = cv2.typeface.Recognizer_create()\n"),
    Row("javascript", "a.js", "const f = require('face-api.js');\nconst m = new f.FaceMatcher(d);\n", RECOGNITION, HIGH, "FaceMatcher"),
    Row("javascript", "a.js", "const f = require('typeface-api.js');\nconst m = new f.FontFaceMatcher(d);\n"),
    Row("typescript", "a.ts", "import { Human } from '@vladmandic/human';\nconst h: Human = new Human();\n", RECOGNITION),
    Row("typescript", "a.ts", "import { Human } from './human';\nconst h: Human = new Human();\n"),
    Row("java", "A.java", "import org.bytedeco.opencv.opencv_face.LBPHFaceRecognizer;\nclass A { Object r = LBPHFaceRecognizer.create(); }\n", RECOGNITION),
    Row("java", "A.java", "import javax.faces.context.FacesContext;\nclass A { Object r = FacesContext.getCurrentInstance(); }\n"),
    Row("kotlin", "a.kt", "import com.google.mlkit.vision.face.FaceDetection\nval d = FaceDetection.getClient()\n", DETECTION),
    Row("kotlin", "a.kt", "import androidx.compose.ui.text.font.Typeface\nval d = Typeface.getClient()\n"),
    Row("swift", "a.swift", "import Vision\nlet r = VNDetectFaceRectanglesRequest()\n", DETECTION, HIGH, "VNDetectFaceRectanglesRequest"),
    Row("swift", "a.swift", "import Vision\nlet r = VNDetectRectanglesRequest()\nlet t = VNRecognizeTextRequest()\n"),
    Row("objective-c", "a.m", "void f(void) { id d = [CIDetector detectorOfType:CIDetectorTypeFace context:nil options:nil]; }\n", DETECTION),
    Row("objective-c", "a.m", "void f(void) { id d = [CIDetector detectorOfType:CIDetectorTypeQRCode context:nil options:nil]; }\n"),
    Row("c", "a.c", "#include <LuxandFaceSDK.h>\nint main(void) { return FSDK_MatchFaces(a, b, s); }\n", RECOGNITION),
    Row("c", "a.c", "#include <ft2build.h>\nint main(void) { return FT_New_Face(lib, path, 0, &face); }\n"),
    Row("c++", "a.cpp", "#include <opencv2/face.hpp>\nauto r = cv::face::LBPHFaceRecognizer::create();\n", RECOGNITION, HIGH),
    Row("c++", "a.cpp", "#include <CGAL/Surface_mesh.h>\nauto r = mesh.add_face(a, b, c);\nauto d = face_descriptor(0);\n"),
    Row("c#", "a.cs", "using FaceRecognitionDotNet;\nclass A { object r = FaceRecognition.Create(\"m\"); }\n", RECOGNITION),
    Row("c#", "a.cs", "using System.Windows.Media;\nclass A { object r = new GlyphTypeface(u); }\n"),
    Row("go", "a.go", "package a\nimport \"github.com/Kagami/go-face\"\nfunc f() { r, _ := face.NewRecognizer(\"d\"); _ = r }\n", RECOGNITION, HIGH),
    Row("go", "a.go", "package a\nimport \"golang.org/x/image/font\"\nfunc f(face font.Face) { _ = face.Metrics() }\n"),
    Row("rust", "a.rs", "use dlib_face_recognition::FaceEncoderNetwork;\nfn f() { let n = FaceEncoderNetwork::default(); }\n", RECOGNITION),
    Row("rust", "a.rs", "use ttf_parser::Face;\nfn f(d: &[u8]) { let n = Face::parse(d, 0); }\n"),
    Row("php", "a.php", "<?php\n$c = new Aws\\Rekognition\\RekognitionClient($o);\n$c->compareFaces($p);\n", RECOGNITION, HIGH),
    Row("php", "a.php", "<?php\n$fb = new Facebook\\Facebook($o);\n$fb->get('/me');\n"),
    Row("ruby", "a.rb", "c = Aws::Rekognition::Client.new\nc.index_faces(collection_id: 'x')\n", RECOGNITION, HIGH),
    Row("ruby", "a.rb", "c = Aws::Polly::Client.new\nc.index_pages(collection_id: 'x')\n"),
    Row("shell", "a.sh", "aws rekognition search-faces-by-image --collection-id x --image f\n", RECOGNITION, says="search-faces-by-image"),
    Row("shell", "a.sh", "aws rekognition detect-labels --image f\nalpr plate.jpg\n"),
    Row("notebook", "a.ipynb", notebook("code", "from deepface import DeepFace as D\nD.verify(a, b)"), RECOGNITION, HIGH, "deepface.DeepFace.verify"),
    Row("notebook", "a.ipynb", notebook("markdown", "from deepface import DeepFace as D\nD.verify(a, b)")),
    Row("aliases", "a.py", "from face_recognition import compare_faces as same\nsame(a, b)\n", RECOGNITION, HIGH, "face_recognition.compare_faces"),
    Row("aliases", "a.py", "from dice import compare_faces as same\nsame(a, b)\n"),
    Row("receiver", "a.py", "import boto3\nclass A:\n    def __init__(self):\n        self.c = boto3.client('rekognition')\n    def f(self):\n        self.c.search_faces_by_image(CollectionId='x')\n", RECOGNITION, HIGH, "search_faces_by_image"),
    Row("receiver", "a.py", "import boto3\nclass A:\n    def __init__(self):\n        self.c = boto3.client('dynamodb')\n    def f(self):\n        self.c.search_users(x=1)\n"),
    Row("rest", "a.py", "import requests\nrequests.post('http://ds:5000/v1/vision/face/recognize', files=f)\n", RECOGNITION, says="/v1/vision/face/recognize"),
    Row("rest", "a.py", "import requests\nrequests.post('http://ds:5000/v1/vision/detection', files=f)\n"),
    Row("cloud-sdk", "a.py", "from azure.ai.vision.face import FaceClient\nc = FaceClient(e, k)\nc.identify_from_large_person_group(face_ids=i)\n", RECOGNITION),
    Row("cloud-sdk", "a.py", "from azure.ai.textanalytics import TextAnalyticsClient\nc = TextAnalyticsClient(e, k)\nc.recognize_entities(d)\n"),
    Row("comments-docs-tests", "tests/test_a.py", "import face_recognition\nface_recognition.face_encodings(x)\n", RECOGNITION, says="in a test"),
    Row("comments-docs-tests", "a.py", '"""Once face_recognition.face_encodings ran here."""\n# import face_recognition\nx = 1\n'),
]  # fmt: skip

STAY_SILENT = [
    Row("typeface", "t.py", "class TypefaceMatcher:\n    def match_typeface(self, font_face): return font_face\n"),
    Row("typeface", "t.css", "@font-face { font-family: 'Face Recognition Sans'; src: url(a.woff2); }\n"),
    Row("dice-face", "Dice.java", "class Dice { int faces = 6; boolean compareDice(int a, int b) { return a == b; } int faceValue() { return faces; } int rollFace() { return 1; } }\n"),
    Row("mesh-face", "mesh.py", "import trimesh\nmesh = trimesh.load('a.ply')\nfaces = mesh.faces\nface_normals = mesh.face_normals\nface_adjacency = mesh.face_adjacency\nmesh.update_faces(mask)\n"),
    Row("facebook-sdk", "fb.swift", "import FBSDKLoginKit\nlet m = LoginManager()\nm.logIn(permissions: [\"public_profile\"])\n"),
    Row("facebook-sdk", "package.json", '{"dependencies": {"react-native-fbsdk-next": "13", "facebook-nodejs-business-sdk": "1"}}'),
    Row("browser-fingerprint", "fp.js", "import FingerprintJS from '@fingerprintjs/fingerprintjs';\nconst fp = await FingerprintJS.load();\nconst id = (await fp.get()).visitorId;\n"),
    Row("text-embedding", "embed.py", "from sentence_transformers import SentenceTransformer\nm = SentenceTransformer('all-MiniLM-L6-v2')\nembedding = m.encode(text)\nscore = cosine_similarity(embedding, other)\n"),
    Row("number-plate", "lpr.py", "from openalpr import Alpr\nplates = Alpr('eu', c, r).recognize_ndarray(frame)\nplate_embedding = match_plate(plates)\n"),
    Row("number-plate", "plate.yml", "mqtt:\n  enabled: false\nlpr:\n  enabled: true\ncameras:\n  gate:\n    ffmpeg:\n      inputs:\n        - path: rtsp://10.0.0.2/stream\n"),
    Row("hugging-face", "hf.py", "from huggingface_hub import InferenceClient\nfrom langchain_huggingface import HuggingFaceEmbeddings\nHuggingFaceEmbeddings(model_name='bge').embed_query('x')\n"),
    Row("hugging-face", "requirements.txt", "huggingface-hub==0.24\nlangchain-huggingface\ntransformers\n"),
    Row("user-interface", "ui.ts", "export interface FaceRecognitionless { surface: string }\nexport const interfaceMatcher = 1;\n"),
]  # fmt: skip

ECOSYSTEMS = (
    "pip", "poetry", "uv", "conda", "npm", "yarn", "pnpm", "maven", "gradle", "nuget", "go", "cargo", "composer", "gems",
    "cocoapods", "swiftpm", "cmake", "vcpkg", "conan", "apt-in-dockerfile", "cyclonedx-json", "cyclonedx-xml", "spdx-json",
    "spdx-xml", "spdx-tags", "package-url",
)  # fmt: skip


def pom(group: str, artifact: str) -> str:
    return f'<project xmlns="http://maven.apache.org/POM/4.0.0"><dependencies><dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId></dependency></dependencies></project>'


def cdx_xml(purl: str) -> str:
    return f'<?xml version="1.0"?><bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components><component type="library"><name>x</name><purl>{purl}</purl></component></components></bom>'


def cdx(purl: str) -> str:
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "components": [{"type": "library", "name": "x", "purl": purl}],
        }
    )


def spdx(purl: str) -> str:
    reference = {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}
    return json.dumps({"spdxVersion": "SPDX-2.3", "packages": [{"name": "x", "externalRefs": [reference]}]})


def spdx_rdf(purl: str) -> str:
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:spdx="http://spdx.org/rdf/terms#"><spdx:Package>'
        "<spdx:name>x</spdx:name><spdx:externalRef><spdx:ExternalRef>"
        '<spdx:referenceType rdf:resource="http://spdx.org/rdf/references/purl"/>'
        f"<spdx:referenceLocator>{purl}</spdx:referenceLocator></spdx:ExternalRef></spdx:externalRef></spdx:Package></rdf:RDF>"
    )


MANIFESTS = [
    Row("pip", "requirements.txt", "numpy\nFace_Recognition>=1.3 --hash=sha256:00\n", RECOGNITION, says="pkg:pypi/face-recognition"),
    Row("pip", "requirements.txt", "# face_recognition\nsurface-recognition\nspeechrecognition\nhugging-face\n"),
    Row("poetry", "poetry.lock", '[[package]]\nname = "deepface"\nversion = "0.0.93"\n', RECOGNITION),
    Row("poetry", "poetry.lock", '[[package]]\nname = "facebook-sdk"\nversion = "3"\n'),
    Row("uv", "uv.lock", 'version = 1\n[[package]]\nname = "insightface"\nversion = "0.7"\n', RECOGNITION),
    Row("uv", "uv.lock", 'version = 1\n[[package]]\nname = "insights"\nversion = "0.7"\n'),
    Row("conda", "environment.yml", "name: a\ndependencies:\n  - python=3.12\n  - conda-forge::insightface=0.7\n", RECOGNITION, says="pkg:conda/insightface"),
    Row("conda", "environment.yml", "name: insightface\ndependencies:\n  - python=3.12\n  - huggingface_hub\n"),
    Row("npm", "package-lock.json", '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/@vladmandic/human": {"version": "3"}}}', RECOGNITION),
    Row("npm", "package-lock.json", '{"lockfileVersion": 3, "packages": {"": {"name": "face-api.js"}, "node_modules/fontfaceobserver": {"version": "2"}}}'),
    Row("yarn", "yarn.lock", '# yarn lockfile v1\n\nface-api.js@^0.22.2:\n  version "0.22.2"\n', RECOGNITION),
    Row("yarn", "yarn.lock", '# yarn lockfile v1\n\nfontfaceobserver@^2:\n  version "2.3.0"\n'),
    Row("pnpm", "pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n\n  '@vladmandic/face-api@1.7.15':\n    resolution: {integrity: x}\n", RECOGNITION),
    Row("pnpm", "pnpm-lock.yaml", "lockfileVersion: '9.0'\npackages:\n\n  '@fontsource/face-sans@1.7.15':\n    resolution: {integrity: x}\n"),
    Row("maven", "pom.xml", pom("com.azure", "azure-ai-vision-face"), RECOGNITION),
    Row("maven", "pom.xml", pom("com.sun.faces", "jsf-impl")),
    Row("gradle", "build.gradle.kts", 'dependencies {\n  implementation("com.google.mlkit:face-detection:16.1.7")\n}\n', DETECTION),
    Row("gradle", "build.gradle.kts", 'dependencies {\n  // implementation("com.google.mlkit:face-detection:16.1.7")\n  implementation("com.google.mlkit:text-recognition:16.0")\n}\n'),
    Row("nuget", "a.csproj", '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="FaceRecognitionDotNet" Version="1.3"/></ItemGroup></Project>', RECOGNITION),
    Row("nuget", "a.csproj", '<Project Sdk="Microsoft.NET.Sdk"><ItemGroup><PackageReference Include="TypefaceRecognition" Version="1.3"/></ItemGroup></Project>'),
    Row("go", "go.mod", "module x\n\ngo 1.22\n\nrequire github.com/Kagami/go-face v0.0.0-2021\n", RECOGNITION),
    Row("go", "go.mod", "module x\n\ngo 1.22\n\nrequire github.com/golang/freetype v0.0.0-2017\n"),
    Row("cargo", "Cargo.lock", 'version = 3\n[[package]]\nname = "dlib-face-recognition"\nversion = "0.3"\n', RECOGNITION),
    Row("cargo", "Cargo.lock", 'version = 3\n[[package]]\nname = "fontdue-face"\nversion = "0.3"\n'),
    Row("composer", "composer.json", '{"require": {"mauricesvay/php-facedetection": "^1"}}', DETECTION),
    Row("composer", "composer.json", '{"require": {"facebook/graph-sdk": "^5"}}'),
    Row("gems", "Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n    facepp (0.0.3)\n", RECOGNITION),
    Row("gems", "Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n    aws-sdk-polly (1.90.0)\n    omniauth-facebook (9.0)\n"),
    Row("cocoapods", "Podfile", "target 'A' do\n  pod 'GoogleMLKit/FaceDetection', '7.0.0'\nend\n", DETECTION),
    Row("cocoapods", "Podfile", "target 'A' do\n  pod 'FBSDKCoreKit', '17.0'\n  # pod 'GoogleMLKit/FaceDetection'\nend\n"),
    Row("swiftpm", "Package.swift", 'let p = Package(name: "a", dependencies: [\n  .package(url: "https://github.com/acme/swift-face-recognition.git", from: "1.0.0"),\n])\n', RECOGNITION),
    Row("swiftpm", "Package.swift", 'let p = Package(name: "face-recognition", dependencies: [\n  .package(url: "https://github.com/facebook/facebook-ios-sdk.git", from: "17.0.0"),\n])\n'),
    Row("cmake", "CMakeLists.txt", "project(a)\nfind_package(dlib REQUIRED)\n", RECOGNITION, LOW, "pkg:generic/dlib"),
    Row("cmake", "CMakeLists.txt", "project(a)\n# find_package(dlib REQUIRED)\nfind_package(Freetype REQUIRED)\n", None, LOW),
    Row("vcpkg", "vcpkg.json", '{"dependencies": [{"name": "dlib"}]}', RECOGNITION, LOW, "pkg:vcpkg/dlib"),
    Row("vcpkg", "vcpkg.json", '{"name": "dlib", "dependencies": ["zlib"]}', None, LOW),
    Row("conan", "conanfile.txt", "[requires]\ndlib/19.24\n", RECOGNITION, LOW, "pkg:conan/dlib"),
    Row("conan", "conanfile.txt", "[requires]\nzlib/1.3\n", None, LOW),
    Row("apt-in-dockerfile", "Dockerfile", "FROM debian:12\nRUN apt-get update && \\\n    apt-get install -y --no-install-recommends howdy\n", RECOGNITION, LOW, "pkg:deb/debian/howdy"),
    Row("apt-in-dockerfile", "Dockerfile", "FROM debian:12\n# RUN apt-get install -y howdy\nRUN apt-get install -y fonts-noto\n", None, LOW),
    Row("cyclonedx-json", "bom.json", cdx("pkg:pypi/insightface@0.7.3"), RECOGNITION),
    Row("cyclonedx-json", "bom.json", cdx("pkg:pypi/huggingface-hub@0.24")),
    Row("cyclonedx-xml", "bom.xml", cdx_xml("pkg:npm/face-api.js@0.22.2"), RECOGNITION),
    Row("cyclonedx-xml", "bom.xml", cdx_xml("pkg:npm/fontfaceobserver@2.3.0")),
    Row("spdx-json", "a.spdx.json", spdx("pkg:npm/%40vladmandic/human@3.3"), RECOGNITION),
    Row("spdx-json", "a.spdx.json", spdx("pkg:npm/%40human-interface/hid@3.3")),
    Row("spdx-xml", "a.spdx.rdf", spdx_rdf("pkg:pypi/deepface@0.0.93"), RECOGNITION),
    Row("spdx-xml", "a.spdx.rdf", spdx_rdf("pkg:pypi/facebook-sdk@3")),
    Row("spdx-tags", "a.spdx", "SPDXVersion: SPDX-2.3\nPackageName: x\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/deepface@1\n", RECOGNITION),
    Row("spdx-tags", "a.spdx", "SPDXVersion: SPDX-2.3\nPackageName: x\nPackageComment: not deepface\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/numpy@2\n"),
    Row("package-url", "requirements.txt", "facenet_pytorch==2.5.3\n", RECOGNITION, says="pkg:pypi/facenet-pytorch"),
    Row("package-url", "requirements.txt", "my-surface-net-pytorch==1\n"),
]  # fmt: skip

INFRASTRUCTURE = (
    "terraform", "opentofu", "cloudformation", "sam", "cdk", "bicep", "arm", "kubernetes", "compose", "iam", "iam-wildcard",
)  # fmt: skip


def iam(effect: str, action: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]}
    )


def arm(kind: str) -> str:
    account = {
        "type": "Microsoft.CognitiveServices/accounts",
        "apiVersion": "2023-05-01",
        "kind": kind,
        "name": "a",
    }
    return json.dumps(
        {
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "resources": [account],
        }
    )


def pod(image: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n    - name: a\n      image: {image}\n"


SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - Statement:\n            - Effect: Allow\n              Action: %s\n              Resource: '*'\n"

CLOUD = [
    Row("terraform", "main.tf", 'resource "aws_rekognition_collection" "a" {\n  collection_id = "x"\n}\n', RECOGNITION, HIGH),
    Row("terraform", "main.tf", 'resource "aws_rekognition_project" "a" {\n  feature = "CUSTOM_LABELS"\n}\n# aws_rekognition_collection\n'),
    Row("opentofu", "main.tofu", 'resource "azurerm_cognitive_account" "a" {\n  kind = "Face"\n}\n', RECOGNITION),
    Row("opentofu", "main.tofu", 'resource "azurerm_cognitive_account" "face" {\n  kind = "OpenAI"\n}\n'),
    Row("cloudformation", "t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A:\n    Type: AWS::Rekognition::Collection\n    Properties:\n      CollectionId: !Ref Name\n", RECOGNITION, HIGH),
    Row("cloudformation", "t.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Face:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: !Ref Name\n"),
    Row("sam", "template.yaml", SAM % "rekognition:IndexFaces", RECOGNITION),
    Row("sam", "template.yaml", SAM % "rekognition:DetectText"),
    Row("cdk", "stack.ts", "import * as rekognition from 'aws-cdk-lib/aws-rekognition';\nnew rekognition.CfnCollection(this, 'c', { collectionId: 'x' });\n", RECOGNITION),
    Row("cdk", "stack.py", "from aws_cdk import aws_rekognition as rekognition\nrekognition.CfnCollection(self, 'c', collection_id='x')\n", RECOGNITION),
    Row("cdk", "stack.ts", "import * as opensearch from 'aws-cdk-lib/aws-opensearchserverless';\nnew opensearch.CfnCollection(this, 'c', { name: 'x' });\n"),
    Row("bicep", "a.bicep", "resource a 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  name: 'a'\n  kind: 'Face'\n}\n", RECOGNITION, HIGH),
    Row("bicep", "a.bicep", "resource face 'Microsoft.CognitiveServices/accounts@2023-05-01' = {\n  name: 'face'\n  kind: 'SpeechServices'\n}\n"),
    Row("arm", "azuredeploy.json", arm("Face"), RECOGNITION, HIGH),
    Row("arm", "azuredeploy.json", arm("TextAnalytics")),
    Row("kubernetes", "pod.yaml", pod("exadel/compreface-core:1.2.0"), RECOGNITION),
    Row("kubernetes", "pod.yaml", pod("acme/surface-recognition:1.2.0")),
    Row("compose", "compose.yaml", "services:\n  a:\n    image: docker.io/codeproject/ai-server:latest\n", RECOGNITION),
    Row("compose", "compose.yaml", "services:\n  deepstack:\n    image: docker.io/library/redis:7\n"),
    Row("iam", "policy.json", iam("Allow", "rekognition:SearchFacesByImage"), RECOGNITION, says="rekognition:SearchFacesByImage"),
    Row("iam", "policy.json", iam("Deny", "rekognition:SearchFacesByImage")),
    Row("iam-wildcard", "policy.json", iam("Allow", "rekognition:Search*"), RECOGNITION),
    Row("iam-wildcard", "policy.json", iam("Allow", "rekognition:Describe*")),
]  # fmt: skip

ROWS = (*SOURCE, *STAY_SILENT, *MANIFESTS, *CLOUD)


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Scanned:
    return scan(tmp_path_factory.mktemp("code"), ROWS)


@pytest.mark.parametrize("row", SOURCE, ids=str)
def test_item_1_source(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


@pytest.mark.parametrize("row", STAY_SILENT, ids=str)
def test_stays_silent(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


@pytest.mark.parametrize("row", MANIFESTS, ids=str)
def test_item_2_manifests_and_bills_of_materials(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


@pytest.mark.parametrize("row", CLOUD, ids=str)
def test_item_4_infrastructure(scanned: Scanned, row: Row) -> None:
    check(scanned, row)


def test_the_table_holds_the_whole_list() -> None:
    check_complete(SOURCE, LANGUAGES)
    check_complete(MANIFESTS, ECOSYSTEMS)
    check_complete(CLOUD, INFRASTRUCTURE)
