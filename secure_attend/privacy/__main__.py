"""`python -m secure_attend.privacy inventory`: print the data inventory of docs/privacy.md."""

from __future__ import annotations

import argparse
import sys

from secure_attend.privacy.inventory import inventory


def main(arguments: list[str]) -> int:
    """Print the inventory. Return 0, or 1 if something is kept that nobody declared."""
    parser = argparse.ArgumentParser(prog="python -m secure_attend.privacy", description="What is kept about whom.")
    parser.add_argument("what", choices=["inventory"], help="the table of everything that is kept, in Markdown")
    parser.parse_args(arguments)
    try:
        sys.stdout.write(inventory())
    except ValueError as difference:
        sys.stderr.write(f"{difference}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
