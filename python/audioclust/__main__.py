"""Runs the command line: ``python -m audioclust``, and the script ``audioclust``.

Ctrl-C must end a command with one line and status 130 from the first moment on. What a command
needs takes half a second to import, so this module imports nothing until :func:`run` is called,
and that guards the imports too.
"""

UNINTERRUPTED = {"_frozen_importlib", "importlib._bootstrap", "numpy.lib._version"}
"""Modules in whose functions, and in all they call, Ctrl-C has to wait.

The first two are what imports run in. The core calls the third when it first needs NumPy, and
takes any exception from there for a fault of NumPy.
"""

TYPE_CHECKING = False  # typing's is the same, but would have to be imported.
if TYPE_CHECKING:
    from types import FrameType


def run() -> None:
    """Run the command line with the arguments of this process."""
    try:
        import signal

        # A process that was told to ignore Ctrl-C, such as a job in the background, still does.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            _on_interrupt(_interrupt_between_imports)
        from audioclust.cli.app import main

        main(prog_name="audioclust")
    except KeyboardInterrupt:
        import sys

        sys.stderr.write("\nInterrupted.\n")
        sys.exit(130)
    finally:
        import signal

        # The status is decided. While the interpreter ends, Ctrl-C would only add a traceback.
        _on_interrupt(signal.SIG_IGN)
        _no_last_words()


def _on_interrupt(handler: object) -> None:
    """Set what Ctrl-C does. Only the main thread may, and only that gets it."""
    import signal

    try:
        signal.signal(signal.SIGINT, handler)  # type: ignore[arg-type]
    except ValueError:
        return


def _no_last_words() -> None:
    """Keep what libraries log while the interpreter ends off the terminal.

    asyncio tells of each request that was not answered yet.
    """
    import sys

    if "logging" in sys.modules:
        sys.modules["logging"].disable()


def _interrupt_between_imports(_signal: int, frame: "FrameType | None") -> None:
    """Raise KeyboardInterrupt, but not in the middle of an import: there, try again soon.

    Some code that runs during an import catches all exceptions. It would turn this one into an
    error about a missing module, or print it and go on.
    """
    import _thread
    import time

    def try_again() -> None:
        time.sleep(0.01)
        _thread.interrupt_main()

    while frame is not None:
        if frame.f_globals.get("__name__") in UNINTERRUPTED:
            _thread.start_new_thread(try_again, ())
            return
        frame = frame.f_back
    raise KeyboardInterrupt


if __name__ == "__main__":
    run()
