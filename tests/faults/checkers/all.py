"""Every check that a run must pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.faults.checkers import decisions, delivery, rows
from tests.faults.projections import PROJECTIONS

if TYPE_CHECKING:
    from tests.faults.history import History
    from tests.faults.verdict import Verdict

DELIVERY = (
    delivery.acknowledged_commands_are_kept,
    delivery.each_command_has_one_outcome,
    delivery.what_follows_is_sent_once,
    delivery.each_event_is_announced_once,
    delivery.versions_are_contiguous,
    delivery.aborted_events_are_never_seen,
    delivery.poison_is_dead_lettered_once,
    delivery.the_group_has_no_lag,
    decisions.outcomes_follow_from_the_log,
)
OTHER_ROWS = (rows.others_hold_what_is_committed, rows.others_become_their_changelog)
ROWS = (rows.changelog_is_the_fold, rows.databases_hold_what_is_committed, rows.databases_become_the_fold)


def judge_all(history: History) -> list[Verdict]:
    return [
        *(check(history) for check in DELIVERY),
        *(check(history, projection) for projection in PROJECTIONS for check in ROWS),
        *(check(history, PROJECTIONS) for check in OTHER_ROWS),
    ]
