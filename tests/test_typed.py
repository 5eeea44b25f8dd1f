"""What does not fit is said in the user's words, with the place and the nearest word."""

from enum import StrEnum

import msgspec
import pytest

from scanner.typed import convert, from_toml


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Left(msgspec.Struct, forbid_unknown_fields=True, tag="left", tag_field="side"):
    far: int


class Right(msgspec.Struct, forbid_unknown_fields=True, tag="right", tag_field="side"):
    near: int


class Part(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    colours: tuple[Colour, ...] = ()
    hand: Left | Right | None = None


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    part: tuple[Part, ...] = ()
    title: str = ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("titel = 'x'", "unknown key 'titel'; did you mean 'title'?"),
        ("zzz = 1", "unknown key 'zzz'; known are part, title"),
        ("[[part]]\nname = 'a'\n[[part]]\nnam = 'b'", "part 2: unknown key 'nam'; did you mean 'name'?"),
        ("[[part]]\ncolours = []", "part 1: 'name' is missing"),
        (
            "[[part]]\nname='a'\ncolours = ['red', 'gren']",
            "part 1, colours 2: 'gren' is not known here; did you",
        ),
        ("[[part]]\nname='a'\nhand = { side = 'rihgt' }", "did you mean 'right'?"),
        ("[[part]]\nname='a'\nhand = { side = 'left', fra = 1 }", "unknown key 'fra'; did you mean 'far'?"),
        ("[[part]]\nname = 3", "part 1, name: expected `str`, got `int`"),
        ("title = ", "Invalid value"),
        ("title = " + "[" * 100_000, "it is nested too deeply"),
    ],
)
def test_what_is_wrong_names_the_place_and_the_nearest_word(text: str, says: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the words are what is tested
        from_toml(text, Whole)
    assert says in str(caught.value)


def test_what_fits_is_given_back_in_its_type() -> None:
    assert convert({"part": [{"name": "a", "colours": ["red"]}]}, Whole).part[0].colours == (Colour.RED,)
