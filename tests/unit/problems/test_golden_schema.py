"""golden/schema.json accepts every fixture, and nothing that a reader would stumble over."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from darkparity.spec import AXES, OPERATIONS
from support import STORE


def schema() -> dict[str, Any]:
    return dict(json.loads((STORE / "schema.json").read_text("utf-8")))


VALIDATOR = jsonschema.Draft202012Validator(schema())


def fixture(name: str) -> Any:
    return json.loads((STORE / "darknet" / name).read_text("utf-8"))


#: dialect/operation: one test each, so that workers share them.
FOLDERS = sorted({p.parent.relative_to(STORE).as_posix() for p in STORE.glob("*/*/*.json")})
INLINE = fixture("mean_cpu/one_element.json")
RECIPE = fixture("forward_batchnorm_layer/above_4096_elements.json")


def test_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_schema_knows_the_specification() -> None:
    properties, defined = schema()["properties"], schema()["$defs"]
    assert properties["operation"]["enum"] == list(OPERATIONS)
    assert set(defined["arrays"]["propertyNames"]["enum"]) == set(AXES)
    assert set(defined["attributes"]["properties"]) == {a for o in OPERATIONS.values() for a in o.attributes}


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS)
def test_schema_accepts_every_fixture(folder: str) -> None:
    for path in sorted((STORE / folder).glob("*.json")):
        error = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(json.loads(path.read_text("utf-8"))))
        assert error is None, f"{path}: {error.json_path}: {error.message}"


def _set(*keys: str | int, value: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for key in keys[:-1]:
            data = data[key]
        data[keys[-1]] = value

    return change


def _drop(key: str) -> Callable[[Any], None]:
    return lambda data: data.pop(key)


BROKEN = {
    "unknown key": (INLINE, _set("comment", value="x")),
    "no expected": (INLINE, _drop("expected")),
    "neither inputs nor recipe": (INLINE, _drop("inputs")),
    "both inputs and recipe": (RECIPE, _set("inputs", value={})),
    "another schema version": (INLINE, _set("schema_version", value=2)),
    "unknown operation": (INLINE, _set("operation", value="median_cpu")),
    "unknown array": (INLINE, _set("inputs", "y", value={"shape": [1], "data": [1]})),
    "unknown key in array": (INLINE, _set("inputs", "x", "dtype", value="float32")),
    "number beyond float32": (INLINE, _set("inputs", "x", "data", 0, value=1e39)),
    "misspelt infinity": (INLINE, _set("inputs", "x", "data", 0, value="inf")),
    "null in data": (INLINE, _set("inputs", "x", "data", 0, value=None)),
    "boolean in data": (INLINE, _set("inputs", "x", "data", 0, value=True)),
    "nested data": (INLINE, _set("inputs", "x", "data", value=[[1.0]])),
    "empty axis": (INLINE, _set("inputs", "x", "shape", value=[0, 1, 1])),
    "negative bound": (INLINE, _set("bounds", "any", "mean", "data", 0, value=-1e-9)),
    "bound NaN": (INLINE, _set("bounds", "any", "mean", "data", 0, value="NaN")),
    "no bounds for any": (INLINE, _set("bounds", value={"two_pass": INLINE["bounds"]["any"]})),
    "unknown profile": (INLINE, _set("bounds", "ieee", value=INLINE["bounds"]["any"])),
    "unknown class": (INLINE, _set("classes", value={"mean": {"nan": [0]}})),
    "repeated index": (INLINE, _set("classes", value={"mean": {"non_finite": [0, 0]}})),
    "attribute of another operation": (INLINE, _set("attributes", "N", value=3)),
    "missing attribute": (RECIPE, _set("attributes", value={"type": "CONNECTED", "train": True, "out_h": 1})),
    "train as number": (RECIPE, _set("attributes", "train", value=1)),
    "unknown layer type": (RECIPE, _set("attributes", "type", value="POOLING")),
    "short sha256": (RECIPE, _set("recipe", "output", "sha256", value="abc")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_schema_rejects(name: str) -> None:
    original, change = BROKEN[name]
    data = copy.deepcopy(original)
    change(data)
    assert not VALIDATOR.is_valid(data)
