"""Runs the command line: ``python -m audioclust``."""

from audioclust.cli.app import main

if __name__ == "__main__":
    main(prog_name="audioclust")
