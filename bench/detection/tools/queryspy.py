"""queryspy, through its public recording window, at its own threshold (two equal statements).

Its documentation offers the window as the way to look at a block of code, and `no_n_plus_one()` fails on every
finding of it, whatever the kind: so each finding counts as an N+1, the "identical queries" among them, too.
"""

from collections.abc import Callable

from bench.detection.observation import N_PLUS_ONE, Observation, relative


def prepare(suite: str) -> None:
    assert suite.endswith("sqlalchemy"), "queryspy knows SQLAlchemy only"


def observe(run: Callable[[], object]) -> Observation:
    import queryspy

    with queryspy.record() as spy:
        run()
    findings = spy.findings()
    frames = [finding.frame for finding in findings if finding.frame is not None]
    return Observation(
        codes=(N_PLUS_ONE,) * len(findings),
        access=tuple(dict.fromkeys((relative(frame.filename), frame.lineno) for frame in frames)),
    )
