"""Inputs are the same bytes everywhere, and contain what their recipe says."""

from __future__ import annotations

import hashlib
import math
import re
from fractions import Fraction

import numpy as np
import pytest

from darkparity.cases.fills import (
    DATA,
    cancelling,
    constant,
    digits,
    dyadic,
    integers,
    normal,
    per_channel,
    photo,
    placed,
    powers,
    ramp,
    relu,
    signed,
    subnormal,
    uniform,
)
from darkparity.cases.recipe import KINDS, Draw, Fill, Shape, Values, fill, fill_kind

SHAPE = (2, 3, 20)
NORMAL = normal(mean=0.5, sd=2.0)
#: kind -> (recipe, first 16 digits of the SHA-256 of its little-endian bytes) for SHAPE and key "anchor".
#: A change here changes every golden fixture: it must be wanted.
ANCHORS: dict[str, tuple[Fill, str]] = {
    "normal": (NORMAL, "4697370ac36725d1"),
    "uniform": (uniform(low=-1.0, high=3.0), "05835e204a553e79"),
    "integers": (integers(low=-8, high=8, offset=4096.0), "b2446287678641cd"),
    "dyadic": (dyadic(exponent=-2), "27622ab8f8a4c71f"),
    "powers": (powers(low=-30, high=30), "a13dd59910555f0f"),
    "subnormal": (subnormal(bits=22), "62d06899332f2057"),
    "constant": (constant(value=0.1), "3d3a647c312fa053"),
    "signed": (signed(value=1e20), "44a8efe9d6f81713"),
    "ramp": (ramp(start=1.0, step=0.5), "e2d559fff3f04000"),
    "cancelling": (cancelling(magnitude=8192.0, rest=1.0), "bd4068e6872b1c13"),
    "per_channel": (
        per_channel(NORMAL, constant(value=3e38)),
        "9a75f012b48e5778",
    ),
    "relu": (relu(base=NORMAL), "b429f244f9ff3b72"),
    "placed": (
        placed(NORMAL, "nan", [1, 2, 3], (0, 0, "*")),
        "9d2eab31bee2db2d",
    ),
    "digits": (digits(first=3), "d9378d085798e2af"),
    "photo": (photo(width=5, row=10, column=20), "183acd397520e140"),
}


def made(kind: str, shape: tuple[int, ...] = SHAPE, key: str = "anchor") -> np.ndarray:
    return fill(ANCHORS[kind][0], shape, key)


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.astype("<f4").tobytes()).hexdigest()[:16]


def test_every_kind_has_an_anchor() -> None:
    assert set(ANCHORS) == set(KINDS)


@pytest.mark.parametrize("kind", ANCHORS)
def test_bytes_never_change(kind: str) -> None:
    assert digest(made(kind)) == ANCHORS[kind][1]


@pytest.mark.parametrize("kind", ANCHORS)
def test_arrays_are_contiguous_writable_float32_of_the_shape(kind: str) -> None:
    array = made(kind)
    assert array.shape == SHAPE
    assert array.dtype == np.float32
    assert array.flags.c_contiguous
    assert array.flags.writeable


@pytest.mark.parametrize("kind", sorted(set(ANCHORS) - {"photo", "placed"}))
def test_every_kind_fills_one_axis_too(kind: str) -> None:
    assert made(kind, (7,)).shape == (7,)


def test_an_array_does_not_depend_on_earlier_calls() -> None:
    forwards = {kind: made(kind).tobytes() for kind in ANCHORS}
    backwards = {kind: made(kind).tobytes() for kind in reversed(ANCHORS)}
    assert forwards == backwards


def test_the_key_names_the_stream() -> None:
    assert made("normal", key="a").tobytes() != made("normal", key="b").tobytes()


def test_recipes_are_values() -> None:
    assert placed(NORMAL, "nan", [1, 2, 3], (0, 0, "*")) == ANCHORS["placed"][0]
    assert hash(normal()) == hash(normal(0.0, sd=1.0))
    assert normal() != normal(sd=2.0)


