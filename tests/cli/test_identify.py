"""`darkparity identify` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main

_PORT = """
def forward_batchnorm_layer(train, input, output, type, scales, biases, rolling_mean, rolling_variance):
    import numpy as np
    if train:
        raise NotImplementedError("inference only")
    x = input if type == "BATCHNORM" else output
    each = [a[:, None] for a in (scales, biases, rolling_mean, rolling_variance)]
    return {each} * (x - each[2]) / np.sqrt(each[3] + np.float32(3e-4)) + each[1]
"""


def _port(folder: Path, scale: str) -> str:
    path = folder / "mynorm.py"
    path.write_text(_PORT.replace("{each}", scale))
    return str(path)


def test_a_port_is_identified_and_declared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", _port(tmp_path, "each[0]")]) == 0
    said = capsys.readouterr().out
    assert "0.0003 inside (epsilon 0.0003 to 6 digits), by output of an inference forward" in said
    assert "declare it: --dialect" in said
    assert "needs a training backward" in said


def test_json_holds_what_the_screen_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", _port(tmp_path, "each[0]"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    fields = {row["field"]: row for row in found["fields"]}
    low, high = fields["normalize"]["intervals"]["epsilon"]
    assert low <= 3e-4 <= high < 3.01e-4
    assert fields["rolling"]["value"] is None
    assert found["identified"] is True


def test_what_is_no_batch_norm_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify", _port(tmp_path, "each[0] / 2")]) == 1
    assert "no dialect answers so; the nearest is" in capsys.readouterr().out


def test_nothing_to_identify_is_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identify"]) == 2
    assert "nothing to identify" in capsys.readouterr().err
    np.savez(tmp_path / "a.npz", input=np.zeros((1, 1, 1), np.float32))
    assert main(["identify", "numpy", "--input", str(tmp_path / "a.npz")]) == 2
    assert "give it or an implementation, not both" in capsys.readouterr().err
