"""Who is connected: bounds on all connections and on those of one address, and who makes room at a bound."""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from secure_attend.server.seldom import SeldomLog

log = logging.getLogger(__name__)

Network = IPv4Network | IPv6Network
ONE_NETWORK = 64
"""Bits of an IPv6 address that one subscriber has in common: the rest is theirs to choose."""


@dataclass(eq=False)
class Client:
    """One connection, from accept to close.

    `waits_since` is the time since when the server waits for the client, None while it is the server's turn. `end` ends
    the connection.
    """

    address: str
    waits_since: float | None
    end: Callable[[], object]


class Crowd:
    """All connections of the server. Used by the event loop alone."""

    def __init__(self, most: int, most_of_one: int, trusted: Collection[Network] = ()) -> None:
        """Connections of the `trusted` proxies count for all, and not for one address."""
        self._most = most
        self._most_of_one = most_of_one
        self._trusted = tuple(trusted)
        self._clients: set[Client] = set()
        self._of: Counter[str] = Counter()
        self._turned_away = SeldomLog(log)

    def __len__(self) -> int:
        return len(self._clients)

    def admit(self, host: str, now: float) -> Client | None:
        """Let the connection in, None where there is no room for it.

        At a bound, the connection that has waited longest makes room: of this address at its own bound, otherwise of
        the address that has most. So an honest client gets in, and a flood only pushes its own connections out. A
        request that is being answered is never cut off.
        """
        address = self._counted_as(host)
        if address and self._of[address] >= self._most_of_one:
            there_is_room = self._make_room(address)
        else:
            there_is_room = len(self._clients) < self._most or self._make_room(None)
        if not there_is_room:
            self._turned_away.warning(f"No room for a connection from {host}: it was closed.")
            return None
        client = Client(address, now, lambda: None)
        self._clients.add(client)
        self._of[address] += 1
        return client

    def leave(self, client: Client) -> None:
        """Count the connection no more."""
        if client in self._clients:
            self._clients.remove(client)
            self._of[client.address] -= 1
            if not self._of[client.address]:
                del self._of[client.address]

    def _counted_as(self, host: str) -> str:
        """What connections from there are counted by; empty for a trusted proxy."""
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

    def _make_room(self, address: str | None) -> bool:
        """End the connection that has waited longest; whether there was one."""
        waiting = [
            (-self._of[client.address] if client.address else 0, client.waits_since, client)
            for client in self._clients
            if client.waits_since is not None and (address is None or client.address == address)
        ]
        if not waiting:
            return False
        _, _, client = min(waiting, key=lambda entry: entry[:2])
        self._turned_away.warning(f"Too many connections: one from {client.address or 'a trusted proxy'} made room.")
        client.end()
        self.leave(client)
        return True


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 client of an IPv6 socket as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
