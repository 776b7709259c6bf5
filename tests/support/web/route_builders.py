"""Every app of the tests has the same routes: what werkzeug compiles for a route's address is kept for the next app.

Compiling is three quarters of what making an app costs, and a test that asks the interface makes one.
"""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


def keep_route_builders() -> None:
    """Compile once for each address. The function reads nothing of the rule but what is in the key."""
    compiled: Callable[[Rule, bool], Builder] = Rule._compile_builder
    kept: dict[object, Builder] = {}

    def compiled_once(self: Rule, append_unknown: bool = True) -> Builder:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in kept:
            kept[key] = compiled(self, append_unknown)
        return kept[key]

    Rule._compile_builder = compiled_once  # type: ignore[method-assign]
