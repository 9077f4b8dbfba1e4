"""Shell. Many runs on all cores: a run needs no other, so each worker takes the next one."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from anlan.score import Run
from anlan.suite import Planned
from anlan.virtual_run import run_once
from rules.functions import PLAIN
from vocab.site import Site

Task = tuple[int, int]  # place of the plan, seed
PATIENCE = 3  # how often a killed worker is made good
WORTH_COMPILING_S = 20 * 3600.0  # site time for each worker: below it the plain kernel is done sooner

_site: Site | None = None
_plans: Sequence[Planned] = ()
_functions = PLAIN


def tasks(plans: Sequence[Planned], seeds: int) -> list[Task]:
    """What is to be run; the longest first, so that no worker is left alone with one at the end."""
    found = [(place, seed) for place, plan in enumerate(plans) for seed in range(1, plan.seeds(seeds) + 1)]
    return sorted(found, key=lambda task: (-plans[task[0]].scenario.duration_s, task))


def run_all(site: Site, plans: Sequence[Planned], seeds: int, jobs: int, step: Callable[[], None]) -> list[Run]:
    """Every plan with seeds 1 … `seeds`, in `jobs` processes; `step` is called after each. The order does not depend
    on who was faster."""
    todo = tasks(plans, seeds)
    runs: dict[Task, Run] = {}
    for task, run in _here(site, plans, todo) if jobs == 1 else _there(site, plans, todo, jobs):
        runs[task] = run
        step()
    return [runs[task] for task in sorted(runs)]


def _here(site: Site, plans: Sequence[Planned], todo: Sequence[Task]) -> Iterator[tuple[Task, Run]]:
    for place, seed in todo:
        yield (place, seed), run_once(site, plans[place], seed)


def _there(site: Site, plans: Sequence[Planned], todo: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Run]]:
    """A worker that is killed takes the pool with it: what is left then goes to a new one, `PATIENCE` times."""
    left = dict.fromkeys(todo)
    for attempt in range(PATIENCE + 1):
        try:
            for task, run in _pooled(site, plans, list(left), jobs):
                del left[task]
                yield task, run
        except BrokenProcessPool:
            if attempt == PATIENCE:
                raise
        else:
            return


def _pooled(site: Site, plans: Sequence[Planned], todo: Sequence[Task], jobs: int) -> Iterator[tuple[Task, Run]]:
    # Spawned, not forked: the parent's progress bar has a thread, and what it holds would be copied.
    context = multiprocessing.get_context("spawn")
    work_s = sum(plans[place].scenario.duration_s for place, _ in todo) / jobs
    with ProcessPoolExecutor(jobs, context, _begin, (site, plans, work_s > WORTH_COMPILING_S)) as pool:
        futures: dict[Future[Run], Task] = {pool.submit(_work, task): task for task in todo}
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(site: Site, plans: Sequence[Planned], is_long: bool) -> None:
    global _site, _plans, _functions  # noqa: PLW0603 - what a worker is given once, not with every task
    _site, _plans = site, plans
    if is_long:
        from rules.compiled import compiled

        _functions = compiled()


def _work(task: Task) -> Run:
    assert _site is not None  # noqa: S101 every worker began with `_begin`
    return run_once(_site, _plans[task[0]], task[1], _functions)
