"""A session of pytest that is looked at: which tests, when they begin and end, and what becomes of what they did."""

from __future__ import annotations

import gc
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ennead.agent.unit_of_work import CURRENT
from ennead.agent.units import AGENT, Recording, pause
from ennead.installing import install, uninstall
from ennead.kernel.errors import EnneadError, NPlusOneError
from ennead.pytest_plugin.phases import TEST_CASE_PHASES
from ennead.pytest_plugin.recorded_test import RecordedTest
from ennead.pytest_plugin.rules import rules_of
from ennead.pytest_plugin.suite import Suite
from ennead.pytest_plugin.test_profile import TestProfile
from ennead.pytest_plugin.traceback import cut_at_the_access
from ennead.pytest_plugin.verdict import Examination
from ennead.sources.registry import INSTALLER

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ennead.agent.unit_of_work import UnitOfWork
    from ennead.pytest_plugin.options import Options

_FOLDER = "ennead_run_folder"


@contextmanager
def _no_collections() -> Iterator[None]:
    """Leave the garbage of the tests alone: an analysis makes many objects in a row, few of them in cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def begin(config: pytest.Config, options: Options, name: str) -> None:
    """Hook the libraries and let pytest call us.

    Raises
    ------
    pytest.UsageError
        A setting of Ennead is wrong.
    """
    was_installed = INSTALLER.installed
    try:
        switched_off = install(sample_ratio=1.0).skipped.get("everything")
        suite = Suite.of_this_process(_folder_from_controller(config), ignores_baseline=options.ignores_baseline)
        session = Session(options, suite, switched_off)
    except EnneadError as error:
        raise pytest.UsageError(str(error)) from error
    config.pluginmanager.register(session, name)
    config.add_cleanup(session.end)
    if not was_installed:
        config.add_cleanup(uninstall)


def _folder_from_controller(config: pytest.Config) -> str | None:
    """The run folder, in a worker of pytest-xdist; nothing in the process that a person started."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    return None if worker is None else worker.get(_FOLDER)


class Session:
    """What pytest calls while tests run.

    Parameters
    ----------
    options
        What was asked for.
    suite
        Analyses and records.
    switched_off
        Why nothing is recorded, if so.
    """

    def __init__(self, options: Options, suite: Suite, switched_off: str | None) -> None:
        self._options = options
        self._suite = suite
        self._switched_off = switched_off
        self._test: RecordedTest | None = None
        self._examination = Examination(())
        """Of the last attempt at the test."""
        AGENT.add_listener(self._take)
        if not options.counts_fixtures:
            TEST_CASE_PHASES.tell(lambda: self._test)
        if options.raises:
            from ennead.pytest_plugin.watcher import AccessWatcher

            early = suite.early_warning(options.stop_at) if options.stop_at is not None else None
            self._suite.watch(AccessWatcher(suite.analysis, suite.knows, lambda: self._test, early))

    def end(self) -> None:
        """Leave no trace."""
        AGENT.remove_listener(self._take)
        TEST_CASE_PHASES.undo()
        self._suite.close()

    def profile_of(self, item: pytest.Item) -> TestProfile:
        """What the fixture gives."""
        test = self._test or RecordedTest(item.nodeid, rules_of(item, self._options))
        return TestProfile(test, self._suite.analysis)

    # ------------------------------------------------------------------------------------------ the session

    def pytest_report_header(self) -> str | None:
        """Part of pytest's protocol."""
        if self._switched_off:
            return f"ennead: {self._switched_off}"
        if not self._options.is_active:
            return None
        words = ["N+1 queries are reported"] if self._options.reports else []
        words += ["tests with one fail"] if self._options.fail else []
        words += [f"mode {self._options.mode}"] if self._options.mode else []
        words += [f"stopped at query {self._options.stop_at} of one"] if self._options.stop_at else []
        words += [f"at most {self._options.max_queries} queries a test"] if self._options.max_queries else []
        return f"ennead: {', '.join(words)}"

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Part of pytest's protocol."""
        config = session.config
        is_worker = hasattr(config, "workerinput")
        if is_worker or self._switched_off or not self._options.reports or config.option.collectonly:
            return
        try:
            # So that it can be run again: a bare "pytest" may be another Python's.
            self._suite.begin_run([sys.executable, "-m", "pytest", *map(str, config.invocation_params.args)])
        except EnneadError as error:
            raise pytest.UsageError(str(error)) from error

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Part of pytest-xdist's protocol: what a worker has to know."""
        node.workerinput[_FOLDER] = self._suite.folder

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Part of pytest's protocol; with pytest-xdist the workers have ended by now."""
        self._suite.end_run(int(exitstatus), self._options.json)
        if self._options.remember and not self._options.raises:
            self._suite.remember(session.config.invocation_params.dir)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Part of pytest's protocol."""
        report = self._suite.report
        if report is not None:
            from ennead.pytest_plugin.summary import print_summary

            print_summary(terminalreporter, report, self._suite.problem)

    # ------------------------------------------------------------------------------------------ a test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Part of pytest's protocol: a test with its fixtures, and as often as it is run again."""
        rules = rules_of(item, self._options)
        if not rules.enabled or not (self._options.is_active or self._asks(item, rules.max_queries)):
            with pause():
                return (yield)
        self._test = test = RecordedTest(item.nodeid, rules)
        self._examination = Examination(())
        with ExitStack() as stack:
            if self._options.counts_fixtures:
                test.begin(stack.enter_context(Recording(item.nodeid, "test")).unit)
            try:
                return (yield)
            finally:
                self._test = None
                self._record(test)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Part of pytest's protocol: the test's own code."""
        test = self._test
        if test is None:
            return (yield)
        test.begin(CURRENT.get())
        try:
            result = yield
        finally:
            test.tear_down()
            self._examine(test)
        self._judge(test, self._examination)
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Part of pytest's protocol: an exception that was raised at the access ends there."""
        for raised in (call.excinfo, *(getattr(item, "_excinfo", None) or ())):  # the latter are unittest's
            if raised is not None and isinstance(raised.value, NPlusOneError):
                cut_at_the_access(raised.tb)
                raised.value.__suppress_context__ = True  # the library's own, such as a cache without the row

    def _examine(self, test: RecordedTest) -> None:
        try:
            with _no_collections():
                self._examination = Examination.of(test, self._suite.analysis)
        except Exception:  # noqa: BLE001 -- what goes wrong with us is counted, told in the report, and fails no test
            AGENT.internal_error_count += 1

    def _record(self, test: RecordedTest) -> None:
        try:
            self._suite.record(test.name, self._examination)
        except Exception:  # noqa: BLE001 -- as above
            AGENT.internal_error_count += 1

    def _judge(self, test: RecordedTest, examination: Examination) -> None:
        if self._options.mode == "warn":
            examination.warn(self._suite.knows)
        text = examination.broken_budget(test.rules.max_queries)
        if self._options.fail or self._options.raises:
            text = examination.story(self._suite.knows) or text
        if text:
            pytest.fail(text, pytrace=False)

    def _asks(self, item: pytest.Item, max_queries: int | None) -> bool:
        return max_queries is not None or "ennead" in getattr(item, "fixturenames", ())

    def _take(self, unit: UnitOfWork) -> None:
        if self._test is not None:
            self._test.take(unit)
