"""Secure-Attend's entry point: `python app.py --help`.

Any Python may be asked to read this file, so it keeps to what all of them can parse. The start itself is in
secure_attend/server/start.py.
"""

import sys

if sys.version_info < (3, 10):
    sys.exit(
        "Secure-Attend needs Python 3.10 or later; this is Python %d.%d. Start it with a newer one, for example: "
        "python3.12 app.py" % sys.version_info[:2]
    )


def start(arguments: list[str]) -> int:
    """Run the server, or say in one line which package is missing or damaged."""
    install = "with `make run`, or with: %s -m pip install -r requirements.txt" % (sys.executable or "python")
    try:
        from secure_attend.server.start import main

        return main(arguments)
    except ModuleNotFoundError as error:
        sys.exit("Not installed: %s. Install everything that is needed %s" % (error.name, install))
    except ImportError as error:
        sys.exit("A package does not load here: %s. Install the packages again %s" % (error, install))


if __name__ == "__main__":
    sys.exit(start(sys.argv[1:]))
