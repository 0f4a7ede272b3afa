"""What the tools answer: the fields are the contract with the agents that read them."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class FindingBrief(BaseModel):
    """One problem in a few words."""

    id: str = Field(description="Names the finding to the other tools; the same tomorrow and after lines moved.")
    severity: str = Field(description="info, low, medium, high or critical.")
    code: str = Field(description="n-plus-one, repeated-query or write-n-plus-one.")
    kind: str = Field(description="relation, deferred, lookup, aggregate, raw-sql, same-parameters, insert, update ...")
    subject: str = Field(description="What is loaded or written again and again: relation, models or table.")
    query_count: int = Field(description="Repeats in the unit of work where it is worst.")
    queries_needed: int = Field(description="What a set-based version would take in their place.")
    unit_count: int = Field(description="Requests, tests, jobs or commands that had it.")
    routes: list[str] = Field(description="Where it was seen, the most frequent first; three at most.")
    origin: str | None = Field(description="file:line where the rows were queried; the place to repair it.")
    loop: str | None = Field(description="file:line of the loop over the rows.")
    access: str | None = Field(description="file:line that fires the queries, a template's line if it is one.")
    advice: str | None = Field(description="Title of the first recommendation; advice until it was run.")
    is_verified: bool = Field(description="Whether a fix was verified that can be applied.")
    confidence: float = Field(description="0 to 100.")
    decided_by: str = Field(description="rules, ml (the learnt model alone) or both.")
    rules_confidence: float | None = Field(description="What the rules give it, 0 to 100; null if they say nothing.")
    model_confidence: float | None = Field(description="What the learnt model gives it, 0 to 100; null if not asked.")


class FindingsAnswer(BaseModel):
    """The findings of a run."""

    run: str = Field(description="Id of the run.")
    command: str
    finding_count: int = Field(description="Of the whole run, those left out here included.")
    suppressed_count: int
    findings: list[FindingBrief] = Field(description="The worst first.")
    notes: list[str] = Field(description="What must be known to trust the rest: what could not be observed, and why.")


class RunAnswer(FindingsAnswer):
    """A command that was run, and what was found."""

    exit_code: int = Field(description="The command's own; 124 if its time was up.")
    unit_counts: dict[str, int] = Field(description="Kind of unit of work to their number: requests, tests, jobs ...")
    query_count: int
    stdout: str = Field(description="The end of what the command wrote to standard output.")
    stderr: str = Field(description="The end of what the command wrote to standard error.")


class SourceLine(BaseModel):
    """One line of the user's code."""

    file: str
    line: int
    text: str
    roles: list[str] = Field(description="origin, loop, via, access; empty for the lines around.")


class ExplainAnswer(BaseModel):
    """The whole story of one finding."""

    run: str
    finding: dict[str, Any] = Field(
        description="As 'ennead report --json' tells it: places, statement, evidence, recommendations, verification."
    )
    unit_count: int
    total_query_count: int
    routes: dict[str, int] = Field(description="Route to the number of units of work.")
    source: list[SourceLine] = Field(description="The lines of the story with those around them.")


class VerificationAnswer(BaseModel):
    """What two replays of the work showed, before and after a change."""

    verdict: str = Field(
        description="verified, verified-at-this-size, reduced-not-flat, no-effect, worse, changes-results, "
        "non-deterministic or could-not-run; the first two are accepted."
    )
    reasons: list[str] = Field(description="The weightiest first.")
    queries_before: dict[str, int] = Field(description="Data size in rows to queries.")
    queries_after: dict[str, int]
    duration_before_ms: float
    duration_after_ms: float
    compared: list[str] = Field(description="What was compared and is the same, if the change is accepted.")
    not_compared: list[str] = Field(description="What could not be compared, and why.")


class Refused(BaseModel):
    """A change that was tried and is no fix."""

    title: str
    strategy: str
    verdict: str
    reason: str


class FixAnswer(BaseModel):
    """What came of the search for a fix of one finding."""

    finding: str = Field(description="Id of the finding.")
    subject: str
    status: str = Field(description="fixed, fixed-along (by an earlier fix), not-fixed, no-candidate or not-tried.")
    title: str | None
    diff: str = Field(description="Unified diff on top of the fixes before it; empty without a fix.")
    verification: VerificationAnswer | None
    refused: list[Refused] = Field(description="What was tried and refused, and why; in the order of trying.")


class ProposeAnswer(BaseModel):
    """Fixes that were verified. No file of the project has been changed."""

    run: str = Field(description="Run that the fixes are kept beside.")
    is_complete: bool = Field(description="Whether everything that was asked for has a verified fix.")
    fix: str | None = Field(description="All verified fixes at once: what to hand to 'apply'.")
    files: list[str] = Field(description="Files that it changes.")
    diff: str = Field(description="Unified diff of all verified fixes.")
    fixes: list[FixAnswer]
    together: VerificationAnswer | None = Field(
        description="Of several fixes at once; if it refuses them, ask for the fix of one finding at a time."
    )
    methods: list[str] = Field(description="With 'as_method': the methods and functions that the fix uses now.")
    kept: list[str] = Field(description="With 'as_method': which loads have no method, and why.")
    notes: list[str] = Field(description="On the replayed work: what may explain that it shows less than expected.")


class VerifyAnswer(BaseModel):
    """The judgement on the uncommitted edits."""

    is_accepted: bool
    files: list[str] = Field(description="The edited files that were judged.")
    verification: VerificationAnswer


class ApplyAnswer(BaseModel):
    """What was written."""

    fix: str
    files: list[str] = Field(description="Files that were changed, relative to the project root.")
    repairs: list[str] = Field(description="Ids of the findings that the change repairs.")
    project_root: str
