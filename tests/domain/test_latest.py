"""The last answer is given again for the same objects, and for no others."""

from app.domain.latest import latest


def test_the_same_objects_are_asked_once() -> None:
    asked: list[tuple[object, ...]] = []

    @latest
    def pair(*values: object) -> tuple[object, ...]:
        asked.append(values)
        return values

    one, equal = ["a"], ["a"]
    assert pair(one) is pair(one)
    assert pair(equal) == pair(one)
    assert [values[0] is one for values in asked] == [True, False, True], "equal is not the same"
    pair(one, one)
    pair(one, equal)
    pair()
    assert len(asked) == 6, "another number of values is another question"
