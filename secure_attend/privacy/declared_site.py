"""What the site keeps beside students, courses and attendance: codes, accounts, kiosks, the audit trail, and itself."""

from __future__ import annotations

from secure_attend.privacy.kept_data import ACCESS, NOBODY, STAFF, STUDENT, STUDENTS, KeptData
from secure_attend.privacy.persisted import BROWSER, DATABASE

AUDIT = "instance/audit.jsonl"
OF_SITE = (
    KeptData(
        "personal codes as argon2id hashes, under the student's key: tries left, when issued, the name of the "
        "account that issued it",
        STUDENT,
        "students check in and see their attendance without using their face",
        "a new code replaces it, or the student leaves the list or is erased",
        {ACCESS: "codes.(key) codes.hash codes.tries codes.issued_at codes.issued_by"},
    ),
    KeptData(
        "the random keys of erased students, and when",
        STUDENT,
        "restoring a backup must not bring them back",
        "kept: it names nobody",
        {
            "instance/erasures.json": "erased.key erased.time format",
            DATABASE: "erasures.key erasures.time erasures.version",
        },
    ),
    KeptData(
        "accounts: name, roles, password as an argon2id hash, when created, whether disabled, from which "
        "networks it last logged in, as hashes (five)",
        STAFF,
        "staff log in; records show who checked a student in by hand; nobody is kept out by guessers elsewhere",
        "kept, even if disabled",
        {
            ACCESS: "accounts.(key) accounts.key accounts.name accounts.roles accounts.password accounts.created_at "
            "accounts.disabled accounts.networks"
        },
    ),
    KeptData(
        "log-ins, as hashes of their tokens: whose, from when until when",
        STAFF,
        "to stay logged in for a working day",
        "log-out, twelve hours, a new password",
        {ACCESS: "tokens.(key) tokens.account tokens.created_at tokens.expires_at"},
    ),
    KeptData(
        "kiosks: name, key as a hash, who paired it and when, last seen",
        STAFF,
        "only kiosks check students in; a lost kiosk can be revoked",
        "revoked",
        {
            ACCESS: "kiosks.(key) kiosks.key kiosks.name kiosks.secret kiosks.created_at kiosks.created_by "
            "kiosks.last_seen"
        },
    ),
    KeptData(
        "audit trail: who (account or kiosk, its key and name), what, about whom (a student's random key), the result, "
        "when, from which network address",
        STAFF,
        "it shows who changed or looked at what",
        "kept; an erased student's entries name nobody",
        {
            AUDIT: "number time by name place action state about facts of",
            DATABASE: "audit.number audit.time audit.by audit.name audit.place audit.action audit.state audit.about "
            "audit.facts audit.of",
        },
    ),
    KeptData(
        "for the audit trail: the seals of its chain, the number of entries",
        NOBODY,
        "an entry that was changed, removed or added by hand is noticed",
        "kept",
        {AUDIT: "mac", DATABASE: "audit.mac audit_head.one audit_head.entries audit_head.last_mac"},
    ),
    KeptData(
        "in a database, what `instance/access.json` otherwise holds: accounts, log-ins, kiosks, codes, tries",
        STAFF,
        "all processes of a site share it",
        "the same as for each of them",
        {
            DATABASE: "access.kind access.key access.value access.version access_head.one access_head.version "
            "access_head.complete_since"
        },
    ),
    KeptData(
        "browsers waiting to be paired: the six digits, the network address, from when until when",
        "anyone who opens the page",
        "one address must not stop others from pairing",
        "ten minutes",
        {ACCESS: "pairings.(key) pairings.code pairings.address pairings.created_at pairings.expires_at"},
    ),
    KeptData(
        "failed tries: a hash of address, name, account or kiosk; how many, since when, until when to wait",
        "anyone who tries",
        "to stop guessing",
        "ten minutes to a day",
        {ACCESS: "attempts.(key) attempts.count attempts.since attempts.until"},
    ),
    KeptData(
        "the setup code, as a hash",
        NOBODY,
        "to create the first account",
        "it is used, or the next start",
        {ACCESS: "setup_code format"},
    ),
    KeptData(
        "the store: its random id, a check of the key, the models in use, since when consent is recorded, counters",
        NOBODY,
        "a wrong key is noticed, models are not mixed, faces without consent pause in time",
        "kept",
        {
            STUDENTS: "format store key_check profile consents_from",
            DATABASE: "site.one site.store site.key_check site.profile site.version site.records site.last_mac "
            "site.unfinished_copy site.consents_from students.position students.version",
        },
    ),
    KeptData(
        "the numbers of records and of entries of the audit trail, and the seals of the last ones",
        NOBODY,
        "what is cut off at the end of the log or the trail is noticed",
        "it is replaced every hour",
        {"instance/checkpoint.json": "format store records mac time entries audit_mac seal"},
    ),
    KeptData(
        "the time this computer's clock last showed, and since when it is doubted",
        NOBODY,
        "nothing is erased by its age if the clock is set far ahead",
        "it is replaced at the next check",
        {"instance/clock.json": "believed doubted_since looked"},
    ),
    KeptData(
        "the running process: its number, its start time, its address",
        NOBODY,
        "a second process does not start on the same files",
        "the server stops",
        {"instance/owner.json": "pid since address"},
    ),
    KeptData(
        "counts of a field trial: setting, kind of try, how many, how many passed, numbers of the people who took part",
        "people who took part",
        "to measure how often the liveness check is wrong; no name, picture, template or time",
        "an admin starts the trial again",
        {"instance/field_trial.json": "setting presentation medium tries passed steps people"},
    ),
    KeptData(
        "in a kiosk's browser: its key, the chosen camera, the kiosk's settings",
        NOBODY,
        "it stays a kiosk after a restart",
        "the browser's data is cleared",
        {BROWSER: "secure-attend-kiosk secure-attend-camera secure-attend-kiosk-settings"},
    ),
    KeptData(
        "in a lecturer's tab: the token, and a message to show after log-out",
        STAFF,
        "to stay logged in while the tab is open",
        "log-out, or the tab is closed",
        {BROWSER: "secure-attend-token secure-attend-parting"},
    ),
    KeptData(
        "in a lecturer's browser: whether arrivals in a class are announced",
        NOBODY,
        "the switch stays as it was set",
        "the browser's data is cleared",
        {BROWSER: "secure-attend-announce"},
    ),
)
