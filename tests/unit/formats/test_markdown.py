"""Tables keep their columns whatever stands in a cell."""

from __future__ import annotations

from darkparity.formats.markdown import table


def test_a_row_is_a_line() -> None:
    assert table(("name", ""), [("a", 1), ("b", 2.5)]) == "| name |  |\n| --- | --- |\n| a | 1 |\n| b | 2.5 |\n"


def test_a_bar_or_a_newline_in_a_cell_does_not_break_the_table() -> None:
    *_, row = table(("formula", "unit"), [("|x| / m\nper channel", "1")]).splitlines()
    assert row == r"| \|x\| / m per channel | 1 |"
