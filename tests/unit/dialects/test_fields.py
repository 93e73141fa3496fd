"""A field of a dialect is written once: what is made of the fields knows a new one by itself."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
from enum import StrEnum
from typing import Annotated

import pytest

from darkparity.dialects import DIALECTS, UNTOLD, Backward, Dialect, Epsilon, LayerType, SavesX, dialect, settings
from darkparity.errors import UsageError
from darkparity.formats.messages import constants
from darkparity.proof.pages import specification

DARKNET = dialect("darknet")


class Renorm(StrEnum):
    """A choice that is not in the C++."""

    OFF = "off"
    ON = "on"


#: As a line in `Dialect` each: a number, a choice, a group, and one that only the harness needs.
Extended = dataclasses.make_dataclass(
    "Extended",
    [
        ("clip", Annotated[float, "the largest |x_norm|"], 3.0),
        ("renorm", Annotated[Renorm, "whether batch renormalization is `on`"], Renorm.OFF),
        ("scale_delta", Annotated[Epsilon, "epsilon of `scale_delta_cpu`"], Epsilon(1e-5, "inside")),
        ("seen", Annotated[bool, "whether it was looked at", UNTOLD], False),
    ],
    bases=(Dialect,),
    frozen=True,
    eq=False,
    repr=False,
)


def extended(**more: object) -> Dialect:
    own = {f.name: getattr(DARKNET, f.name) for f in dataclasses.fields(DARKNET)}
    made: Dialect = Extended(**{**own, **more})
    return made


def test_the_wire_tells_a_new_field() -> None:
    told = constants(extended(renorm="on"), "BATCHNORM")
    new = {
        "clip": "0x1.8000000000000p+1",
        "renorm": "on",
        "scale_delta_epsilon": float(DARKNET.mean_delta.value).hex(),
        "scale_delta_place": "inside",
    }
    assert told == constants(DARKNET, "BATCHNORM") | new


def test_the_documentation_lists_a_new_field() -> None:
    table = specification.dialect_fields(Extended)
    for line in ("| `clip` | the largest \\|x_norm\\| |", "| `renorm` | whether batch renormalization is `on` |",
                 "| `seen` | whether it was looked at |"):  # fmt: skip
        assert line in table.splitlines()
    assert table.startswith(specification.dialect_fields())
    wire = specification.wire_constants(extended())
    assert '| `scale_delta_epsilon` | `"0x1.4f8b580000000p-17"` | epsilon of `scale_delta_cpu` |' in wire
    assert '| `scale_delta_place` | `"inside"` | `inside`: sqrt(variance + epsilon);' in wire
    assert "seen" not in wire


def test_the_cpp_row_is_made_without_a_field_it_does_not_know() -> None:
    pytest.importorskip("darkparity._core")
    from darkparity.implementations.shipped.cpp_port import core_dialect

    row = core_dialect(extended(backward="inverse_std"), "CONNECTED")
    assert row.backward.name == "inverse_std"  # type: ignore[attr-defined]
    assert not hasattr(row, "clip")


def test_a_new_field_counts_in_the_hash() -> None:
    assert len({hash(extended(clip=float(clip % 3))) for clip in range(6)}) == 3
    assert hash(extended()) == hash(extended(sources={"*": "elsewhere"}))


def test_a_new_choice_refuses_other_words() -> None:
    with pytest.raises(UsageError, match="renorm is 'maybe', must be one of off, on"):
        extended(renorm="maybe")


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("layer_type", LayerType)
def test_every_field_of_the_cpp_row_is_filled_from_the_row(name: str, layer_type: LayerType) -> None:
    """A name that is spelt differently on the two sides would stay zero."""
    pytest.importorskip("darkparity._core")
    from darkparity.implementations.shipped.cpp_port import core_dialect

    made, told = core_dialect(dialect(name), layer_type), dialect(name).row(layer_type)
    fields = {n for n in dir(made) if not n.startswith("_")}
    assert fields == set(told)
    for field, value in told.items():
        assert plain(getattr(made, field)) == plain(value), field


def test_the_cpp_row_is_built_once() -> None:
    """By value: an equal dialect made later finds it too, one with another constant does not."""
    pytest.importorskip("darkparity._core")
    from darkparity.implementations.shipped.cpp_port import core_dialect

    assert core_dialect(DARKNET) is core_dialect(dataclasses.replace(DARKNET))
    assert core_dialect(dataclasses.replace(DARKNET, variance_ddof=0)) is not core_dialect(DARKNET)


def plain(value: object) -> object:
    """Words and enums as text, groups of fields as dicts."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float):
        return value
    parts = {"Epsilon": ("value", "place"), "Rolling": ("decay", "gain")}.get(type(value).__name__)
    return {n: plain(getattr(value, n)) for n in parts} if parts else value.name  # type: ignore[attr-defined]


def test_words_are_their_text() -> None:
    """Golden files, the wire, documents and ports' own comparisons hold the words as text."""
    assert SavesX.ALWAYS == "always"
    assert f"{Backward.THREE_TERM}" == str(Backward.THREE_TERM) == "three_term"
    assert {"inside": 1}[DARKNET.mean_delta.place] == 1
    assert DARKNET.bias_gradient == {"BATCHNORM", "CONVOLUTIONAL", "CONNECTED"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"backward": "three-term"}, "backward is 'three-term', must be one of three_term, inverse_std"),
        ({"bias_gradient": {"CONECTED"}}, "bias_gradient is 'CONECTED', must be one of BATCHNORM, CONVOLUTIONAL"),
    ],
)
def test_unknown_words_are_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        dataclasses.replace(DARKNET, **change)
    with pytest.raises(UsageError, match="epsilon place is 'beside', must be one of inside, outside"):
        Epsilon(1e-5, "beside")  # type: ignore[arg-type]


def test_every_setting_says_what_it_means() -> None:
    assert set(settings(Dialect)) == {f.name for f in dataclasses.fields(Dialect)} - {"name", "summary", "sources"}
    assert all(settings(Dialect).values())


def test_the_hash_does_not_travel_to_another_process() -> None:
    """Hashes of text differ between processes: a row unpickled with the old one would not be found again."""
    hash(DARKNET)
    code = (
        "import pickle, sys; from darkparity.dialects import DIALECTS as d; "
        "print(pickle.load(sys.stdin.buffer) in {d['darknet']})"
    )
    for seed in ("1", "2"):
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))}
        done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(DARKNET), capture_output=True,
                              env=environment, check=True)  # fmt: skip
        assert done.stdout.strip() == b"True"
