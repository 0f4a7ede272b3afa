"""The peak is that of the process itself."""

import subprocess
import sys

import pytest

_TELL = "from ennead.replay.witness.memory import peak_memory_bytes; {what}; print(peak_memory_bytes())"
_MIB = 2**20


def _peak(what: str) -> int:
    code = _TELL.format(what=what)
    return int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def test_what_was_used_and_given_back_counts() -> None:
    plain = _peak("pass")
    assert plain > _MIB
    assert _peak("used = bytearray(200 << 20); del used") > plain + 150 * _MIB


@pytest.mark.skipif(sys.platform != "linux", reason="getrusage tells of the process itself there")
def test_the_size_of_the_process_that_starts_it_does_not() -> None:
    plain = _peak("pass")
    held = bytearray(300 << 20)
    assert _peak("pass") < plain + 50 * _MIB
    assert held is not None
