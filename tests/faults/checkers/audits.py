"""What the product's own audit says, as verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.verdict import Verdict, Violation, Violations, judge

if TYPE_CHECKING:
    from app.cli.audit.auditing import Result

REST = ("units reserved", "units backordered", "open reservations", "held EUR", "due EUR")


def nothing_differs(when: str, result: Result) -> Verdict:
    """The audit finds no difference."""
    found = (Violation(f"{each.kind} {each.of}", each.what) for each in result.findings.differences)
    return judge(f"the audit {when} finds no difference", result.counts["checks"], found)


def nothing_is_left(result: Result) -> Verdict:
    """All orders are at their ends: no unit is reserved, no money held or due, and no process waits."""

    def violations() -> Violations:
        for name in REST:
            if result.sums[name]:
                yield Violation(name, str(result.sums[name]), result.sums[name])
        for order, why in result.findings.flying.items():
            yield Violation(order, why)

    return judge(
        "at the end nothing is reserved, held, due or waited for", result.counts["orders"], violations()
    )
