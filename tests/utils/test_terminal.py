"""What C libraries write is kept off the screen, and nothing else is."""

from __future__ import annotations

import subprocess
import sys

INTERRUPTED = """
import os, sys
from audioclust.utils.terminal import stderr_silenced
close = os.close
def interrupted(descriptor):
    close(descriptor)
    raise KeyboardInterrupt
os.close = interrupted  # It is called when descriptor 2 leads nowhere already.
try:
    with stderr_silenced():
        pass
except KeyboardInterrupt:
    os.write(2, b"heard")
    print(" twice", file=sys.stderr)
"""

SILENCED = """
import os, sys
from audioclust.utils.terminal import stderr_silenced
with stderr_silenced():
    os.write(2, b"noise")
    print("ours", file=sys.stderr)
os.write(2, b"later")
"""


def said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    return done.stderr


def test_noise_is_silenced_and_our_own_words_are_not() -> None:
    assert said(SILENCED) == "ours\nlater"


def test_ctrl_c_at_the_start_gives_the_screen_back() -> None:
    assert said(INTERRUPTED) == "heard twice\n"
