"""Says who stands at the gate. Everything here is what the Act would forbid."""

import sys

import boto3
import face_recognition as fr
import numpy as np

KNOWN = np.load("gallery/encodings.npy")


def who(path: str) -> list[bool]:
    """Compare every face of a picture with the gallery."""
    picture = fr.load_image_file(path)
    places = fr.face_locations(picture)
    return [bool(any(fr.compare_faces(KNOWN, code))) for code in fr.face_encodings(picture, places)]


def ask_the_cloud(path: str) -> list[dict]:
    """Search a collection of the vendor's."""
    client = boto3.client("rekognition", region_name="us-gov-west-1")
    with open(path, "rb") as file:
        answer = client.search_faces_by_image(CollectionId="visitors", Image={"Bytes": file.read()})
    return answer["FaceMatches"]


if __name__ == "__main__":
    print(who(sys.argv[1]), ask_the_cloud(sys.argv[1]))
