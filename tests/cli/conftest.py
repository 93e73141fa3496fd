"""The command line in a directory of its own, as its reader has it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from darkparity.cli import main
from support import STORE, Run, Said


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command line in an empty directory, 100 columns wide."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def command(*arguments: str | Path) -> Said:
        code = main([str(a) for a in arguments])
        return Said(code, *capsys.readouterr())

    return command


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a reader of the documentation has at hand: the golden store and tensors.npz. 200 columns wide."""
    np.savez(tmp_path / "tensors.npz", input=np.arange(120, dtype=np.float32).reshape(4, 3, 5, 2) / 7)
    shutil.copytree(STORE, tmp_path / "golden")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path
