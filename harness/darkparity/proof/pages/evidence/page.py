"""The text of docs/evidence.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from textwrap import fill

from darkparity import __version__
from darkparity.formats.markdown import table
from darkparity.judging.participants import close
from darkparity.oracle.deviations import DEVIATIONS
from darkparity.problems.problem import Problem
from darkparity.proof.fuzz_drill import SEED, Drill, drawn, drill
from darkparity.proof.honest import HONEST_VARIANTS, gather
from darkparity.proof.selftest import Outcome
from darkparity.proof.selftest.caught import Progress, different

from .rules import ELEMENTS, Rule, measure


def evidence(outcome: Outcome, problems: Sequence[Problem], progress: Progress) -> str:
    """The page for one self-test on `problems`: measures the tolerances and drills the fuzzer, then says all."""
    honest = gather(c.name for c in outcome.honest.participants)
    try:
        rules = measure(problems, honest.participants, progress)
    finally:
        close(honest.participants)
    return page(outcome, rules, list(drill(drawn())), datetime.now(UTC).date().isoformat())


def page(outcome: Outcome, rules: Mapping[str, Rule], drills: Sequence[Drill], date: str) -> str:
    """The text of docs/evidence.md."""
    parts = (_head(outcome, date), _tolerances(outcome, rules), _weakest(outcome), _holdout(outcome), _large(outcome),
             _drilled(drills), _variants(outcome), _others(outcome), _catalogue(outcome))  # fmt: skip
    return "\n\n".join(part.rstrip("\n") for part in parts if part) + "\n"


def _head(outcome: Outcome, date: str) -> str:
    wrong, rows = (*outcome.alarms, *outcome.equivalent_alarms), outcome.rows
    written = f"""Written by `darkparity selftest --write docs/evidence.md` on {date}, suite version \
{__version__}, seed {outcome.scope.seed}. Every number on this page is from that run."""
    caught = f"""- **Caught**: {len(rows) - len(outcome.missed)} of {len(rows)} catalogued deviations, each with \
a margin of at least 4 bounds, on {outcome.cases} golden cases of the dialect `darknet`, label `any`. \
{len(different(rows))} of them differ in what they affect or in which cases catch them. Missed: \
{", ".join(outcome.missed) or "none"}."""
    alarms = f"""- **False alarms**: {len(wrong)} in {outcome.tally.judged:,} judgements of \
{len(outcome.honest.participants)} honest variants and of the equivalent deviations, on every golden case and \
{outcome.scope.fuzzed:,} random ones, under every set of labels that each may declare. The worst honest answer \
reached {outcome.tally.worst:.3f} of its bound."""
    return f"# Evidence\n\n{_wrapped(written)}\n\n{_wrapped(caught)}\n{_wrapped(alarms)}"


def _tolerances(outcome: Outcome, rules: Mapping[str, Rule]) -> str:
    head = ("rule", "deviations caught", "honest (variant, case) pairs flagged", "variants flagged",
            "caught once widened until no honest answer is flagged")  # fmt: skip
    variants = len({name for name, _ in next(iter(rules.values())).honest})
    body = [
        (name, _percent(r.caught), _percent(r.alarms), f"{r.variants_flagged} of {variants}",
         _percent(r.caught_without_alarm))
        for name, r in rules.items()
    ]  # fmt: skip
    text = f"""Cases with at most {ELEMENTS:,} elements per array, without the folded variant, which needs its own \
label. The rules are read in their favour: NaN equals NaN, and an infinity equals itself. The last column widens \
each rule by the smallest factor that leaves no finite false alarm."""
    return f"""## The same answers under other tolerances

{_wrapped(text)}

{table(head, body)}"""


def _weakest(outcome: Outcome) -> str:
    body = [(r.name, DEVIATIONS[r.name].sentence, _number(r.margin), len(r.cases)) for r in outcome.weakest]
    return f"## The weakest ten\n\n{table(('deviation', 'what is wrong', 'best margin', 'cases'), body)}"


def _holdout(outcome: Outcome) -> str:
    body = [
        (what, h.deviations, h.splits, f"{h.cases:.1f}", _percent(h.mean), _percent(h.least))
        for what, h in (("all rows", outcome.holdout), ("rows that differ", outcome.holdout_distinct))
    ]
    head = ("catalogue", "rows", "random halves", "cases chosen", "caught of the other half", "least")
    text = """Cases are chosen greedily until they catch every deviation of one random half of the catalogue three \
times (or as often as all cases do). The table shows how much of the other half they catch."""
    return f"""## Unforeseen deviations

{_wrapped(text)}

{table(head, body)}"""


def _large(outcome: Outcome) -> str:
    body = [
        (f"2^{row.m.bit_length() - 1}", row.data, row.deviation, row.operation, ", ".join(row.labels) or "any",
         _number(row.margin), "4" if row.required else "")
        for row in outcome.large
    ]  # fmt: skip
    head = ("m", "data", "deviation", "operation", "labels", "margin", "must be at least")
    return f"## Large sums\n\n{table(head, body)}"


def _drilled(drills: Sequence[Drill]) -> str:
    body = [
        (d.deviation, "found" if d.found else "not found", d.asked, d.seconds, d.operation, d.elements) for d in drills
    ]
    head = ("deviation", "result", "cases tried", "seconds", "smallest failing case", "elements")
    return f"""## Fuzzing

Ten deviations, drawn from the catalogue with seed {SEED}; `darkparity fuzz` searched for each for at most 60 s.

{table(head, body)}"""


def _variants(outcome: Outcome) -> str:
    rows = [HONEST_VARIANTS[c.name] for c in outcome.honest.participants]
    body = [(row.name, row.what, ", ".join(row.labels)) for row in rows]
    absent = "".join(f"\n- {reason}" for reason in outcome.honest.absent.values())
    missing = f"\nNot in this run:\n{absent}" if absent else ""
    return f"## Honest variants\n\n{table(('variant', 'how it computes', 'labels it holds'), body)}{missing}"


def _others(outcome: Outcome) -> str:
    body = [
        (s.dialect, s.cases, f"{len(s.rows) - len(s.missed)} of {len(s.rows)}", s.weakest.name if s.weakest else "",
         _number(s.weakest.margin) if s.weakest else "", ", ".join(s.missed) or "none")
        for s in outcome.others
    ]  # fmt: skip
    if not body:
        return ""
    text = """The catalogue of each dialect (deviations that compute something else there, and every other dialect) on \
the cases of which the store says what they separate."""
    return f"""## Other dialects

{_wrapped(text)}

{table(("dialect", "cases", "caught", "weakest", "best margin", "missed"), body)}"""


def _catalogue(outcome: Outcome) -> str:
    body = [(r.name, r.touched, _number(r.margin), len(r.cases), r.cases[0] if r.cases else "") for r in outcome.rows]
    return f"## Every deviation\n\n{table(('deviation', 'touches', 'best margin', 'cases', 'best case'), body)}"


def _wrapped(paragraph: str) -> str:
    """A paragraph or list item in lines of 120 columns."""
    indent = "  " if paragraph.startswith("- ") else ""
    return fill(paragraph, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(value: float) -> str:
    return "infinite" if value == inf else f"{value:.3g}"
