"""The command that serves the page of a result: `serve`."""

from __future__ import annotations

import contextlib
import html
import os
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from audioclust.cli.inputs.caching import CACHE
from audioclust.cli.inputs.preparing import PREPARATION
from audioclust.cli.inputs.saved import is_saved, loaded, loaded_instead
from audioclust.cli.inputs.sources import asked_source
from audioclust.cli.inputs.which_files import FILES
from audioclust.cli.options.table import takes
from audioclust.cli.output import print_errors, print_partial, shown
from audioclust.cli.stderr import noise_contained

if TYPE_CHECKING:
    from audioclust.results.clustering import Clustering

FOR_MODELS = ("paths", "port", "no_browser", "quiet")
"""The parameters of `serve` that a saved result leaves open."""


@click.command()
@click.argument("paths", nargs=-1, metavar="PATH...")
@takes("k", "k_range", "algorithm", "preset", "features", "descriptors", *PREPARATION)
@takes("scaling", "random_state", "n_jobs", *CACHE, *FILES, "table", "previous")
@takes("port", "no_browser", "quiet")
def serve(
    paths: tuple[str, ...],
    previous: str | None,
    table: str | None,
    port: int,
    no_browser: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Group the sounds at PATH... and show their map in the browser.

    The page is that of 'audioclust cluster --report', but it gets its sounds from here: so
    formats play that browsers do not know, and files that a page may not open by links. A PATH
    is what 'audioclust cluster' takes, or a result that it saved. A saved result has its groups
    already: -k and the other settings of grouping do not go with it.

    The address works on this computer only, and for those who know it. Ctrl-C ends it.
    """
    from audioclust.server import serving

    # The port first: who has to choose another one should not wait for the groups before.
    with contextlib.closing(serving.listening_at(port)) as listener:
        with noise_contained(quiet=quiet):
            result = _result(paths, previous, table, settings, quiet=quiet)
        print_errors(result.errors, len(result.items))
        print_partial(result.items)
        _show(result, listener, no_browser=no_browser, quiet=quiet)


def _show(
    result: Clustering, listener: socket.socket, *, no_browser: bool, quiet: bool
) -> None:
    """Serve the page of a result until Ctrl-C."""
    from audioclust.server import serving

    with _ended_by_signals(), serving.served(result, listener) as server:
        if not quiet:
            click.echo("Ctrl-C ends the server.")
        # It is printed also if --quiet: without the address there would be no use.
        click.echo(f"The map is at {server.url}")
        sys.stdout.flush()
        with contextlib.nullcontext() if no_browser else _opened(server.url), noise_contained():
            server.wait()


def _result(
    paths: tuple[str, ...],
    previous: str | None,
    table: str | None,
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> Clustering:
    """Load a saved result, or group sounds."""
    if is_saved(paths):
        return loaded_instead(paths[0], FOR_MODELS)
    source = asked_source(paths, table, settings)
    from audioclust.api import grouping

    settings["previous"] = None if previous is None else loaded(previous)
    made: Clustering = grouping.cluster(source, progress=shown(quiet), **settings)
    return made


class _Ended(BaseException):
    """A signal asks the process to end."""


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let Ctrl-C, and signals that end a process, end what is inside and nothing else.

    Temporary files are removed on the way out. This is the way to end it, and so no error.
    """

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise _Ended

    names = ("SIGTERM", "SIGHUP") if _is_main_thread() else ()
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    # A process that was told to live on when its terminal closes still does.
    ours = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]
    before = [(one, signal.signal(one, end)) for one in ours]
    try:
        with contextlib.suppress(KeyboardInterrupt, _Ended):
            yield
    finally:
        for one, handler in before:
            signal.signal(one, handler)


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


_LEADS_THERE = """<!DOCTYPE html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url={url}">
<title>The map</title>
<a href="{url}">The map</a>
"""


@contextlib.contextmanager
def _opened(url: str) -> Iterator[None]:
    """Open an address in a browser with a window; one in the terminal would take it away.

    All users of a computer can see the commands that run, and so what a browser is started
    with. It is started with a file that leads to the address, which only this user can read.
    """
    has_windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    )
    if not has_windows:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="audioclust-") as folder:
        page = Path(folder, "map.html")
        page.touch(0o600)
        page.write_text(_LEADS_THERE.format(url=html.escape(url)), encoding="utf-8")
        # Some browsers keep those waiting who start them.
        threading.Thread(target=webbrowser.open, args=(page.as_uri(),), daemon=True).start()
        yield
