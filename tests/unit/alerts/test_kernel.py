"""Going over from the plain kernel to the compiled one while alarms are judged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import kernel
from alerts.kernel import Spent
from alerts.layout import layout
from alerts.ledger import Options
from alerts.together import RunJudge
from rules.compiled import compiled, fingerprint
from rules.functions import PLAIN
from tests.unit.alerts.plant import T0
from tests.unit.alerts.test_together import SITES, Said, findings, histories, told
from wire.catalogue import Catalogue


@given(histories, st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=30, deadline=None)
def test_going_over_in_the_middle_changes_no_event(history: list[Said], there: int, back: int) -> None:
    site = SITES["joined"]
    judges = [RunJudge(layout(site, Catalogue([site])), Options(), PLAIN) for _ in range(2)]
    for each in judges:
        each.listen(T0)
    changing, staying = judges

    for number, frame in enumerate(told(site, history)):
        if number in (there, back):
            changing.use(compiled() if number == there else PLAIN)
        for each in judges:
            each.take(frame)

    assert findings(changing) == findings(staying)


def test_the_time_in_the_kernel_is_counted_and_told() -> None:
    spent = Spent()
    kernel.warmed(spent.timed(PLAIN))

    told = {metric.name: metric.samples[0].value for metric in spent.collect()}

    assert told["anlan_kernel_seconds"] == spent.seconds > 0
    assert told["anlan_kernel_compiled"] == 0


def test_a_kernel_is_kept_under_the_name_of_all_that_was_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert kernel.folder() == tmp_path / "anlan" / f"kernel-{fingerprint()}"
    assert not kernel.is_kept()


def test_a_changed_function_of_the_kernel_has_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from rules import memory

    before = fingerprint()

    def rate() -> int:
        return 0

    rate.__module__ = memory.__name__
    monkeypatch.setattr(memory, "rate", rate)
    assert fingerprint() != before
