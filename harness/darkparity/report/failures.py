"""One failure as text: what `check`, pytest and reports say of it."""

from __future__ import annotations

from collections.abc import Sequence

from .reasons import bound_reason, direction, number, place
from .runfile import Record


def explained(result: Record, labels: Sequence[str]) -> str:
    """One failure as plain text: what `check` prints of it."""
    rows = [*failure_rows(result, labels), ("reproduce", result["reproduce"])]
    lines = [f"{name:9}  {text}" for name, text in rows]
    return "\n".join([f"{result['implementation']} {result['case']} {result['verdict']}", *lines])


def failure_rows(result: Record, labels: Sequence[str]) -> list[tuple[str, str]]:
    """Name and text of each line."""
    rows = [("exposes", result["fault"])] if result["fault"] else []
    rows += [("mode", direction(result))] if direction(result) else []
    if result["verdict"] != "deviates":
        return rows + _no_answer_rows(result)
    outside = [c for c in result["comparisons"] if c["deviating"]]
    rows += _deviation_rows(result, outside[0], labels)
    if outside[1:]:
        rows.append(
            ("also", ", ".join(f"{c['array']} ({c['deviating']} of {c['elements']})" for c in outside[1:]))
        )
    rows.append(("stage", result["detail"]["stage"]))
    broken = result["detail"]["broken_claim"]
    if broken:
        rows.append(("claim", f"conforms without the declared {broken}: the claim is wrong"))
    return rows


def _no_answer_rows(result: Record) -> list[tuple[str, str]]:
    detail = result["detail"]
    kind = f"{detail['kind']}: " if "kind" in detail else ""
    said = detail.get("message") or f"no answer within {detail.get('seconds')} s"
    return [(result["verdict"], f"{kind}{said}")]


def _deviation_rows(result: Record, c: Record, labels: Sequence[str]) -> list[tuple[str, str]]:
    ratio = float(c["worst_ratio"])
    distance = "another class" if c["class_conflict"] else f"{c['worst_ulp']} ULP at most"
    return [
        ("array", f"{c['array']}: {c['deviating']} of {c['elements']} elements outside; worst at {place(c)}"),
        ("got", f"{number(c['got'])}, expected {number(c['expected'])}"),
        ("bound", bound_reason(result, c, labels)),
        ("distance", f"{distance}, error/bound {ratio:.3g}"),
    ]
