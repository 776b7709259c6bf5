"""Records name the kiosk by its key as well: a kiosk that is called otherwise now is still itself."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from secure_attend.attendance.reader_scope import UNLIMITED
from secure_attend.attendance.services import Services
from secure_attend.attendance.students.claims import Actor
from secure_attend.errors import Forbidden
from secure_attend.storage.values import Entry, Record
from tests.conftest import Site, access_of
from tests.support.fakes import Clock

HERE = Actor("kiosk:k1", "Hall C", "Hall C", "k1")
"""It was called "Hall" when it made the record."""
ANOTHER = Actor("kiosk:k2", "Hall", "Hall", "k2")


def recorded(services: Services, john: str, kiosk_key: str | None) -> Record:
    """John's check-in by code at the kiosk "Hall", for a secret."""
    entry = Entry(
        services.time.now(), "code", "1001", "student", "Hall", person=john, kiosk_key=kiosk_key, redemption="a secret"
    )
    return services.store.append(entry)


def test_a_check_in_says_where_and_whose(
    app: Flask, kiosk: FlaskClient, services: Services, site: Site, john: str, clock: Clock
) -> None:
    at_kiosk = Site(kiosk, clock).check_in(1).get_json()["record"]["id"]
    kiosk.post(f"/api/v1/check-ins/{at_kiosk}/cancel", json={"reason": "not_me"})
    site.client.post(f"/api/v1/students/{john}/check-ins")
    (key,) = access_of(app)._repository.read().kiosks
    told = [(record.person, record.kiosk_key, record.kiosk, record.room) for record in services.store.records()]
    assert told == [(john, key, "Room 101", "*"), (john, key, "Room 101", None), (john, None, None, "*")]


def test_not_me_is_for_the_kiosk_itself_whatever_it_is_called(services: Services, john: str) -> None:
    record = recorded(services, john, "k1")
    with pytest.raises(Forbidden, match="not_this_kiosks"):
        services.cancellations.cancel(record.id, ANOTHER, UNLIMITED, not_me=True)
    cancellation = services.cancellations.cancel(record.id, HERE, UNLIMITED, not_me=True)
    assert (cancellation.kiosk, cancellation.kiosk_key, cancellation.person) == ("Hall C", "k1", john)


def test_records_of_0_1_know_the_kiosk_by_its_name(services: Services, john: str) -> None:
    record = recorded(services, john, None)
    with pytest.raises(Forbidden, match="not_this_kiosks"):
        services.cancellations.cancel(record.id, HERE, UNLIMITED, not_me=True)
    assert services.cancellations.cancel(record.id, ANOTHER, UNLIMITED, not_me=True).cancels == record.id


def test_a_lost_answer_is_given_to_the_same_kiosk_only(services: Services, john: str) -> None:
    record = recorded(services, john, "k1")
    earlier = services.check_in._earlier("a secret", HERE)
    assert earlier is not None
    assert (earlier.student.key, earlier.record) == (john, record)
    assert services.check_in._earlier("a secret", ANOTHER) is None
