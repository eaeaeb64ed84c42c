"""Runs a command and shows that it is at work, without all that it writes.

    python .ci/watch.py COMMAND [ARGUMENT...]

On a terminal, the time and the last line of the command's output are shown in one line, which
vanishes in the end. Elsewhere nothing is shown. If the command fails, all its output follows.
The exit status is the command's own.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from typing import IO


def main(command: list[str]) -> int:
    """Run a command, and give its exit status."""
    begun = time.monotonic()
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=collect, args=(process.stdout, lines), daemon=True)
        reader.start()
        try:
            while reader.is_alive():
                if sys.stdout.isatty():
                    show(lines, time.monotonic() - begun)
                reader.join(0.2)
        except KeyboardInterrupt:
            reader.join()  # The command was interrupted too. What it writes is read to its end.
            return 130
        finally:
            if sys.stdout.isatty():
                print("\r\x1b[K", end="", flush=True)
    if process.returncode:
        sys.stdout.writelines(lines)
    return process.returncode


def collect(output: IO[str], lines: list[str]) -> None:
    """Read lines to the end, or until a second Ctrl-C has the output closed."""
    with contextlib.suppress(ValueError):
        lines.extend(output)


def show(lines: list[str], seconds: float) -> None:
    """Show the last line that is not empty, in place of the one before."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    text = "".join(c for c in last.strip() if c.isprintable())
    whole = f"  {int(seconds) // 60}:{int(seconds) % 60:02} {text}"
    print(f"\r\x1b[K{whole[: shutil.get_terminal_size().columns - 3]}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
