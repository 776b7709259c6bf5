"""All connections: their limits, in all and for one address, and which one makes room at a limit."""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

log = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network
ONE_NETWORK = 64
"""Bits of an IPv6 address that one subscriber has in common: the rest is theirs to choose."""


@dataclass(eq=False)
class Client:
    """One connection, from accept to close. `end` closes it."""

    address: str
    end: Callable[[], object]


class Turnover:
    """Limits how often connections are closed to make room for others of their address."""

    def __init__(self, a_second: float) -> None:
        self._a_second = a_second
        self._left = a_second
        self._seen = 0.0

    def allows(self, now: float) -> bool:
        """Return whether one more connection may make room now."""
        self._left = min(self._a_second, self._left + (now - self._seen) * self._a_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Crowd:
    """All connections of the server. Only the event loop uses it."""

    def __init__(self, most: int, most_of_one: int, turnover: float, trusted: Collection[Network] = ()) -> None:
        """Connections of the `trusted` proxies count for all, and not for one address.

        `turnover` is how many connections of a crowded address may take the place of its own, a second.
        """
        self._most = most
        self._most_of_one = most_of_one
        self._trusted = tuple(trusted)
        self._clients: set[Client] = set()
        self._of: Counter[str] = Counter()
        self._waiting: dict[str, dict[Client, None]] = {}
        self._turnover = Turnover(turnover)

    def __len__(self) -> int:
        return len(self._clients)

    def admit(self, host: str, now: float) -> Client | None:
        """Let the connection in. Return None if there is no room for it.

        At a bound, the connection that has waited longest for its client makes room: of this address at its own bound,
        otherwise of the address that has most. So somebody new gets in, and a flood only pushes out its own, a few a
        second: the others are closed before they cost anything. A request that is being answered is never cut off.
        """
        address = self._counted_as(host)
        crowded = self._crowded(address)
        if crowded is not None and not self._make_room(crowded, address, now):
            log.warning("Too many connections: one from %s was closed.", host)
            return None
        client = Client(address, lambda: None)
        self._clients.add(client)
        self._of[address] += 1
        self.waits(client)
        return client

    def waits(self, client: Client) -> None:
        """Note that the server now waits for this client."""
        if client in self._clients:
            self.is_answered(client)
            self._waiting.setdefault(client.address, {})[client] = None

    def is_answered(self, client: Client) -> None:
        """Note that the client now waits for the server."""
        waiting = self._waiting.get(client.address, {})
        waiting.pop(client, None)
        if not waiting:
            self._waiting.pop(client.address, None)

    def leave(self, client: Client) -> None:
        """Stop counting the connection."""
        if client in self._clients:
            self.is_answered(client)
            self._clients.remove(client)
            self._of[client.address] -= 1
            if not self._of[client.address]:
                del self._of[client.address]

    def _crowded(self, address: str) -> str | None:
        """Return the address that must give up a connection before this one is let in, None if there is room."""
        if address and self._of[address] >= self._most_of_one:
            return address
        if len(self._clients) < self._most:
            return None
        return max(self._waiting, key=lambda waiting: self._of[waiting] if waiting else 0, default=address)

    def _make_room(self, crowded: str, newcomer: str, now: float) -> bool:
        """Close the connection of the crowded address that has waited longest. Return whether one could be closed."""
        waiting = self._waiting.get(crowded)
        of_another_kind = not newcomer or 2 * self._of[newcomer] <= self._of[crowded]
        if not waiting or not (of_another_kind or self._turnover.allows(now)):
            return False
        client = next(iter(waiting))
        client.end()
        self.leave(client)
        return True

    def _counted_as(self, host: str) -> str:
        """Return the address or network that its connections are counted under; empty for a trusted proxy."""
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return host
        address = _plain(address)
        if any(address in network for network in self._trusted):
            return ""
        if address.version == 6:
            return str(IPv6Network((address, ONE_NETWORK), strict=False))
        return str(address)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address of a client that an IPv6 socket maps into IPv6."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
