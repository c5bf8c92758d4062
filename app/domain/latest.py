"""Functions of values that never change, asked for the very same ones again: rules, views and processes do so."""

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])


def latest(function: Function) -> Function:
    """Remember the last answer of a pure function, and give it again for the same objects.

    Only for arguments that are immutable, given by position: the same object is the same question.
    """
    last: list[Any] = [(object(),), None]

    @wraps(function)
    def again(*values: Any) -> Any:
        before = last[0]
        if len(before) == len(values) and all(map(is_, before, values)):
            return last[1]
        answer = function(*values)
        last[:] = values, answer
        return answer

    return cast("Function", again)
