"""Bad inputs of what people decide about a register: policies, locks, holds, contacts, requests and their answers."""

from __future__ import annotations

from collections.abc import Mapping

Bodies = Mapping[str, tuple[Mapping[str, object], str]]
"""Bodies by name, each with the field at fault."""

_FAR = {"2026-02-30": "a day that does not exist", "23.11.2026": "a day as it is written", "": "no day"}
_REASONS: Bodies = {
    "no reason": ({}, "reason"),
    "a blank reason": ({"reason": "  "}, "reason"),
    "a long reason": ({"reason": "x" * 201}, "reason"),
    "a reason with NUL": ({"reason": "a\0b"}, "reason"),
    "a reason with a bell": ({"reason": "a\x07b"}, "reason"),
}
POLICIES: Bodies = {
    "late beyond 100": ({"late": 100.1}, "late"),
    "late below 0": ({"late": -1}, "late"),
    "late of two decimals": ({"late": 66.66}, "late"),
    "late in words": ({"late": "eighty"}, "late"),
    "late of nothing": ({"late": None}, "late"),
    "late as a switch": ({"late": True}, "late"),
    "excused beyond 100": ({"excused": 1e9}, "excused"),
    "free absences below 0": ({"free_absences": -1}, "free_absences"),
    "too many free absences": ({"free_absences": 101}, "free_absences"),
    "half a free absence": ({"free_absences": 0.5}, "free_absences"),
    "an unknown unit": ({"unit": "weeks"}, "unit"),
    "an unknown basis": ({"basis": "__proto__"}, "basis"),
    "a limit beyond 100": ({"limit": 101}, "limit"),
    "absent 0 times in a row": ({"in_row": 0}, "in_row"),
    "an unknown remark": ({"remarks": [{"code": "none", "weight": 50}]}, "remarks"),
    "a remark twice": ({"remarks": [{"code": "online", "weight": 50}] * 2}, "remarks"),
    "too many remarks": ({"remarks": [{"code": "online", "weight": 50}] * 51}, "remarks"),
}
LOCKS: Bodies = {
    "no last day": ({}, "last_day"),
    "a day to come": ({"last_day": "2026-11-24"}, "last_day"),
    "the year 9999": ({"last_day": "9999-12-31"}, "last_day"),
    "an end before its start": ({"first_day": "2026-10-20", "last_day": "2026-10-19"}, "last_day"),
    **{f"{name} as its last day": ({"last_day": day}, "last_day") for day, name in _FAR.items()},
}
CONTACTS: Bodies = {
    "no day": ({"outcome": "Comes again"}, "on"),
    "a day to come": ({"on": "2026-11-24", "outcome": "Comes again"}, "on"),
    "the year 1": ({"on": "0001-01-01", "outcome": "Comes again"}, "on"),
    "no outcome": ({"on": "2026-11-20"}, "outcome"),
    "a blank outcome": ({"on": "2026-11-20", "outcome": " "}, "outcome"),
    "a long outcome": ({"on": "2026-11-20", "outcome": "x" * 201}, "outcome"),
    "an outcome with a bell": ({"on": "2026-11-20", "outcome": "a\x07b"}, "outcome"),
    "somebody else as its author": ({"on": "2026-11-20", "outcome": "Fine", "by": "Ada"}, "by"),
}
_ASKED = {"meeting": "none", "asks": "present"}
REQUESTS: Bodies = {
    "no class": ({"asks": "present"}, "meeting"),
    "nothing asked": ({"meeting": "none"}, "asks"),
    "a status that nobody can ask for": ({**_ASKED, "asks": "absent"}, "asks"),
    "a formula": ({**_ASKED, "text": "=1+1"}, "text"),
    "a formula behind a semicolon": ({**_ASKED, "text": "a;=1+1"}, "text"),
    "a long text": ({**_ASKED, "text": "x" * 501}, "text"),
    "a text with a bell": ({**_ASKED, "text": "a\x07b"}, "text"),
    "a text with NUL": ({**_ASKED, "text": "a\0b"}, "text"),
    "a mark of its own": ({**_ASKED, "status": "present"}, "status"),
    "another student": ({**_ASKED, "student": "1001"}, "student"),
}
ANSWERS: Bodies = {
    "neither yes nor no": ({}, "accept"),
    "perhaps": ({"accept": "perhaps"}, "accept"),
    "something other without a status": ({"accept": True}, "status"),
    "a status that is none": ({"accept": True, "status": "expelled"}, "status"),
    "a status that clears": ({"accept": True, "status": "as_recorded"}, "status"),
    "a status of a visitor": ({"accept": True, "status": "declined"}, "status"),
    "a declined request with a status": ({"accept": False, "status": "late"}, "status"),
    "a declined request with a remark": ({"accept": False, "remark": "online"}, "remark"),
    "a formula": ({"accept": False, "answer": "@SUM(A1)"}, "answer"),
    "a long answer": ({"accept": False, "answer": "x" * 501}, "answer"),
    "an answer with a bell": ({"accept": False, "answer": "a\x07b"}, "answer"),
}
EVERY: Mapping[tuple[str, str], Bodies] = {
    ("PUT", "/courses/{course}/policy"): POLICIES,
    ("PUT", "/courses/{course}/policy?preview=1"): POLICIES,
    ("POST", "/courses/{course}/locks"): LOCKS,
    ("POST", "/courses/{course}/locks/{lock}/unlock"): _REASONS,
    ("POST", "/courses/{course}/hold"): _REASONS,
    ("POST", "/students/{key}/hold"): {**_REASONS, "a reason that names them": ({"reason": "John asked"}, "reason")},
    ("POST", "/students/{key}/contacts"): CONTACTS,
    ("POST", "/own/requests"): REQUESTS,
    ("POST", "/requests/{request_key}/answer"): ANSWERS,
}
"""Bodies that change nothing, by the call that takes them."""
