"""Print docs/administrator/settings.md: a heading for each setting, with its default, allowed values and an example."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from secure_attend.settings import OPTIONS, Group, Option

HEAD = """\
# Settings

<!-- `make docs` writes this page from secure_attend/settings.py. -->

Each setting is an environment variable, and most are also an option of `app.py`. If you use both, the option counts.
`make run` passes variables on: `make run PORT=8080 DATA=/srv/attendance`.

If a value cannot be used, the server does not start. It prints one line that says which values are allowed.

`--demo` (or `make demo`) keeps its data in a temporary folder and serves only this computer, so it refuses `--data`,
`DATABASE_URL` and a `HOST` that other computers can reach. Unless you set them, `MODELS` is `sface` there and
`HISTORY_ACCESS` is `open`.

Downloaded model files are kept in `.deepface/weights`, in your home folder or in the folder that `DEEPFACE_HOME` names.
"""


def page() -> str:
    """The whole page, in the order of the groups."""
    lines = [HEAD]
    for group in get_args(Group):
        lines.append(f"## {group}\n")
        lines.extend(section(option) for option in OPTIONS.values() if option.setting.group == group)
    return "\n".join(lines)


def section(option: Option) -> str:
    """One setting, under a heading of its own."""
    example = f'"{option.setting.example}"' if " " in option.setting.example else option.setting.example
    ways = f"`{option.variable}={example}`"
    if option.flag and not (option.is_switch and option.default == "1"):  # an option cannot turn such a switch off
        ways += f" or `{option.flag}`" if option.is_switch else f" or `{option.flag} {example}`"
    facts = (f"- Default: {option.default}", f"- Allowed: {option.allowed}", f"- Example: {ways}\n")
    return "\n".join((f"### {option.variable}\n", textwrap.fill(option.about, 120) + "\n", *facts))


if __name__ == "__main__":
    sys.stdout.write(page())
