"""A clock that goes only when it is told to."""


class FakeClock:
    """Call it for the seconds; :meth:`advance` moves it on, and so does ``step`` at every call."""

    def __init__(self, now: float = 100.0, step: float = 0.0) -> None:
        self.now = now
        self.step = step

    def __call__(self) -> float:
        now = self.now
        self.now += self.step
        return now

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self.now += seconds
