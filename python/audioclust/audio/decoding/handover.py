"""Several decoders for one file: the next one takes over where one fails.

A decoder may fail when it opens a file, or soon after; then the next one starts anew. It may
also fail later, at a damaged place that another decoder gets over. By then what came before has
been analysed and given up, so that memory does not grow with a recording. So the next decoder
decodes the file once more, without giving what is known already. It goes on only if the last
samples before the damage are the same by both, so that nothing is joined that does not fit.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from audioclust.audio.decoding.stream import (
    Block,
    Decoder,
    Request,
    Stream,
    block_frames,
    whole_frames,
    with_known_rate,
)
from audioclust.errors import DecodeError, ItemWarning

LEAST_SECONDS = 0.1
"""How much sound there must be before a decoder fails, so that it is used all the same."""

_OVERLAP = 4096
"""How many frames before the damage are compared."""

_MOST_UNLIKE = 1e-4
"""Which part of their energy may differ. Two decoders of one format differ by less than 1e-9 of
it; a shift by one sample, or other sound, makes far more."""


def open_in_turn(decoders: Sequence[Decoder], request: Request) -> Stream:
    """Open a file with the first of some decoders that can decode it.

    What it gives are the samples of one decoder, or, if that fails after a while, those of the
    next ones after them. If none gets further, the stream ends there with a warning, or with
    an error if there is less than :data:`LEAST_SECONDS`.

    Parameters
    ----------
    decoders : sequence of Decoder
        What is tried, in this order. Those that are not installed are left out.
    request : Request
        What is to be decoded.

    Returns
    -------
    Stream

    Raises
    ------
    DecodeError
        If the file cannot be read, or no decoder gives any samples or finds that there are
        none.
    """
    waiting = iter(decoders)
    best: _Beginning | None = None
    failures: list[tuple[str, DecodeError]] = []
    while best is None or not best.will_do:
        decoder = _next_of(waiting)
        if decoder is None:
            break
        try:
            found = _Beginning.of(decoder, request)
        except DecodeError as why:
            failures.append((decoder.name, why))
            if why.kind == "unreadable":
                break
            continue
        if best is None or found.n_frames > best.n_frames:
            best, found = found, best
        if found is not None:
            found.stream.close()
    if best is None:
        raise _joined(failures, request)
    return _Relay(best, waiting, request).stream


def _next_of(waiting: Iterator[Decoder]) -> Decoder | None:
    """Give the next decoder that is installed, or None.

    Whether one is installed takes a search of folders, so it is looked up only if needed.
    """
    return next((decoder for decoder in waiting if decoder.is_there), None)


def _joined(failures: list[tuple[str, DecodeError]], request: Request) -> DecodeError:
    """Give one error for those of several decoders."""
    told = [failure for failure in failures if failure[1].kind != "unsupported"] or failures
    if not told:
        return DecodeError("unsupported", f"its format is {request.format}")
    unreadable = [failure for failure in told if failure[1].kind == "unreadable"]
    words = dict.fromkeys(f"{name}: {why}" for name, why in unreadable or told)
    return DecodeError((unreadable or told)[0][1].kind, "; ".join(words))


@dataclass(eq=False)
class _Beginning:
    """The first blocks that a decoder gives of a file.

    Attributes
    ----------
    stream : Stream
        What gives the others.
    blocks : list of ndarray of shape (frames, channels)
        The first blocks, of about :data:`BLOCK_FRAMES` in all.
    failure : DecodeError or None
        Why there are no others.
    has_ended : bool
        Whether there are no others.
    is_whole : bool
        Whether the whole file was asked for, of which there should be samples.
    """

    stream: Stream
    blocks: list[Block]
    is_whole: bool
    failure: DecodeError | None = None
    has_ended: bool = False

    @classmethod
    def of(cls, decoder: Decoder, request: Request) -> _Beginning:
        """Open a file with a decoder, and decode the first blocks.

        Raises
        ------
        DecodeError
            If there are no samples, although there should be some.
        """
        stream = with_known_rate(decoder.open(request))
        stream.decoder = stream.decoder or decoder.name
        found = cls(stream, [], request.is_whole)
        try:
            for block in stream.blocks:
                found.blocks.append(block)
                if found.n_frames >= block_frames(block.shape[1]):
                    break
            else:
                found.has_ended = True
        except DecodeError as why:
            found.failure = why
        except BaseException:
            stream.close()
            raise
        if not found.blocks and found.is_whole and stream.promised:
            message = "its header promises sound, but none could be decoded"
            found.failure = found.failure or DecodeError("corrupt", message)
        failure = found.failure
        if failure is not None and (not found.blocks or failure.kind == "unreadable"):
            stream.close()
            raise failure
        return found

    @property
    def n_frames(self) -> int:
        """The number of frames in these blocks."""
        return sum(map(len, self.blocks))

    @property
    def will_do(self) -> bool:
        """Whether no other decoder needs to be asked, as far as can be told here."""
        if self.failure is not None or (self.has_ended and self.stream.warnings):
            return False
        return bool(self.blocks) or not self.is_whole


@dataclass(eq=False)
class _Relay:
    """A file that decoders decode one after the other.

    Attributes
    ----------
    now : _Beginning
        What the present one gives.
    waiting : iterator of Decoder
        Those that may go on.
    request : Request
        What is to be decoded.
    stream : Stream
        What is given of all.
    done : int
        How many frames were given.
    last : ndarray of shape (at most _OVERLAP, channels)
        The last of these. They are not copied: nobody changes a block.
    is_cut : bool
        Whether there are more, beyond the limit.
    """

    now: _Beginning
    waiting: Iterator[Decoder]
    request: Request
    stream: Stream = field(init=False)
    done: int = 0
    last: Block = field(init=False)
    is_cut: bool = False

    def __post_init__(self) -> None:
        first = self.now.stream
        self.stream = Stream(
            first.sr, self._blocks(), self._close, first.decoder, promised=first.promised
        )

    def _close(self) -> None:
        self.now.stream.close()

    def _blocks(self) -> Iterator[Block]:
        most = whole_frames(self.request.limits.seconds, self.stream.sr)
        while True:
            failure = yield from self._until_it_fails(most)
            faults = [warning.message for warning in self.now.stream.warnings]
            if self.is_cut:
                self._warn(f"only the first {self._seconds(most)} are used, which is the limit")
            elif (failure is not None or faults) and self._hands_over():
                continue
            elif failure is not None:
                too_short = self.done < LEAST_SECONDS * self.stream.sr
                if failure.kind == "unreadable" or too_short:
                    raise failure
                faults.append(str(failure))
            elif self.done < (self.stream.promised or 0):
                faults = faults or ["it ends early"]
            if faults:
                self._warn(f"{self._progress()} could be decoded: {'; '.join(faults)}")
            return

    def _until_it_fails(self, most: int) -> Generator[Block, None, DecodeError | None]:
        """Give blocks of the present decoder, up to `most` frames in all, and its error."""
        try:
            for block in itertools.chain(self.now.blocks, self.now.stream.blocks):
                self.is_cut = self.done + len(block) > most
                given = block[: most - self.done]
                self.done += len(given)
                self.last = given[-_OVERLAP:]
                if len(given):
                    yield given
                if self.is_cut:
                    return None
        except DecodeError as why:
            return why
        return self.now.failure

    def _hands_over(self) -> bool:
        """Let the next decoder go on, and tell whether there was one that could."""
        if self.done >= (self.stream.promised or self.done + 1):
            return False
        while self.done and (decoder := _next_of(self.waiting)) is not None:
            with contextlib.ExitStack() as opened:
                try:
                    stream = opened.enter_context(decoder.open(self.request))
                    rest = self._rest_of(stream)
                except DecodeError:
                    continue
                if rest is not None:
                    opened.pop_all()
                    self.now.stream.close()
                    self.now = _Beginning(stream, [rest], self.request.is_whole)
                    then = stream.decoder or decoder.name
                    self.stream.decoder = f"{self.stream.decoder}, then {then}"
                    return True
        return False

    def _rest_of(self, stream: Stream) -> Block | None:
        """Decode a stream up to where another ended; give what follows in the same block.

        None if it does not get further, or is not the same sound up to there.
        """
        if stream.sr != self.stream.sr:
            return None
        at, overlap = 0, []
        for block in stream.blocks:
            if block.shape[1] != self.last.shape[1]:
                return None
            before = block[max(0, self.done - len(self.last) - at) : max(0, self.done - at)]
            if len(before):
                overlap.append(before)
            at += len(block)
            if at > self.done:
                alike = _are_alike(np.concatenate(overlap), self.last)
                return block[len(block) - (at - self.done) :] if alike else None
        return None

    def _progress(self) -> str:
        """Give how much was decoded in words, and of how much, if that is known."""
        promised = self.stream.promised or 0
        of = f" of the {self._seconds(promised)} that its header promises"
        return self._seconds(self.done) + (of if promised > self.done else "")

    def _seconds(self, frames: int) -> str:
        return f"{frames / self.stream.sr:.2f} s"

    def _warn(self, message: str) -> None:
        self.stream.warnings.append(ItemWarning("partial", message))


def _are_alike(a: Block, b: Block) -> bool:
    """Tell whether two blocks of one shape are the same sound."""
    unlike = float(np.sum(np.square(a - b, dtype=np.float64)))
    return unlike <= _MOST_UNLIKE * float(np.sum(np.square(b, dtype=np.float64)))
