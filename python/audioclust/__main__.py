"""``python -m audioclust`` is the command line."""

from audioclust.cli.app import main

if __name__ == "__main__":
    main(prog_name="audioclust")
