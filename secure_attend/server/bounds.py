"""What clients may take of the server: seconds, connections and bytes, each with the reason for its size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bounds:
    """The limits of one server. Tests give smaller ones; times are in seconds, sizes in bytes."""

    head_seconds: float = 10.0
    """For a TLS handshake, and for the head of a request from its first byte. A kiosk on poor wireless takes one."""
    body_seconds: float = 20.0
    """For a whole body. A frame of 150 kB passes at 60 kbit/s; a roster of 16 MB needs 6.4 Mbit/s."""
    idle_seconds: float = 75.0
    """For a connection between two requests. nginx gives its own up after 60: it never sends into one just closed."""
    unread_seconds: float = 30.0
    """For an answer of which the client takes nothing."""
    closing_seconds: float = 5.0
    """For a client to notice that it was refused while it still sends, and to say goodbye over TLS."""
    stopping_seconds: float = 20.0
    """For the requests under way when the server stops. A check-in at a silent database takes 12."""
    connections: int = 512
    """In all. A browser opens six; 80 kiosks and lecturers at once. With TLS each one costs 110 kB."""
    connections_of_one_address: int = 256
    """Half of all, so that one address leaves room for the others. A school behind one address has 40 browsers."""
    turnover_a_second: float = 20.0
    """Connections of an address with too many that take the place of its own. Each costs 1 ms, one turned away 0.1."""
    head_bytes: int = 64 * 1024
    """Of a request line and its headers."""
    stranger_bytes: int = 64_000
    """Of a body from a caller who is not known: what JSON may have. 512 strangers together hold half of the budget."""
    gathered_bytes: int = 64_000_000
    """Of all bodies that are held at one time: four of the largest rosters, or 430 of the largest frames."""
    answer_bytes: int = 1_000_000
    """Of an answer that is held at one time. What is longer is a stream, made piece by piece as the client reads."""
    streaming_threads: int = 4
    """That make pieces of streams at one time. A quarter of the 16 threads."""
    backlog: int = 1024
    """Connections that the system keeps until they are accepted. A full one costs a client a second."""
