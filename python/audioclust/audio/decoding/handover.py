"""Several decoders for one file: the next one takes over where one fails.

A decoder may fail when it opens a file, or soon after; then the next one starts anew. It may
also fail later, at a damaged place that another decoder gets over. By then what came before has
been analysed and given up, so that memory does not grow with a recording. So the next decoder
decodes the file once more, without giving what is known already. It goes on only if the last
samples before the damage are the same by both, so that nothing is joined that does not fit. If
they are silent, nothing tells whether it fits, and so nothing is joined.
"""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
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
from audioclust.utils.threads import Cancelled

LEAST_SECONDS = 0.1
"""How much sound there must be before a decoder fails, so that it is used all the same."""

_OVERLAP = 4096
"""How many frames before the damage are compared."""

_MOST_UNLIKE = 1e-4
"""Which part of their energy may differ. Two decoders of one format differ by less than 1e-9 of
it, or by more in what is quiet; other sound makes far more."""


def open_in_turn(decoders: Sequence[Decoder], request: Request) -> Stream:
    """Open a file with the first of some decoders that can decode it.

    What it gives are the samples of one decoder, or, if that fails after a while, those of the
    next ones after them. If none gets further, the stream ends there with a warning, or with
    an error if there is less than :data:`LEAST_SECONDS`. A file that a decoder gives up because
    of a limit is not given to another.

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
    Cancelled
        If the request's event is set; also while the stream is read.
    """
    waiting = iter(decoders)
    best: _Beginning | None = None
    failures: list[tuple[str, DecodeError]] = []
    with contextlib.ExitStack() as opened:
        while best is None or not best.will_do:
            decoder = _next_of(waiting)
            if decoder is None:
                break
            try:
                found = _Beginning.of(decoder, request)
            except DecodeError as why:
                failures.append((decoder.name, why))
                if why.kind == "unreadable" or _is_limit(why):
                    waiting = iter(())
                continue
            opened.callback(found.stream.close)
            if _is_limit(found.failure):
                waiting = iter(())
            if best is None or found.n_frames > best.n_frames:
                best, found = found, best
            if found is not None:
                found.stream.close()
        opened.pop_all()
    if best is None:
        raise _joined(failures, request)
    return _Relay(best, waiting, request).stream


def _next_of(waiting: Iterator[Decoder]) -> Decoder | None:
    """Give the next decoder that is installed, or None.

    Whether one is installed takes a search of folders, so it is looked up only if needed.
    """
    return next((decoder for decoder in waiting if decoder.is_there), None)


def _is_limit(why: DecodeError | None) -> bool:
    """Tell whether a decoder ended because it may take no more."""
    return why is not None and why.is_limit


def _opened(decoder: Decoder, request: Request) -> Stream:
    """Open a file with one decoder, whose blocks end when the work is to stop."""
    stream = decoder.open(request)
    stream.decoder = stream.decoder or decoder.name
    stream.blocks = _until_stopped(stream.blocks, request)
    return stream


