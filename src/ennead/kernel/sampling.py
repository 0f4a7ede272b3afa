"""Which units of work are recorded: a share of them, chosen stably."""

from __future__ import annotations

from hashlib import blake2b

_SCALE = 2**32


def keeps(key: str, ratio: float) -> bool:
    """Whether the unit of work named by ``key`` is among the recorded share.

    The same key gets the same answer on every host, and raising the ratio never drops a key that was kept.

    Parameters
    ----------
    key
        A trace id, or whatever names the unit of work.
    ratio
        0 to 1.

    Examples
    --------
    >>> sum(keeps(str(number), 0.25) for number in range(10_000))
    2540
    """
    if ratio >= 1.0:
        return True
    if ratio <= 0.0:
        return False
    digest = blake2b(key.encode("utf-8", "backslashreplace"), digest_size=4, person=b"ennead-sample").digest()
    return int.from_bytes(digest, "big") < ratio * _SCALE
