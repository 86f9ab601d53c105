"""A municipal library on MariaDB: keys of up to five columns, children under a guardian's card, computed columns."""

from tests.support.foreign.kind import Foreign, filled

_ME = "SELECT branch, card FROM mine"
_MINE = """WITH RECURSIVE mine AS (
 SELECT branch, card FROM member WHERE LOWER(email) = BINARY :email
 UNION SELECT m.branch, m.card FROM member m JOIN mine
 ON (m.guardian_branch, m.guardian_card) = (mine.branch, mine.card)
) """

LENDING = Foreign(
    key="city_library",
    people=("ida@library.example", "JON@library.example", "kai@library.example", "lou@library.example", "no@x.example"),
    erased=frozenset({"fine", "member", "web-reservation", "signup"}),
    schema="""
CREATE TABLE member (branch CHAR(3), card INT UNSIGNED, email VARCHAR(100), name VARCHAR(60) NOT NULL,
  mail_lower VARCHAR(100) AS (LOWER(email)) PERSISTENT, initial CHAR(1) AS (LEFT(name, 1)) VIRTUAL, joined DATE,
  guardian_branch CHAR(3), guardian_card INT UNSIGNED, PRIMARY KEY (branch, card), UNIQUE (mail_lower),
  FOREIGN KEY (guardian_branch, guardian_card) REFERENCES member (branch, card) ON DELETE CASCADE);
CREATE TABLE copy (isbn CHAR(13), nr SMALLINT, shelf VARCHAR(9), PRIMARY KEY (isbn, nr));
CREATE TABLE loan (branch CHAR(3), card INT UNSIGNED, isbn CHAR(13), nr SMALLINT, out_at DATETIME(3), back YEAR,
  PRIMARY KEY (branch, card, isbn, nr, out_at), FOREIGN KEY (branch, card) REFERENCES member (branch, card),
  FOREIGN KEY (isbn, nr) REFERENCES copy (isbn, nr));
CREATE TABLE fine (id INT AUTO_INCREMENT PRIMARY KEY, branch CHAR(3), card INT UNSIGNED, isbn CHAR(13), nr SMALLINT,
  out_at DATETIME(3), cents MEDIUMINT UNSIGNED, paid BOOLEAN,
  FOREIGN KEY (branch, card, isbn, nr, out_at) REFERENCES loan (branch, card, isbn, nr, out_at));
CREATE TABLE `web-reservation` (`key` BINARY(4) PRIMARY KEY, `e-mail` VARCHAR(100), isbn CHAR(13), wishes JSON);
CREATE TABLE signup (course UUID, mail VARCHAR(100), ip INET6, at TIMESTAMP(6) NULL, PRIMARY KEY (course, mail));
INSERT INTO member (branch, card, email, name, joined, guardian_branch, guardian_card) VALUES
 ('N', 1, 'Ida@Library.example', 'Ida', '2001-02-03', NULL, NULL),
 ('N', 2, NULL, 'Child of Ida', NULL, 'N', 1), ('S', 1, 'kai@library.example', 'Kai', '1999-01-01', 'N', 2),
 ('S', 2, 'jon@library.example', 'Jon', NULL, NULL, NULL),
  ('N', 12, 'lou@library.example', 'Lou', '0000-00-00', 'S', 2);
INSERT INTO copy VALUES ('9780000000001', 1, 'A1'), ('9780000000001', 2, 'A1'), ('9780000000002', 1, NULL);
INSERT INTO loan VALUES ('N', 1, '9780000000001', 1, '2026-01-01 10:00:00.123', 2026),
 ('N', 2, '9780000000001', 2, '2026-01-01 10:00:00.123', NULL), ('S', 2, '9780000000002', 1, '2026-02-01', NULL),
 ('S', 2, '9780000000001', 1, '2026-02-01', 2026), ('N', 12, '9780000000002', 1, '2026-01-01 10:00:00.123', 2026);
INSERT INTO fine VALUES (1, 'N', 1, '9780000000001', 1, '2026-01-01 10:00:00.123', 250, 1),
 (2, 'S', 2, '9780000000001', 1, '2026-02-01', 50, 0),
  (3, 'N', 12, '9780000000002', 1, '2026-01-01 10:00:00.123', 5, NULL),
 (4, 'N', NULL, '9780000000001', 1, '2026-01-01 10:00:00.123', 9, NULL);
INSERT INTO `web-reservation` VALUES
 (x'00000001', 'IDA@library.example', '9780000000002', '{"notify": {"mail": "kai@library.example", "sms": ["+32 1"]}}'),
 (x'00000002', 'jon@library.example ', '9780000000001', NULL), (x'ff000000', NULL, NULL, '{"notify": {"mail": null}}'),
 (x'ff000001', 'guest@y.example', NULL, '{"notify": {"mail": "Lou@library.example"}, "x": [1.50, true, "é"]}');
INSERT INTO signup VALUES ('00000000-0000-0000-0000-0000000000aa', 'ida@library.example', '::ffff:192.0.2.1',
  '2026-03-29 01:30:00.5'),
 ('00000000-0000-0000-0000-0000000000aa', 'JON@library.example', '2001:db8::1', NULL),
 ('00000000-0000-0000-0000-0000000000bb', 'joni@library.example', NULL, NULL);
""",
    manifest="""
dataset:
  - fides_key: city_library
    name: City library
    collections:
      - name: member
        fields:
          - name: branch
            fides_meta: {primary_key: True}
          - name: card
            data_categories: [user.unique_id]
            fides_meta: {primary_key: True}
          - name: email
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: string}
          - {name: name, data_categories: [user.name]}
          - {name: mail_lower, data_categories: [user.contact.email]}
          - {name: initial, data_categories: [user.name]}
          - name: joined
          - name: guardian_branch
            fides_meta: {references: [{dataset: city_library, field: member.branch, direction: from}]}
          - name: guardian_card
            fides_meta: {references: [{dataset: city_library, field: member.card, direction: from}]}
      - name: loan
        fields:
          - name: branch
            fides_meta:
              primary_key: True
              references: [{dataset: city_library, field: member.branch, direction: from}]
          - name: card
            fides_meta:
              primary_key: True
              references: [{dataset: city_library, field: member.card, direction: from}]
          - name: isbn
            fides_meta: {primary_key: True}
          - name: nr
            fides_meta: {primary_key: True}
          - name: out_at
            fides_meta: {primary_key: True}
          - name: back
      - name: fine
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: branch
            fides_meta: {references: [{dataset: city_library, field: loan.branch, direction: from}]}
          - name: card
            fides_meta: {references: [{dataset: city_library, field: loan.card, direction: from}]}
          - name: isbn
            fides_meta: {references: [{dataset: city_library, field: loan.isbn, direction: from}]}
          - name: nr
            fides_meta: {references: [{dataset: city_library, field: loan.nr, direction: from}]}
          - name: out_at
            fides_meta: {references: [{dataset: city_library, field: loan.out_at, direction: from}]}
          - {name: cents, data_categories: [user.financial]}
          - name: paid
      - name: web-reservation
        fields:
          - name: key
            fides_meta: {primary_key: True}
          - name: e-mail
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - name: isbn
          - name: wishes
            fides_meta: {data_type: object}
            fields:
              - name: notify
                fides_meta: {data_type: object}
                fields:
                  - name: mail
                    data_categories: [user.contact.email]
                    fides_meta: {data_type: string, identity: email}
                  - {name: sms, data_categories: [user.contact.phone_number], fides_meta: {data_type: "string[]"}}
      - name: signup
        fields:
          - name: course
            fides_meta: {primary_key: True}
          - name: mail
            data_categories: [user.contact.email]
            fides_meta: {primary_key: True, identity: email}
          - {name: ip, data_categories: [user.device.ip_address]}
          - name: at
      - name: copy
        fides_meta: {skip_processing: True}
        fields: [{name: isbn}]
""",
    rows=filled(
        {
            "member": "~MINE~ SELECT * FROM member WHERE (branch, card) IN (~ME~)",
            "loan": "~MINE~ SELECT * FROM loan WHERE (branch, card) IN (~ME~)",
            "fine": "~MINE~ SELECT * FROM fine WHERE (branch, card) IN (~ME~)",
            "web-reservation": """SELECT * FROM `web-reservation` WHERE LOWER(TRIM(`e-mail`)) = BINARY :email
                              OR LOWER(JSON_VALUE(wishes, '$.notify.mail')) = BINARY :email""",
            "signup": "SELECT * FROM signup WHERE LOWER(mail) = BINARY :email",
        },
        MINE=_MINE,
        ME=_ME,
    ),
)
