"""The server's threads share one heap, where the C library can be told."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

THREADS = """
import ctypes, sys, threading
from secure_attend import memory
if sys.argv[1] == "one":
    memory.one_heap()
at_once = threading.Barrier(8)
def work():
    at_once.wait()
    kept = [bytes(5_000) for _ in range(100)]
    at_once.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(library.fopen(sys.argv[2].encode(), b"w"))
library.malloc_info(0, file)
library.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has heaps of this kind")
@pytest.mark.parametrize("told", ["one", "as it comes"])
def test_threads_share_one_heap(tmp_path: Path, told: str) -> None:
    subprocess.run([sys.executable, "-c", THREADS, told, str(tmp_path / "heaps.xml")], check=True)
    heaps = (tmp_path / "heaps.xml").read_text().count("<heap nr=")
    assert (heaps == 1) == (told == "one"), heaps
