"""A clinic on MariaDB: binary keys, sets and bits, relatives at one address, keys of two columns no database keeps."""

from tests.support.foreign.kind import Foreign

_ME = "SELECT id FROM patient WHERE LOWER(TRIM(email)) = BINARY :email OR LOWER(TRIM(`second e-mail`)) = BINARY :email"

CLINIC = Foreign(
    key="clinic",
    people=("eva@clinic.example", "Finn@clinic.example", "gus@clinic.example", "jose@clinic.example", "no@x.example"),
    erased=frozenset({"claim", "message", "patient", "pickup", "prescription", "visit"}),
    schema="""
CREATE TABLE household (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, street VARCHAR(80), city VARCHAR(40));
CREATE TABLE patient (id BINARY(16) PRIMARY KEY, email VARCHAR(120), `second e-mail` VARCHAR(120),
  `full name` VARCHAR(80) NOT NULL, sex ENUM('f','m','x'), allergies SET('nuts','milk','cats'), smoker BIT(1),
  born DATE, weight DECIMAL(5,2), registered TIMESTAMP NULL, household_id INT UNSIGNED, gp INT);
CREATE TABLE doctor (number INT PRIMARY KEY, name VARCHAR(80), email VARCHAR(120));
CREATE TABLE visit (patient BINARY(16), nr INT, doctor INT, at DATETIME(6), lasted TIME, notes TEXT, scan LONGBLOB,
  PRIMARY KEY (patient, nr)) ENGINE=MyISAM;
CREATE TABLE prescription (code VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, visit_patient BINARY(16), visit_nr INT,
  drug VARCHAR(40)) ENGINE=MyISAM;
CREATE TABLE pickup (id BIGINT PRIMARY KEY, prescription VARCHAR(20) COLLATE utf8mb4_general_ci, who JSON);
CREATE TABLE insurance (insurer CHAR(4), policy VARCHAR(12), patient BINARY(16), PRIMARY KEY (insurer, policy));
CREATE TABLE claim (id INT PRIMARY KEY, insurer CHAR(4), policy VARCHAR(12), amount DECIMAL(10,2), paid YEAR);
CREATE TABLE message (id INT PRIMARY KEY, sender VARCHAR(120), receiver VARCHAR(120), body TEXT);
INSERT INTO household VALUES (1, 'Elm 1', 'Gent'), (2, 'Oak 2', 'Brugge');
INSERT INTO patient VALUES
 (UNHEX('00000000000000000000000000000001'), 'EVA@clinic.example', NULL, 'Eva', 'f', 'nuts,cats', b'1', '1980-02-29',
  60.50, '2026-03-29 01:30:00', 1, 1),
 (UNHEX('00000000000000000000000000000002'), 'finn@clinic.example', 'eva.finn@clinic.example', 'Finn', 'm', '', b'0',
  NULL, NULL, NULL, 1, 1),
 (UNHEX('00000000000000000000000000000020'), NULL, ' gus@clinic.example', 'Gus', 'x', NULL, NULL, NULL, 0, NULL, 2, 2),
 (UNHEX('000000000000000000000000000000E9'), 'josé@clinic.example', NULL, 'José', NULL, NULL, NULL,
  NULL, 0, NULL, 2, 1);
INSERT INTO doctor VALUES (1, 'Dr. House', 'gus@clinic.example'), (2, 'Dr. Who', 'who@clinic.example');
INSERT INTO visit VALUES
 (UNHEX('00000000000000000000000000000001'), 1, 1, '2026-01-01 10:00:00.123456', '00:30:00', 'Eva', x'00ff'),
 (UNHEX('00000000000000000000000000000001'), 2, 2, NULL, '-01:00:00', NULL, NULL),
 (UNHEX('00000000000000000000000000000002'), 1, 1, NULL, NULL, 'Finn', NULL),
 (UNHEX('00000000000000000000000000000020'), 2, 2, NULL, NULL, 'Gus', NULL);
INSERT INTO prescription VALUES ('a1', UNHEX('00000000000000000000000000000001'), 2, 'Aspirin'),
 ('A1', UNHEX('00000000000000000000000000000002'), 1, 'Balm'),
 ('b2', UNHEX('00000000000000000000000000000002'), 2, '?'),
 ('c3', UNHEX('00000000000000000000000000000020'), 2, 'Calm');
INSERT INTO pickup VALUES (1, 'a1', '{"by": "eva@clinic.example"}'), (2, 'A1', '{"by": "Eva@Clinic.example"}'),
 (3, 'c3', NULL), (9007199254740993, 'zz', '{"by": null}'), (9007199254740992, 'zz', '["eva@clinic.example"]');
INSERT INTO insurance VALUES ('AXA', '1', UNHEX('00000000000000000000000000000001')),
 ('AXA', '2', UNHEX('00000000000000000000000000000002')), ('ING', '1', UNHEX('00000000000000000000000000000020'));
INSERT INTO claim VALUES (1, 'AXA', '1', 10.00, 2025), (2, 'AXA', '2', 20.00, NULL), (3, 'ING', '1', 0.10, 2026),
 (4, 'ING', '2', 5, NULL);
INSERT INTO message VALUES (1, 'eva@clinic.example', 'who@clinic.example', '100%'),
 (2, 'who@clinic.example', 'Finn@clinic.example ', 'x'), (3, 'finn@clinic.example', 'eva@clinic.example', 'y');
""",
    manifest="""
dataset:
  - fides_key: clinic
    name: Clinic
    collections:
      - name: household
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - {name: street, data_categories: [user.contact.address.street]}
          - {name: city, data_categories: [user.contact.address.city]}
      - name: patient
        description: Everybody who was ever treated
        fields:
          - name: id
            data_categories: [user.unique_id]
            fides_meta: {primary_key: True}
          - name: email
            data_categories: [user.contact.email]
            fidesops_meta: {identity: email, data_type: string}
          - name: second e-mail
            data_categories: [user.contact.email]
            fidesops_meta: {identity: email, data_type: string}
          - {name: full name, data_categories: [user.name]}
          - {name: sex, data_categories: [user.demographic.gender]}
          - {name: allergies, data_categories: [user.health_and_medical]}
          - {name: smoker, data_categories: [user.health_and_medical]}
          - {name: born, data_categories: [user.demographic.date_of_birth]}
          - {name: weight, data_categories: [user.health_and_medical]}
          - {name: registered}
          - name: household_id
            fides_meta: {references: [{dataset: clinic, field: household.id, direction: to}]}
          - name: gp
      - name: visit
        fides_meta: {after: [clinic.patient]}
        fields:
          - name: patient
            fides_meta:
              primary_key: True
              references: [{dataset: clinic, field: patient.id, direction: from}]
          - name: nr
            fides_meta: {primary_key: True}
          - name: doctor
            fides_meta: {references: [{dataset: clinic, field: doctor.number}]}
          - {name: at}
          - {name: lasted}
          - {name: notes, data_categories: [user.health_and_medical]}
          - {name: scan, data_categories: [user.health_and_medical]}
      - name: prescription
        fields:
          - name: code
            fides_meta:
              primary_key: True
              references: [{dataset: clinic, field: pickup.prescription, direction: to}]
          - name: visit_patient
            fides_meta: {references: [{dataset: clinic, field: visit.patient}]}
          - name: visit_nr
            fides_meta: {references: [{dataset: clinic, field: visit.nr}]}
          - {name: drug, data_categories: [user.health_and_medical]}
      - name: pickup
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: prescription
          - name: who
            fides_meta: {data_type: object}
            fields:
              - name: by
                data_categories: [user.contact.email]
                fides_meta: {data_type: string, identity: email}
      - name: insurance
        fields:
          - name: insurer
            fides_meta: {primary_key: True}
          - name: policy
            fides_meta: {primary_key: True}
          - name: patient
            fides_meta: {references: [{dataset: clinic, field: patient.id}]}
      - name: claim
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: insurer
            fides_meta: {references: [{dataset: clinic, field: insurance.insurer, direction: from}]}
          - name: policy
            fides_meta: {references: [{dataset: clinic, field: insurance.policy, direction: from}]}
          - {name: amount, data_categories: [user.financial]}
          - {name: paid}
      - name: doctor
        fides_meta: {skip_processing: True}
        fields: [{name: number}]
      - name: message
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: sender
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - name: receiver
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - {name: body, data_categories: [user.content.private]}
""",
    rows={
        name: statement.replace("~ME~", _ME)
        for name, statement in {
            "patient": """SELECT id, email, `second e-mail`, `full name`, sex, allergies, smoker + 0 AS smoker, born,
                       weight, registered, household_id, gp FROM patient WHERE id IN (~ME~)""",
            "household": """SELECT * FROM household WHERE id IN
                         (SELECT household_id FROM patient WHERE id IN (~ME~))""",
            "visit": "SELECT * FROM visit WHERE patient IN (~ME~)",
            "prescription": """SELECT p.* FROM prescription p
                            JOIN visit v ON (v.patient, v.nr) = (visit_patient, visit_nr)
                            WHERE v.patient IN (~ME~)""",
            "pickup": """SELECT k.* FROM pickup k WHERE LOWER(JSON_VALUE(who, '$.by')) = :email OR
                      BINARY prescription IN (SELECT code FROM prescription p
                        JOIN visit v ON (v.patient, v.nr) = (visit_patient, visit_nr)
                        WHERE v.patient IN (~ME~))""",
            "insurance": "SELECT * FROM insurance WHERE patient IN (~ME~)",
            "claim": """SELECT c.* FROM claim c JOIN insurance i USING (insurer, policy)
                     WHERE i.patient IN (~ME~)""",
            "message": "SELECT * FROM message WHERE :email IN (LOWER(TRIM(sender)), LOWER(TRIM(receiver)))",
        }.items()
    },
)
