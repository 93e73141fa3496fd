"""`check --cfg NET.cfg --weights NET.weights`: one's own network, and which epsilon matters for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from .screen import show_table, table

#: Layers shown; the run file has all.
_SHOWN = 40
_EXPLAINED = (
    "above: largest change of the output relative to its channel's contrast; below: in multiples "
    "of the bound, where nobody can tell less than 1"
)

_DELTAS_EXPLAINED = (
    "largest change of delta relative to half its channel's range: above in training, each dialect with its own "
    "statistics of the same activations; below in inference mode, through the file's rolling statistics; "
    "= where float32 cannot show it"
)


def show_network(console: Console, network: Mapping[str, Any] | None) -> None:
    """The layers whose output depends on the dialect, worst first."""
    if not network:
        return
    console.print(f"\n{network['weights']}: version {network['version']}, {network['seen']} images seen; "
                  f"{network['layers']} batch-normalized layers", soft_wrap=True)  # fmt: skip
    for note in network["notes"]:
        console.print(note, style="yellow", soft_wrap=True)
    _show_differences(console, network["differences"])
    _show_deltas(console, network["delta_differences"])


def _show_differences(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    console.print("\nwhat other epsilons do to inference, against 1e-6 outside (darknet)", style="bold")
    letters = _lettered(console, rows)
    shown = table("layer", "CxHxW", "least var", *letters, right=("least var", *letters))
    for row in rows[:_SHOWN]:
        cells = (_cell(row["others"].get(name)) for name in letters.values())
        shown.add_row(*_place(row), _short(row["least_variance"]), *cells)
    _end(console, shown, len(rows), _EXPLAINED)


def _show_deltas(console: Console, rows: Sequence[Mapping[str, Any]]) -> None:
    console.print("\nwhat other dialects do to delta, against darknet", style="bold")
    letters = _lettered(console, rows)
    shown = table("layer", "CxHxW", *letters, right=tuple(letters))
    for row in rows[:_SHOWN]:
        cells = ("\n".join(map(_change, row["others"][name].values())) for name in letters.values())
        shown.add_row(*_place(row), *cells)
    _end(console, shown, len(rows), _DELTAS_EXPLAINED)


def _lettered(console: Console, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Column letters -> what each stands for, said above the table."""
    names = list(dict.fromkeys(name for row in rows for name in row["others"]))
    letters = dict(zip("abcdefghijklmnop", names, strict=False))
    for letter, name in letters.items():
        console.print(f"  {letter}  {name}", soft_wrap=True)
    return letters


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["layer"].removeprefix("layer"), "x".join(map(str, row["geometry"][1:]))


def _end(console: Console, shown: Table, rows: int, explained: str) -> None:
    show_table(console, shown)
    if rows > _SHOWN:
        console.print(f"and {rows - _SHOWN} more, in the run file")
    console.print(explained, style="dim", soft_wrap=True)


def _cell(distance: Mapping[str, float] | None) -> str:
    return f"{_short(distance['relative'])}\n{_short(distance['bounds'])}x" if distance else ""


def _change(value: float | str) -> str:
    """`=` below half a unit in the last place; a run file says "Infinity"."""
    return "=" if float(value) < 2.0**-24 else _short(float(value))


def _short(value: float) -> str:
    """Two digits, `2.4e4` rather than `2.4e+04`: five of these fit side by side."""
    mantissa, exponent, power = f"{value:.2g}".partition("e")
    return f"{mantissa}e{int(power)}" if exponent else mantissa
