"""The language of composite conditions: what it understands, and how it says that it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocab import expression
from vocab.condition import Expr
from vocab.expression import AlarmOf, Arithmetic, Compare, InState, Logic, Name, Node, Number
from vocab.expression_parse import DEEPEST, LONGEST, TALLEST, ExpressionError, parse


def told(node: Node) -> str:
    """A tree with every bracket that it means."""
    match node:
        case Number(value=value):
            return f"{value:g}"
        case Name(id=name):
            return name
        case InState(point=point, ids=ids, negated=negated):
            return f"{'not ' if negated else ''}{point.id} in [{', '.join(ids)}]"
        case AlarmOf(rule=rule):
            return f"alarm {rule}"
        case Compare(op=op, left=left, right=right):
            return f"({told(left)} {op} {told(right)})"
        case Arithmetic(op=op, of=of) | Logic(op=op, of=of):
            return f"{op}({', '.join(told(each) for each in of)})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a > 1", "(a > 1)"),
        ("a>=1.5e-3", "(a >= 0.0015)"),
        ("a - b - c > 1", "(-(-(a, b), c) > 1)"),
        ("a + b * c < d", "(+(a, *(b, c)) < d)"),
        ("(a + b) * c < d", "(*(+(a, b), c) < d)"),
        ("a / b / 2 == 1", "(/(/(a, b), 2) == 1)"),
        ("-a > -1", "(neg(a) > neg(1))"),
        ("a * -b > 1", "(*(a, neg(b)) > 1)"),
        ("abs(a - b) > max(1, c, 2)", "(abs(-(a, b)) > max(1, c, 2))"),
        ("a > 1 and b > 1 or c > 1 and d > 1", "or(and((a > 1), (b > 1)), and((c > 1), (d > 1)))"),
        ("a > 1 and (b > 1 or c > 1)", "and((a > 1), or((b > 1), (c > 1)))"),
        ("not a > 1 and b > 1", "and(not((a > 1)), (b > 1))"),
        ("not not alarm('x')", "not(not(alarm x))"),
        ('state == "on"', "state in [on]"),
        ("state != 'on'", "not state in [on]"),
        ("state in ['on', \"off\"]", "state in [on, off]"),
        ("  a\n>\t1 ", "(a > 1)"),
        ("((a > 1))", "(a > 1)"),
        ("android > 1 and nota > 1", "and((android > 1), (nota > 1))"),
    ],
)
def test_what_is_understood(text: str, tree: str) -> None:
    assert told(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "a point, a number or an opening bracket was expected, not the end"),
        ("a >", 4, "expected, not the end"),
        ("a", 1, "this is a number; compare it with something"),
        ("a + 1", 1, "this is a number; compare it with something"),
        ("a > 1 and b", 11, "this is a number; compare it with something"),
        ("not a", 5, "this is a number; compare it with something"),
        ("(a > 1) + 2 > 3", 2, "this is a truth, not a number"),
        ("a > (b > 1)", 6, "this is a truth, not a number"),
        ("abs(a > 1) > 1", 5, "this is a truth, not a number"),
        ("0 < a < 1", 7, "comparisons do not chain; join them with and"),
        ("a = 1", 3, "'=' has no meaning here; compare with =="),
        ("a & b", 3, "'&' has no meaning here"),
        ("a > .5", 5, "'.' has no meaning here"),
        ("a.b > 1", 2, "'.' has no meaning here"),
        ("a > 1;", 6, "';' has no meaning here"),
        ("a > 1 b", 7, "'b' was not expected here"),
        ("a > 1)", 6, "')' was not expected here"),
        ("(a > 1", 7, "')' is missing"),
        ("sin(a) > 1", 1, "no function 'sin'; known: alarm, abs, min, max"),
        ("min(a) > 1", 1, "min takes 2 to 16 numbers"),
        ("abs(a, b) > 1", 1, "abs takes 1 numbers"),
        ("alarm(x)", 7, "a word in quotes is missing"),
        ("alarm('x'", 10, "')' is missing"),
        ("state > 'on'", 7, "states are compared with == or !="),
        ("a + b == 'on'", 1, "only a point has states"),
        ("state in 'on'", 10, "'[' is missing"),
        ("state in ['on'", 15, "']' is missing"),
        ("state in []", 11, "a word in quotes is missing"),
        ("and a > 1", 1, "expected, not 'and'"),
        ("a > 1e999", 5, "is too large"),
        ("a > 'on", 5, '"\'" has no meaning here'),
    ],
)
def test_an_error_names_its_column_and_what_was_expected(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(text)

    assert str(caught.value).startswith(f"column {column}: ")
    assert message in str(caught.value)
    assert caught.value.at == column - 1


def test_an_error_shows_the_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        parse("0 < a < 1")

    assert str(caught.value).splitlines()[1:] == ["    0 < a < 1", "          ^"]


def depth(node: Node) -> int:
    match node:
        case Compare(left=left, right=right):
            return 1 + max(depth(left), depth(right))
        case Arithmetic(of=of) | Logic(of=of):
            return 1 + max(depth(each) for each in of)
    return 1


@pytest.mark.parametrize(("open_", "close"), [("(", ")"), ("-", ""), ("abs(", ")"), ("min(1, ", ")")])
def test_what_is_nested_too_deep_is_refused_before_it_costs_anything(open_: str, close: str) -> None:
    most = DEEPEST
    assert depth(parse(f"a > {open_ * most}b{close * most}")) <= most + 2
    with pytest.raises(ExpressionError, match=f"nested deeper than {DEEPEST}"):
        parse(f"a > {open_ * (most + 1)}b{close * (most + 1)}")


def test_a_text_that_is_too_long_is_refused() -> None:
    fits = "a > 1" + " " * (LONGEST - 5)

    assert told(parse(fits)) == "(a > 1)"
    with pytest.raises(ExpressionError, match=f"longer than {LONGEST}"):
        parse(fits + " ")


def test_a_sum_of_more_parts_than_a_stack_can_bear_is_refused() -> None:
    tree = parse("+".join(["a"] * (TALLEST - 2)) + " > b")

    assert depth(tree) == TALLEST - 1
    assert expression.names(tree) == {"a", "b"}
    with pytest.raises(ExpressionError, match=f"more than {TALLEST} signs in a row"):
        parse("+".join(["a"] * ((LONGEST - 2) // 2)) + ">1")


WORDS = ["a", "b1", "state", "and", "or", "not", "in", "alarm", "abs", "min", "max", "1", "2.5", "1e3", "'on'", '"x"']
SIGNS = ["+", "-", "*", "/", "(", ")", "[", "]", ",", "<", "<=", ">", ">=", "==", "!=", "=", ".", "@", " ", "\n"]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS + SIGNS), max_size=60).map(" ".join)))
def test_any_text_is_understood_or_refused_with_a_column_of_it(text: str) -> None:
    refused: ExpressionError | None = None
    try:
        tree = parse(text)
    except ExpressionError as error:
        refused = error
    if refused is not None:
        assert 0 <= refused.at <= len(text)
        return
    assert isinstance(tree, Compare | InState | AlarmOf | Logic), "an expression is a truth"
    assert depth(tree) <= len(text)


def _number_of(each: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(lambda op, a, b: Arithmetic(op, (a, b)), st.sampled_from("+-*/"), each, each),
        each.map(lambda inner: Arithmetic("neg", (inner,))),
        st.builds(
            lambda op, of: Arithmetic(op, tuple(of)), st.sampled_from(["min", "max"]), st.lists(each, min_size=2)
        ),
    )


def _truth_of(each: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        each.map(lambda inner: Logic("not", (inner,))),
        st.builds(lambda op, of: Logic(op, tuple(of)), st.sampled_from(["and", "or"]), st.lists(each, min_size=2)),
    )


SIMPLE: st.SearchStrategy[Node] = st.one_of(
    st.floats(0, 1e6).map(Number), st.sampled_from(["a", "b1", "supply_temp"]).map(Name)
)
NUMBERS = st.recursive(SIMPLE, _number_of, max_leaves=6)
ASKED: st.SearchStrategy[Node] = st.one_of(
    st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), NUMBERS, NUMBERS),
    st.sampled_from(["fire", "leak"]).map(AlarmOf),
    st.builds(lambda word, no: InState(Name("state"), (word,), no), st.sampled_from(["on", "off"]), st.booleans()),
)
TRUTHS = st.recursive(ASKED, _truth_of, max_leaves=6)


def written(node: Node) -> str:  # noqa: PLR0911 - one for each node
    """A tree as text, with every bracket written."""
    match node:
        case Number(value=value):
            return repr(value)
        case Name(id=name):
            return name
        case InState(point=point, ids=ids, negated=negated):
            return f"{point.id} {'!=' if negated else '=='} '{ids[0]}'"
        case AlarmOf(rule=rule):
            return f"alarm('{rule}')"
        case Compare(op=op, left=left, right=right):
            return f"({written(left)} {op} {written(right)})"
        case Arithmetic(op="neg", of=(only,)):
            return f"(-{written(only)})"
        case Arithmetic(op="min" | "max" as op, of=of):
            return f"{op}({', '.join(written(each) for each in of)})"
        case Logic(op="not", of=(only,)):
            return f"(not {written(only)})"
        case Arithmetic(op=op, of=of) | Logic(op=op, of=of):
            return f"({f' {op} '.join(written(each) for each in of)})"


@given(TRUTHS.filter(lambda tree: depth(tree) < 12 and len(written(tree)) <= LONGEST))
def test_a_tree_that_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    assert told(parse(written(tree))) == told(tree)


def test_a_condition_holds_its_tree_and_a_slip_is_a_fault_of_its_row() -> None:
    assert Expr(type="expr", text="a > 1").tree == parse("a > 1")
    with pytest.raises(ValueError, match="column 3"):
        Expr(type="expr", text="a ? 1")


def test_names_and_alarms_of_a_tree_are_found_wherever_they_stand() -> None:
    tree = parse("min(a, b) > c and (state in ['on'] or not alarm('x')) or alarm('y')")

    assert expression.names(tree) == {"a", "b", "c", "state"}
    assert expression.alarms(tree) == {"x", "y"}