def test_recipes_are_described_in_words() -> None:
    assert str(NORMAL) == "normal(mean=0.5, sd=2)"
    assert str(ANCHORS["placed"][0]) == "placed(base=normal(mean=0.5, sd=2), value=nan, at=[[1, 2, 3], [0, 0, *]])"


def test_wrong_parameters_are_refused_where_the_recipe_is_written() -> None:
    with pytest.raises(TypeError, match="sigma"):
        normal(sigma=1.0)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="width"):
        photo()  # type: ignore[call-arg]


def test_one_declaration_makes_a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("darkparity.cases.recipe.KINDS", kinds := dict(KINDS))

    @fill_kind
    def halves(_draw: Draw, shape: Shape, count: int = 1) -> Values:
        return np.full(shape, count / 2.0)

    assert set(kinds) - set(KINDS) == {"halves"}
    assert str(halves()) == "halves(count=1)"
    assert fill(halves(3), (2,), "any").tolist() == [1.5, 1.5]


def test_normal_has_its_mean_and_spread() -> None:
    values = fill(normal(mean=3.0, sd=2.0), (1, 1, 40_000), "moments").astype(np.float64)
    assert abs(values.mean() - 3.0) < 5 * 2.0 / math.sqrt(values.size)  # five standard errors
    assert abs(values.std() - 2.0) < 5 * 2.0 / math.sqrt(2 * values.size)


@pytest.mark.parametrize("shape", [(3, 2, 15), (2, 2, 4), (1, 3, 1), (9,)])
def test_cancelling_sums_to_its_rest_in_every_channel(shape: tuple[int, ...]) -> None:
    values = fill(cancelling(magnitude=8192.0, rest=1.0), shape, "sum")
    channels = values.transpose(1, 0, 2).reshape(shape[1], -1) if len(shape) == 3 else values[None]
    assert all(sum(map(Fraction, channel.tolist())) == 1 for channel in channels)


def test_exact_kinds_hold_the_numbers_they_promise() -> None:
    assert set(np.unique(made("dyadic"))) == {-0.75, -0.25, 0.25, 0.75}
    integers = made("integers")
    assert integers.min() >= 4088
    assert integers.max() <= 4104
    assert np.all(integers % 1 == 0)
    assert np.all(np.abs(made("signed")) == np.float32(1e20))
    assert np.array_equal(made("ramp").ravel(), 1 + 0.5 * np.arange(120))


def test_subnormals_are_subnormal_and_not_zero() -> None:
    size = made("subnormal").view(np.int32) & 0x7FFFFFFF  # bits: a flush-to-zero mode cannot hide them
    assert np.all((size > 0) & (size < 0x00800000))


def test_channels_are_filled_apart() -> None:
    array = made("per_channel")
    assert np.all(array[:, 1] == np.float32(3e38))
    assert not np.array_equal(array[:, 0], array[:, 2])


def test_placed_changes_the_named_elements_only() -> None:
    changed = np.isnan(made("placed"))
    assert changed.sum() == 21
    assert changed[1, 2, 3]
    assert changed[0, 0].all()
    assert np.array_equal(made("placed")[~changed], made("normal")[~changed])


def test_relu_keeps_the_positive_values() -> None:
    assert np.array_equal(made("relu"), np.maximum(made("normal"), 0))


def test_real_data_is_what_its_readme_says() -> None:
    rows = re.findall(r"^\| `(\w+\.npy)` .*`([0-9a-f]{64})` \|$", (DATA / "README.md").read_text(), re.M)
    assert {name for name, _ in rows} == {path.name for path in DATA.glob("*.npy")}
    for name, stated in rows:
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == stated


def test_real_data_is_scaled_like_darknet_loads_images() -> None:
    stored = np.load(DATA / "photo.npy", allow_pickle=False)
    whole = fill(photo(width=40), (1, 3, 1600), "unused")
    assert np.array_equal(whole.reshape(3, 40, 40), (stored / 255.0).astype(np.float32))


def test_photograph_windows_move_by_one_pixel_per_image() -> None:
    windows = fill(photo(width=10, row=2, column=3), (2, 3, 60), "unused")
    first, second = windows.reshape(2, 3, 6, 10)
    assert np.array_equal(first[:, 1:, 1:], second[:, :-1, :-1])
