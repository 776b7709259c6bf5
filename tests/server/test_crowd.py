"""Who is let in, and who makes room."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from secure_attend.server.crowd import Client, Crowd


def filled(crowd: Crowd, *hosts: str) -> list[Client]:
    """Clients from these addresses, one after the other, that note when they are sent away."""
    clients = []
    for now, host in enumerate(hosts):
        client = crowd.admit(host, now)
        assert client is not None
        client.end = lambda client=client: ended.append(client)
        clients.append(client)
    return clients


ended: list[Client] = []


@pytest.fixture(autouse=True)
def nobody_ended() -> None:
    ended.clear()


def test_the_longest_waiting_of_a_crowded_address_makes_room() -> None:
    crowd = Crowd(10, 2, 9)
    one, two, three = filled(crowd, "10.0.0.1", "10.0.0.1", "10.0.0.2")
    assert crowd.admit("10.0.0.1", 9) is not None
    assert ended == [one]
    crowd.waits(two)
    assert crowd.admit("10.0.0.1", 10) is not None
    assert two not in ended, "it waits only since the last request was answered"
    assert three not in ended
    assert len(crowd) == 3


def test_at_the_bound_of_all_the_most_crowded_address_makes_room() -> None:
    crowd = Crowd(4, 3, 9)
    alone, first, _, _ = filled(crowd, "10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2")
    assert crowd.admit("10.0.0.3", 9) is not None
    assert ended == [first]
    assert alone not in ended


def test_requests_that_are_being_answered_are_never_cut_off() -> None:
    crowd = Crowd(2, 2, 9)
    for client in filled(crowd, "10.0.0.1", "10.0.0.2"):
        crowd.is_answered(client)
    assert crowd.admit("10.0.0.3", 9) is None
    assert ended == []


def test_who_leaves_makes_room() -> None:
    crowd = Crowd(1, 1, 9)
    (client,) = filled(crowd, "10.0.0.1")
    crowd.leave(client)
    crowd.leave(client)
    assert len(crowd) == 0
    assert crowd.admit("10.0.0.1", 1) is not None
    assert ended == []


@pytest.mark.parametrize("proxy", ["10.9.1.1", "::ffff:10.9.1.1", "fd00::7"])
def test_a_trusted_proxy_may_have_more_and_makes_room_last(proxy: str) -> None:
    crowd = Crowd(6, 2, 9, [ip_network("10.9.0.0/16"), ip_network("fd00::/8")])
    *_, stranger = filled(crowd, proxy, proxy, proxy, proxy, "10.0.0.1")
    assert crowd.admit("10.0.0.2", 8) is not None
    assert crowd.admit("10.0.0.3", 9) is not None
    assert ended == [stranger]
    assert len(crowd) == 6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("10.0.0.1", "::ffff:10.0.0.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("10.0.0.1", "10.0.0.2", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    crowd = Crowd(10, 1, 9)
    (first,) = filled(crowd, one)
    crowd.admit(other, 9)
    assert (ended == [first]) is same


def test_a_flood_is_turned_away_and_somebody_else_gets_in() -> None:
    crowd = Crowd(100, 50, 5)
    filled(crowd, *(f"10.0.0.{number % 4}" for number in range(100)))
    flood = [crowd.admit(f"10.0.0.{number % 4}", 100.0 + number / 100) for number in range(100)]
    assert 5 <= sum(client is not None for client in flood) <= 10
    assert all(crowd.admit("10.0.1.1", 101.0) is not None for _ in range(10))
    assert len(crowd) == 100
