"""From a run to a fix in the project's files, over the protocol."""

from pathlib import Path

import pytest

from tests.mcp_server.agent import LIST_LOANS, REPORT_FILE, agent

pytestmark = pytest.mark.slow


async def test_from_a_run_to_an_applied_fix(loans: Path) -> None:
    file = loans / REPORT_FILE
    file.write_text(file.read_text() + "# not committed yet\n")
    edited = file.read_text()
    async with agent(loans) as session:
        ran = await session.call("run", command=LIST_LOANS)
        (found,) = ran["findings"]
        assert (found["code"], found["subject"], found["query_count"]) == ("n-plus-one", "loans.Loan.reader", 6)
        assert found["origin"].startswith(f"{REPORT_FILE}:")
        assert not found["is_verified"]

        proposed = await session.call("propose", finding=found["id"])
        assert proposed["is_complete"]
        assert proposed["files"] == [REPORT_FILE]
        (fix,) = proposed["fixes"]
        assert fix["verification"]["verdict"] == "verified"
        assert set(fix["verification"]["queries_after"].values()) == {1}
        assert "+    loans = Loan.objects.order_by" in proposed["diff"]
        assert any(message.startswith("trying for loans.Loan.reader: ") for message in session.progress)
        assert file.read_text() == edited

        story = await session.call("explain", finding=found["id"])
        assert story["finding"]["recommendations"][0]["status"] == "verified"

        refusal = await session.refusal("apply", fix=proposed["fix"])
        assert refusal == f"{REPORT_FILE} has uncommitted edits: commit them first, or use --force (for agents: force)"
        assert file.read_text() == edited

        applied = await session.call("apply", fix=found["id"], force=True)
        assert (applied["files"], applied["repairs"]) == ([REPORT_FILE], [found["id"]])
        assert 'select_related("reader")' in file.read_text()
        assert file.read_text().endswith("# not committed yet\n")

        assert (await session.call("run", command=LIST_LOANS))["findings"] == []
        refusal = await session.refusal("apply", fix=found["id"], force=True)
        assert refusal == f"{REPORT_FILE} was changed since the fix was verified: look for the fix again"

        judged = await session.call("verify", command=LIST_LOANS)
        assert judged["is_accepted"]
        assert judged["files"] == [REPORT_FILE]


async def test_a_fix_is_proposed_with_a_method(loans: Path) -> None:
    async with agent(loans) as session:
        proposed = await session.call("propose", command=LIST_LOANS, as_method=True)
        assert (proposed["methods"], proposed["kept"]) == (["LoanQuerySet.with_reader"], [])
        assert proposed["files"] == ["loans/models.py", REPORT_FILE]
        assert '+    loans = Loan.objects.order_by("pk").with_reader()' in proposed["diff"]
        assert proposed["fixes"][0]["verification"]["verdict"] == "verified"


async def test_edits_that_lose_rows_are_refused(loans: Path) -> None:
    file = loans / REPORT_FILE
    file.write_text(file.read_text().replace('order_by("pk")', 'order_by("pk")[:2]'))
    async with agent(loans) as session:
        judged = await session.call("verify", command=LIST_LOANS)
        assert not judged["is_accepted"]
        assert judged["verification"]["verdict"] == "changes-results"


async def test_a_replay_that_fails_is_told_with_its_last_words(loans: Path) -> None:
    async with agent(loans) as session:
        refusal = await session.refusal("propose", command=["python", "-c", "raise SystemExit('no loans today')"])
        assert refusal == "the replayed work failed with exit code 1: no loans today"