def _until_stopped(blocks: Iterator[Block], request: Request) -> Iterator[Block]:
    """Pass on blocks but the empty ones, and raise Cancelled if the work is to stop."""
    for block in blocks:
        if request.stop is not None and request.stop.is_set():
            raise Cancelled
        if len(block):
            yield block


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
    n_frames : int
        The number of frames in these blocks.
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
    n_frames: int = 0
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
        stream = with_known_rate(_opened(decoder, request))
        found = cls(stream, [], request.is_whole)
        try:
            for block in stream.blocks:
                found.blocks.append(block)
                found.n_frames += len(block)
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
    def will_do(self) -> bool:
        """Whether no other decoder needs to be asked, as far as can be told here."""
        if self.n_frames >= (self.stream.promised or self.n_frames + 1):
            return True
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
    last : _LastFrames
        The last of these.
    is_cut : bool
        Whether there are more, beyond the limit.
    """

    now: _Beginning
    waiting: Iterator[Decoder]
    request: Request
    stream: Stream = field(init=False)
    done: int = 0
    last: _LastFrames = field(init=False)
    is_cut: bool = False

    def __post_init__(self) -> None:
        first = self.now.stream
        self.last = _LastFrames()
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
            elif (failure is not None or faults) and self._hands_over(failure):
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
                self.last.add(given)
                if len(given):
                    yield given
                if self.is_cut:
                    return None
        except DecodeError as why:
            return why
        return self.now.failure

    def _hands_over(self, failure: DecodeError | None) -> bool:
        """Let the next decoder go on, and tell whether there was one that could."""
        if self.done >= (self.stream.promised or self.done + 1) or _is_limit(failure):
            return False
        if self._is_out_of_reach(failure):
            return False
        while self.done and (decoder := _next_of(self.waiting)) is not None:
            with contextlib.ExitStack() as opened:
                try:
                    stream = opened.enter_context(_opened(decoder, self.request))
                    rest = self._rest_of(stream)
                except DecodeError as why:
                    if self._is_out_of_reach(why):
                        raise
                    if _is_limit(why):
                        return False
                    continue
                if rest is not None:
                    opened.pop_all()
                    self.now.stream.close()
                    self.now = _Beginning(stream, [rest], self.request.is_whole)
                    self.stream.decoder = f"{self.stream.decoder}, then {stream.decoder}"
                    return True
        return False

    def _is_out_of_reach(self, why: DecodeError | None) -> bool:
        """Tell whether a file that is elsewhere could not be read on.

        What comes of a file must not depend on the network, and so this is no damage that
        another decoder could get over, but an error.
        """
        return self.request.remote is not None and why is not None and why.kind == "unreadable"

    def _rest_of(self, stream: Stream) -> Block | None:
        """Decode a stream up to where another ended; give what follows in the same block.

        None if it does not get further, or is not the same sound up to there.
        """
        if stream.sr != self.stream.sr:
            return None
        last, theirs, at = self.last.joined(), _LastFrames(), 0
        for block in stream.blocks:
            if block.shape[1] != last.shape[1]:
                return None
            known = block[: max(0, self.done - at)]
            theirs.add(known)
            at += len(block)
            if at > self.done:
                fits = _fit(theirs.joined(), last, is_all=self.done == len(last))
                return block[len(known) :] if fits else None
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


class _LastFrames:
    """The last frames of some blocks, which are not copied until they are asked for."""

    def __init__(self) -> None:
        self._blocks: deque[Block] = deque()
        self._n_frames = 0

    def add(self, block: Block) -> None:
        """Take in the next block, and let go of those that are not needed any more."""
        self._blocks.append(block)
        self._n_frames += len(block)
        while self._n_frames - len(self._blocks[0]) >= _OVERLAP:
            self._n_frames -= len(self._blocks.popleft())

    def joined(self) -> Block:
        """Give the last :data:`_OVERLAP` frames, or all if there are fewer."""
        return np.concatenate(self._blocks)[-_OVERLAP:]


def _fit(theirs: Block, ours: Block, *, is_all: bool) -> bool:
    """Tell whether two decoders gave the same sound, at the same place, before a seam.

    Parameters
    ----------
    theirs, ours : ndarray of shape (frames, channels)
        What the two gave just before it.
    is_all : bool
        Whether that is all they gave.
    """
    if is_all and np.array_equal(theirs, ours):
        return True
    unlike = _energy(theirs - ours)
    # What is silent fits at any place, and what is low nearly fits some samples away. So it has
    # to fit better at its place than one frame before or after it.
    shifted = min(_energy(theirs[1:] - ours[:-1]), _energy(theirs[:-1] - ours[1:]))
    return unlike <= _MOST_UNLIKE * _energy(ours) and unlike < shifted / 2


def _energy(y: Block) -> float:
    return float(np.sum(np.square(y, dtype=np.float64)))
