"""Extract slowly on a cluster, until somebody ends this program.

    python tests/support/cancelled_client.py ADDRESS FOLDER

It prints a line as soon as the first recordings are done.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import distributed

import audioclust as ac


def slow(y: Any, sr: int) -> list[float]:
    time.sleep(0.2)
    return [float(len(y))]


def main(address: str, folder: str) -> None:
    embedding = ac.Embedding("slow", slow, sr=8000, version="1")

    def told(_done: int, _total: int) -> None:
        print("working", flush=True)  # noqa: T201 - whoever ends this waits for it

    with distributed.Client(address, set_as_default=False) as client:
        files: Any = folder
        ac.extract(files, features=embedding, client=client, partition_size=3, progress=told)


if __name__ == "__main__":
    main(*sys.argv[1:])
