"""A rota on SQLite: tables without row numbers, strict ones, shifts that are swapped, a phone that leads on."""

from tests.support.foreign.kind import Foreign, filled

_ME = "SELECT ward, nr FROM staff WHERE lower(trim(mail)) = :email"
_SHIFTS = "SELECT day, slot, ward FROM shift WHERE (ward, nr) IN (~ME~)"

ROTA = Foreign(
    key="rota",
    people=("Ola@Rota.example", "pia@rota.example", "quin@rota.example", "no@x.example"),
    erased=frozenset({"leave", "staff"}),
    schema="""
CREATE TABLE staff (ward TEXT, nr INTEGER, mail TEXT UNIQUE, phone TEXT, name TEXT NOT NULL,
  initial TEXT GENERATED ALWAYS AS (substr(name, 1, 1)) VIRTUAL, PRIMARY KEY (ward, nr)) STRICT, WITHOUT ROWID;
CREATE TABLE shift (day INTEGER, slot TEXT, ward TEXT, nr INTEGER, note, PRIMARY KEY (day, slot, ward),
  FOREIGN KEY (ward, nr) REFERENCES staff ON DELETE CASCADE) WITHOUT ROWID;
CREATE TABLE swap (day INTEGER, slot TEXT, ward TEXT, to_ward TEXT, to_nr INTEGER, answered BOOLEAN,
  PRIMARY KEY (day, slot, ward, to_nr), FOREIGN KEY (day, slot, ward) REFERENCES shift,
  FOREIGN KEY (to_ward, to_nr) REFERENCES staff) WITHOUT ROWID;
CREATE TABLE leave (id TEXT PRIMARY KEY NOT NULL, mail TEXT, "from" TEXT, until TEXT, reason TEXT, approver TEXT)
  WITHOUT ROWID;
CREATE TABLE oncall (week TEXT, phone TEXT, PRIMARY KEY (week, phone)) WITHOUT ROWID;
CREATE TABLE log (at REAL, who TEXT, what TEXT);
INSERT INTO staff VALUES ('A', 1, 'ola@rota.example', '+32 1', 'Ola'), ('A', 2, 'PIA@rota.example', '+32 2', 'Pia'),
                         ('B', 1, 'quin@rota.example ', NULL, 'Quin'), ('B', 2, NULL, '+32 12', 'Nobody');
INSERT INTO shift VALUES (20260101, 'early', 'A', 1, 'keys'), (20260101, 'late', 'A', 2, 7),
  (20260101, 'early', 'B', 1, x'00'),
                         (20260102, 'early', 'A', 2, NULL), (20260102, 'early', 'B', 2, 1.5),
  (20260103, 'late', 'A', NULL, NULL);
INSERT INTO swap VALUES (20260101, 'early', 'A', 'B', 1, 1), (20260101, 'early', 'A', 'A', 2, NULL),
                        (20260101, 'late', 'A', 'A', 1, 0), (20260102, 'early', 'B', 'B', 1, NULL);
INSERT INTO leave VALUES ('x1', 'OLA@rota.example', '2026-01-01', '2026-01-05', 'ill', 'pia@rota.example'),
                         ('x2', 'pia@rota.example', NULL, NULL, NULL, 'quin@rota.example'),
  ('x3', NULL, NULL, NULL, 'x', NULL);
INSERT INTO oncall VALUES ('2026-W01', '+32 1'), ('2026-W02', '+32 12'), ('2026-W02', '+32 2'), ('2026-W03', '+32 1');
INSERT INTO log VALUES (1.5, 'ola@rota.example', 'in'), (2.5, 'pia@rota.example', 'in'),
  (1.5, 'ola@rota.example', 'in'),
                       (NULL, NULL, 'boot');
""",
    manifest="""
dataset:
  - fides_key: rota
    name: Rota
    collections:
      - name: staff
        fields:
          - name: ward
            fides_meta: {primary_key: True}
          - name: nr
            fides_meta: {primary_key: True}
          - name: mail
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - name: phone
            data_categories: [user.contact.phone_number]
            fides_meta: {references: [{dataset: rota, field: oncall.phone, direction: to}]}
          - {name: name, data_categories: [user.name]}
          - {name: initial, data_categories: [user.name]}
      - name: shift
        fields:
          - name: day
            fides_meta: {primary_key: True}
          - name: slot
            fides_meta: {primary_key: True}
          - name: ward
            fides_meta: {primary_key: True, references: [{dataset: rota, field: staff.ward, direction: from}]}
          - name: nr
            fides_meta: {references: [{dataset: rota, field: staff.nr, direction: from}]}
          - {name: note}
      - name: swap
        fields:
          - name: day
            fides_meta: {primary_key: True, references: [{dataset: rota, field: shift.day, direction: from}]}
          - name: slot
            fides_meta: {primary_key: True, references: [{dataset: rota, field: shift.slot, direction: from}]}
          - name: ward
            fides_meta: {primary_key: True, references: [{dataset: rota, field: shift.ward, direction: from}]}
          - name: to_ward
            fides_meta: {references: [{dataset: rota, field: staff.ward, direction: from}]}
          - name: to_nr
            fides_meta: {primary_key: True, references: [{dataset: rota, field: staff.nr, direction: from}]}
          - {name: answered}
      - name: leave
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: mail
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - {name: from}
          - {name: until}
          - {name: reason, data_categories: [user.health_and_medical]}
          - name: approver
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
      - name: oncall
        fields:
          - name: week
            fides_meta: {primary_key: True}
          - name: phone
            data_categories: [user.contact.phone_number]
            fides_meta: {primary_key: True}
      - name: log
        fields:
          - {name: at}
          - name: who
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - {name: what}
""",
    rows=filled(
        {
            "staff": "SELECT * FROM staff WHERE (ward, nr) IN (~ME~)",
            "shift": "SELECT * FROM shift WHERE (ward, nr) IN (~ME~)",
            "swap": "SELECT * FROM swap WHERE (to_ward, to_nr) IN (~ME~) OR (day, slot, ward) IN (~SHIFTS~)",
            "leave": "SELECT * FROM leave WHERE :email IN (lower(mail), lower(approver))",
            "oncall": "SELECT * FROM oncall WHERE phone IN (SELECT phone FROM staff WHERE (ward, nr) IN (~ME~))",
            "log": "SELECT * FROM log WHERE who = :email",
        },
        SHIFTS=_SHIFTS,
        ME=_ME,
    ),
)
