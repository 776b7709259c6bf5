"""An event loop for one coroutine, also in a process where the browser's tests keep one running."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_alone(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Return what the coroutine returns, run by a loop in a thread of its own.

    Playwright's synchronous interface keeps a loop in the main thread for as long as its browser is open, and a thread
    has one running loop at most.
    """
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, coroutine).result()
