"""A child process of a worker: work on standard input, an answer on standard output.

    python -m audioclust.distributed.workers.child

It reads 8 bytes, little-endian, the length of a pickle of a payload and of the bytes of memory
that it may have, and then the pickle. It ends when its standard input does, since the worker
is gone then.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from audioclust.distributed.workers.payloads import Payload


def main() -> None:
    """Answer once."""
    source = sys.stdin.buffer
    size = int.from_bytes(source.read(8), "little")
    given = source.read(size)
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    # What libraries print must not get into the answer.
    answers = os.dup(1)
    os.dup2(2, 1)
    payload, memory_limit = pickle.loads(given)  # noqa: S301 - its own worker wrote it
    _limit_memory(memory_limit)
    with os.fdopen(answers, "wb") as out:
        out.write(_answer(payload))


def _answer(payload: Payload) -> bytes:
    from audioclust.distributed.workers.payloads import Answer, carried
    from audioclust.extraction.progress import Pulse
    from audioclust.utils.threads import one_blas_thread

    seen: list[Pulse] = []
    try:
        with one_blas_thread():
            answer = Answer(payload.run(seen.append))
    except BaseException as why:
        answer = Answer(raised=carried(why))
    seconds = sum(pulse.seconds for pulse in seen)
    return pickle.dumps(Answer(answer.value, seconds, answer.raised))


def _end_with(source: BinaryIO) -> None:
    """End this process as soon as the one that started it has ended."""
    source.read()
    os._exit(1)


def _limit_memory(limit: int | None) -> None:
    """Let no more memory be allocated than this, in bytes, where the system can do that."""
    if limit is None:
        return
    try:
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
    except (ImportError, OSError, ValueError):
        pass  # It is only a second line of defence.


if __name__ == "__main__":
    main()
