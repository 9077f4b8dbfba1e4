"""Pure. The small language of composite conditions: text into a tree, or an error that shows the place.

    supply_temp - return_temp > 40 and burner_state == "firing" and not alarm("maintenance")

The law of this file
1. An expression is a truth; the numbers in it are points, params and literals. Comparisons do not chain.
2. A state is compared by its id in quotes: == != in. A number by < <= > >= (also == != with a number).
3. Nothing else can be said: no assignment, no attribute, no call but those listed in FUNCTIONS. Text is bounded.
4. Every error names its column and what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn

from vocab.expression import AlarmOf, Arithmetic, Compare, InState, Logic, Name, Node, Number, inside

LONGEST = 1000
DEEPEST = 40  # brackets within brackets
TALLEST = 100  # signs in a row: each stands on the one before
FUNCTIONS = {"abs": (1, 1), "min": (2, 16), "max": (2, 16)}
ORDERS = ("<", "<=", ">", ">=")
EQUALS = ("==", "!=")


class ExpressionError(ValueError):
    """The expression cannot be understood."""

    def __init__(self, text: str, at: int, message: str) -> None:
        self.at = at
        super().__init__(f"column {at + 1}: {message}\n    {text}\n    {' ' * at}^")


_TRUTHS = (Compare, InState, AlarmOf, Logic)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign><=|>=|==|!=|[-+*/()<>,\[\]]))"
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # number, name, text, sign, end
    text: str
    at: int


def parse(text: str) -> Node:
    """The tree of an expression that is a truth; ExpressionError."""
    if len(text) > LONGEST:
        raise ExpressionError(text[:60] + "…", 0, f"longer than {LONGEST} characters")
    tree = _Parser(text).whole()
    deep: list[tuple[Node, int]] = [(tree, 1)]
    for node, depth in deep:  # without recursion: whoever walks the tree may recurse
        if depth > TALLEST:
            raise ExpressionError(text, node.at, f"more than {TALLEST} signs in a row")
        deep += [(each, depth + 1) for each in inside(node)]
    return tree


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            hint = "; compare with ==" if text[start] == "=" else ""
            raise ExpressionError(text, start, f"{text[start]!r} has no meaning here{hint}")
        kind = str(match.lastgroup)
        found.append(_Token(kind, match.group(kind), match.start(kind)))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._place = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._truth(self._or())
        if self._now.kind != "end":
            self._fail(self._now.at, f"{self._now.text!r} was not expected here")
        return node

    @property
    def _now(self) -> _Token:
        return self._tokens[self._place]

    def _fail(self, at: int, message: str) -> NoReturn:
        raise ExpressionError(self._text, at, message)

    def _take(self, *texts: str, kind: str = "sign") -> _Token | None:
        token = self._now
        if token.kind == kind and token.text in texts:
            self._place += 1
            return token
        return None

    def _need(self, text: str) -> None:
        if self._take(text) is None:
            self._fail(self._now.at, f"{text!r} is missing")

    def _truth(self, node: Node) -> Node:
        if not isinstance(node, _TRUTHS):
            self._fail(node.at, "this is a number; compare it with something")
        return node

    def _number(self, node: Node) -> Node:
        if isinstance(node, _TRUTHS):
            self._fail(node.at, "this is a truth, not a number")
        return node

    def _or(self) -> Node:
        return self._chain("or", self._and)

    def _and(self) -> Node:
        return self._chain("and", self._not)

    def _chain(self, word: str, below: Callable[[], Node]) -> Node:
        first = below()
        found = [first]
        while self._take(word, kind="name"):
            found.append(below())
        if len(found) == 1:
            return first
        return Logic(word, tuple(self._truth(each) for each in found), first.at)

    def _not(self) -> Node:
        if (token := self._take("not", kind="name")) is not None:
            with_in = self._deeper(self._not)
            return Logic("not", (self._truth(with_in),), token.at)
        return self._compare()

    def _compare(self) -> Node:
        left = self._sum()
        token = self._now
        if self._take("in", kind="name"):
            return self._states(left, self._ids(), negated=False)
        if self._take(*ORDERS, *EQUALS) is None:
            return left
        if self._now.kind == "text":
            if token.text not in EQUALS:
                self._fail(token.at, "states are compared with == or !=")
            return self._states(left, (self._id(),), negated=token.text == "!=")
        right = self._number(self._sum())
        if self._now.text in (*ORDERS, *EQUALS):
            self._fail(self._now.at, "comparisons do not chain; join them with and")
        return Compare(token.text, self._number(left), right, left.at)

    def _states(self, left: Node, ids: tuple[str, ...], *, negated: bool) -> Node:
        if not isinstance(left, Name):
            self._fail(left.at, "only a point has states")
        return InState(left, ids, negated, left.at)

    def _ids(self) -> tuple[str, ...]:
        self._need("[")
        found = [self._id()]
        while self._take(","):
            found.append(self._id())
        self._need("]")
        return tuple(found)

    def _id(self) -> str:
        token = self._now
        if token.kind != "text":
            self._fail(token.at, "a word in quotes is missing")
        self._place += 1
        return token.text[1:-1]

    def _sum(self) -> Node:
        return self._arithmetic(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._arithmetic(("*", "/"), self._factor)

    def _arithmetic(self, signs: tuple[str, ...], below: Callable[[], Node]) -> Node:
        left = below()
        while (token := self._take(*signs)) is not None:
            left = Arithmetic(token.text, (self._number(left), self._number(below())), left.at)
        return left

    def _factor(self) -> Node:
        token = self._now
        if self._take("-"):
            return Arithmetic("neg", (self._number(self._deeper(self._factor)),), token.at)
        if self._take("("):
            node = self._deeper(self._or)
            self._need(")")
            return node
        if token.kind == "number":
            self._place += 1
            if not isfinite(float(token.text)):
                self._fail(token.at, f"{token.text} is too large")
            return Number(float(token.text), token.at)
        if token.kind != "name" or token.text in ("and", "or", "in", "not"):
            shown = repr(token.text) if token.text else "the end"
            self._fail(token.at, f"a point, a number or an opening bracket was expected, not {shown}")
        self._place += 1
        return self._call(token) if self._take("(") else Name(token.text, token.at)

    def _call(self, token: _Token) -> Node:
        if token.text == "alarm":
            rule = self._id()
            self._need(")")
            return AlarmOf(rule, token.at)
        if token.text not in FUNCTIONS:
            self._fail(token.at, f"no function {token.text!r}; known: alarm, {', '.join(FUNCTIONS)}")
        given = [self._number(self._deeper(self._or))]
        while self._take(","):
            given.append(self._number(self._deeper(self._or)))
        self._need(")")
        least, most = FUNCTIONS[token.text]
        if not least <= len(given) <= most:
            self._fail(token.at, f"{token.text} takes {least if least == most else f'{least} to {most}'} numbers")
        return Arithmetic(token.text, tuple(given), token.at)

    def _deeper(self, below: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail(self._now.at, f"nested deeper than {DEEPEST}")
        node = below()
        self._depth -= 1
        return node
