"""Limits on time and memory that cannot hold are said, not ignored."""

from __future__ import annotations

from support import STORE, Run


def test_a_timeout_that_holds_for_nobody_is_said(run: Run) -> None:
    said = run("check", "numpy", "--case", "*mean_cpu*odd*", "--store", STORE, "--timeout", "3")
    assert "--timeout and --memory do not hold for numpy" in said.out
    assert said.code == 0


def test_an_isolated_one_is_bounded_without_a_word(run: Run) -> None:
    said = run("check", "numpy", "--case", "*mean_cpu*odd*", "--store", STORE, "--timeout", "30", "--isolate")
    assert "do not hold" not in said.out
    assert said.code == 0
