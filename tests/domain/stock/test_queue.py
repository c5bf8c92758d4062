"""The queue is always in order, whoever joins and leaves, and a step of it stays short."""

from datetime import timedelta
from random import Random

from app.domain.stock import names, queue
from app.domain.stock.draft import Draft
from app.domain.stock.state import Entry, Reservation, stock
from tests.domain.stock.scenario import NOON


class Line:
    """A queue, with the list of who should be in it."""

    def __init__(self) -> None:
        self.stored: dict[str, Entry] = {}
        self.first: str | None = None
        self.should: dict[str, queue.Turn] = {}
        self.arrived = 0
        self.most = 0

    def join(self, placed: int) -> None:
        self.arrived += 1
        name = names.reservation(str(self.arrived), "1")
        self.stored[name] = Reservation(
            order_id=str(self.arrived),
            line_id="1",
            quantity=1,
            backordered=1,
            placed_at=NOON + timedelta(seconds=placed),
            arrived=self.arrived,
        )
        draft = Draft(stock(None, self.stored))
        self.first = queue.join(draft, self.first, name)
        self.should[name] = queue.turn(draft.reservation(name))
        self.keep(draft)

    def leave(self, name: str) -> None:
        draft = Draft(stock(None, self.stored))
        self.first = queue.leave(draft, self.first, name)
        del self.should[name]
        self.keep(draft)
        gone = self.stored.pop(name)
        assert isinstance(gone, Reservation)
        assert (gone.up, gone.left, gone.right, gone.rank) == (None, None, None, 1)

    def keep(self, draft: Draft) -> None:
        self.most = max(self.most, len(draft.changed))
        for name, entry in draft.changed.items():
            assert entry is not None
            self.stored[name] = entry
        assert self.first == min(self.should, key=self.should.__getitem__, default=None)

    def check(self) -> None:
        """The whole tree is as the rule says."""
        seen = set()
        waiting: list[tuple[str, str | None]] = [(self.first, None)] if self.first else []
        while waiting:
            name, above = waiting.pop()
            seen.add(name)
            node = self.stored[name]
            assert isinstance(node, Reservation)
            assert node.up == above
            assert above is None or self.should[above] < self.should[name]
            ranks = []
            for below in (node.left, node.right):
                child = self.stored[below] if below else None
                assert child is None or isinstance(child, Reservation)
                ranks.append(child.rank if child else 0)
                if below:
                    waiting.append((below, name))
            assert ranks[0] >= ranks[1] == node.rank - 1
        assert seen == set(self.should)


def test_whoever_joins_and_leaves_the_first_in_line_was_placed_first() -> None:
    random = Random(4)  # noqa: S311 - a story to repeat
    for _ in range(150):
        line = Line()
        for _ in range(random.randrange(1, 80)):
            if line.should and random.random() < 0.4:
                line.leave(random.choice(list(line.should)))
            else:
                line.join(random.randrange(20))
            line.check()
        while line.first:
            line.leave(line.first)
        assert not line.should


def test_a_step_of_a_long_queue_changes_a_few_entries() -> None:
    random = Random(5)  # noqa: S311 - a story to repeat
    orders = {
        "in time": range(1000),
        "backwards": range(1000, 0, -1),
        "at random": [random.randrange(10**6) for _ in range(1000)],
    }
    for arrival in orders.values():
        line = Line()
        for placed in arrival:
            line.join(placed)
        line.check()
        assert line.most <= 2 * 10  # log2(1000) is 10; a node of the way down may hang anew
        for name in random.sample(sorted(line.should), 300):
            line.leave(name)
        line.check()
        assert line.most <= 4 * 10
