"""Answers in a few lines of text, for clients that show nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ennead.reporting import plain_text
from ennead.reporting.amounts import count
from ennead.reporting.places import Places
from ennead.reporting.story import Story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ennead.mcp_server.answers import (
        ApplyAnswer,
        FindingBrief,
        FindingsAnswer,
        FixAnswer,
        ProposeAnswer,
        RunAnswer,
        VerificationAnswer,
        VerifyAnswer,
    )
    from ennead.reporting.report import Entry, Report


def run_text(answer: RunAnswer) -> str:
    """What was run and found."""
    units = ", ".join(f"{number} {kind}" for kind, number in answer.unit_counts.items()) or "no unit of work"
    head = f"exit code {answer.exit_code}; {units}; {count(answer.query_count, 'query', 'queries')}"
    return "\n".join([head, findings_text(answer)])


def findings_text(answer: FindingsAnswer) -> str:
    """One line for each finding."""
    lines = [f"run {answer.run}: {answer.command}: {count(answer.finding_count, 'finding')}"]
    lines += map(_brief_line, answer.findings)
    left_out = answer.finding_count - len(answer.findings)
    if left_out:
        lines.append(f"and {left_out} more: ask 'findings' with a higher limit")
    lines += [f"note: {note}" for note in answer.notes]
    return "\n".join(lines)


def _brief_line(finding: FindingBrief) -> str:
    places = [f"{role} {place}" for role in ("origin", "loop", "access") if (place := getattr(finding, role))]
    advice = f"; {'verified fix' if finding.is_verified else 'advice'}: {finding.advice}" if finding.advice else ""
    counts = f"{finding.query_count} queries where {finding.queries_needed} would do"
    what = f"{finding.id} {finding.severity} {finding.code} {finding.subject}: {counts}"
    return f"{what}; {_deciders(finding)}; {', '.join(places)}{advice}"


def _deciders(finding: FindingBrief) -> str:
    given = (("rules", finding.rules_confidence), ("model", finding.model_confidence))
    said = [f"{who} {confidence:.0f} %" for who, confidence in given if confidence is not None]
    return f"decided by {finding.decided_by} ({', '.join(said)})"


def story_text(report: Report, entry: Entry) -> str:
    """The story as it is told in a terminal."""
    places = Places(project_root=report.project_root, working_folder=report.project_root)
    return plain_text.story_text(Story((entry,)), places, verbose=True)


def propose_text(answer: ProposeAnswer) -> str:
    """What was verified and what was refused, and the diff."""
    fixed = sum(fix.status in ("fixed", "fixed-along") for fix in answer.fixes)
    how = "fixed and verified" if answer.fix or not fixed else "fixed, but not together: nothing of it is offered"
    lines = [f"{fixed} of {count(len(answer.fixes), 'finding')} {how}; no file was changed"]
    if not answer.fixes:
        lines = ["nothing to fix: the replayed work shows no finding"]
    for fix in answer.fixes:
        lines += _fix_lines(fix, is_alone=answer.together is None)
    if answer.together:
        lines += ["all of them together:", *_verification_lines(answer.together)]
    lines += [f"named: {', '.join(answer.methods)}"] if answer.methods else []
    lines += [f"not as a method: {sentence}" for sentence in answer.kept]
    lines += [f"note: {sentence}" for sentence in answer.notes]
    if answer.fix:
        lines += [f"all of it is {answer.fix}: hand that to 'apply'", "", answer.diff]
    return "\n".join(lines)


def _fix_lines(fix: FixAnswer, *, is_alone: bool) -> Iterator[str]:
    yield f"{fix.finding} {fix.subject}: {fix.status}{f': {fix.title}' if fix.title else ''}"
    if fix.verification:
        lines = list(_verification_lines(fix.verification))
        yield from lines if is_alone else lines[:1]  # what was not compared is told of all of them together
    for refused in fix.refused:
        yield f"  refused, {refused.verdict}: {refused.title}: {refused.reason}"


def _verification_lines(verification: VerificationAnswer) -> Iterator[str]:
    yield f"  {verification.verdict}: {'; '.join(verification.reasons)}"
    for sentence in verification.not_compared:
        yield f"  not compared: {sentence}"


def verify_text(answer: VerifyAnswer) -> str:
    """The judgement."""
    head = f"{'accepted' if answer.is_accepted else 'refused'}: edits of {', '.join(answer.files)}"
    return "\n".join([head, *_verification_lines(answer.verification)])


def apply_text(answer: ApplyAnswer) -> str:
    """What was written."""
    return f"{answer.fix} is applied: changed {', '.join(answer.files)}; repairs {', '.join(answer.repairs)}"
