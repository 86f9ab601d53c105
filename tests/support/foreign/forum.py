"""A forum on SQLite: addresses in a table of their own, posts by many in one topic, loose types, no direction named."""

from tests.support.foreign.kind import Foreign

FORUM = Foreign(
    key="forum",
    people=("Ann@Forum.example", "ann.second@forum.example", "bob@forum.example", "carl@forum.example", "x@y.example"),
    erased=frozenset({"devices", "pms", "posts", "topics", "users"}),
    schema="""
CREATE TABLE users (id INTEGER PRIMARY KEY, handle STRING UNIQUE, born TEXT, avatar BLOB, invited_by INTEGER);
CREATE TABLE user_emails (address TEXT PRIMARY KEY, user_id INTEGER REFERENCES users(id), verified BOOLEAN);
CREATE TABLE topics (id INTEGER PRIMARY KEY, starter_id INTEGER REFERENCES users(id), title TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, topic_id INTEGER REFERENCES topics(id), author STRING, body TEXT,
                    parent_id INTEGER REFERENCES posts(id), "posted at" TIMESTAMP);
CREATE TABLE likes (user_id INTEGER, post_id INTEGER, PRIMARY KEY (user_id, post_id)) WITHOUT ROWID;
CREATE TABLE pms (id INTEGER PRIMARY KEY, from_id INTEGER, to_id INTEGER, text TEXT);
CREATE TABLE badges (code CHAR(4) PRIMARY KEY, label TEXT);
CREATE TABLE user_badges (user_id NUMERIC, code CHAR(4), PRIMARY KEY (user_id, code));
CREATE TABLE devices (id INTEGER PRIMARY KEY, profile JSON);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
INSERT INTO users VALUES (1, 'ann', '1990-01-02', x'ffd8ff', NULL), (2, 'bob', NULL, NULL, 1),
                         (3, 'Ann', '1971-05-06', NULL, 1), (10, '10', NULL, NULL, 2);
INSERT INTO user_emails VALUES ('ann@forum.example', 1, 1), ('ann.second@forum.example', 1, 0),
                               ('BOB@forum.example ', 2, 1), ('carl@forum.example', 10, 1), ('else@y.example', 3, 1);
INSERT INTO topics VALUES (1, 1, 'Hello'), (2, 2, 'By bob'), (3, NULL, 'Orphan');
INSERT INTO posts VALUES (1, 1, 'ann', 'first', NULL, '2026-01-01 10:00:00'), (2, 1, 'bob', 're: first', 1, NULL),
                         (3, 2, 'ann', 'hi bob', NULL, NULL), (4, 2, '10', 'from ten', 3, NULL),
                         (5, 1, 'Ann', 'the other one', 2, NULL), (6, 3, NULL, 'nobody', NULL, NULL);
INSERT INTO likes VALUES (1, 2), (2, 1), (2, 3), (10, 1);
INSERT INTO pms VALUES (1, 1, 2, 'psst'), (2, 2, 10, 'not for ann'), (3, 10, 1, 'for ann'), (4, 1, 1, 'note to self');
INSERT INTO badges VALUES ('GOLD', 'Gold'), ('IRON', 'Iron');
INSERT INTO user_badges VALUES (1, 'GOLD'), (2, 'GOLD'), (10, 'IRON');
INSERT INTO devices VALUES (1, '{"owner": {"mails": ["ANN@forum.example", "shared@y.example"]}, "os": "A"}'),
                           (2, '{"owner": {"mails": ["joann@forum.example", "x"]}}'), (3, NULL), (4, '{"owner": null}'),
                           (5, '{"owner": {"mails": "bob@forum\\u002eexample"}}');
INSERT INTO settings VALUES ('colour', 'blue');
""",
    manifest="""
dataset:
  - fides_key: forum
    name: Forum
    meta: {owner: community team}
    data_qualifier: aggregated.anonymized
    collections:
      - name: users
        fields:
          - name: id
            data_categories: [user.unique_id]
            fides_meta: {primary_key: True, data_type: integer}
          - {name: handle, data_categories: [user.account.username]}
          - {name: born, data_categories: [user.demographic.date_of_birth]}
          - {name: avatar, data_categories: [user.content.private]}
          - name: invited_by
            data_categories: [user.unique_id]
            fides_meta: {references: [{dataset: forum, field: users.id}]}
      - name: user_emails
        fields:
          - name: address
            data_categories: [user.contact.email]
            fides_meta: {primary_key: True, identity: email, data_type: string}
          - name: user_id
            fides_meta: {references: [{dataset: forum, field: users.id}]}
          - name: verified
      - name: topics
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: starter_id
            fides_meta: {references: [{dataset: forum, field: users.id}]}
          - {name: title, data_categories: [user.content]}
      - name: posts
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: topic_id
            fides_meta: {references: [{dataset: forum, field: topics.id}]}
          - name: author
            fides_meta: {references: [{dataset: forum, field: users.handle}]}
          - {name: body, data_categories: [user.content]}
          - name: parent_id
            fides_meta: {references: [{dataset: forum, field: posts.id}]}
          - {name: posted at}
      - name: likes
        fields:
          - name: user_id
            fides_meta: {primary_key: True, references: [{dataset: forum, field: users.id, direction: from}]}
          - name: post_id
            data_categories: [user.behavior]
            fides_meta: {primary_key: True, references: [{dataset: forum, field: posts.id}]}
      - name: pms
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: from_id
            fides_meta: {references: [{dataset: forum, field: users.id, direction: from}]}
          - name: to_id
            fides_meta: {references: [{dataset: forum, field: users.id, direction: from}]}
          - {name: text, data_categories: [user.content.private]}
      - name: badges
        fields:
          - name: code
            data_categories: [system.operations]
            fides_meta: {primary_key: True}
          - {name: label, data_categories: [system.operations]}
      - name: user_badges
        fields:
          - name: user_id
            data_categories: [user.unique_id]
            fides_meta: {primary_key: True, references: [{dataset: forum, field: users.id, direction: from}]}
          - name: code
            fides_meta: {primary_key: True, references: [{dataset: forum, field: badges.code, direction: to}]}
      - name: devices
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - name: profile
            fides_meta: {data_type: object}
            fields:
              - name: owner
                fides_meta: {data_type: object}
                fields:
                  - name: mails
                    data_categories: [user.contact.email]
                    fides_meta: {data_type: "string[]", identity: email, return_all_elements: true}
              - {name: os, data_categories: [user.device]}
      - name: settings
        fides_meta: {skip_processing: True}
        fields:
          - {name: name}
          - {name: value}
""",
    rows={
        "user_emails": "SELECT * FROM user_emails WHERE lower(trim(address)) = :email",
        "users": """SELECT * FROM users WHERE id IN
                    (SELECT user_id FROM user_emails WHERE lower(trim(address)) = :email)""",
        "topics": """SELECT * FROM topics WHERE starter_id IN
                     (SELECT user_id FROM user_emails WHERE lower(trim(address)) = :email)""",
        "posts": """SELECT p.* FROM posts p JOIN users u ON u.handle = p.author JOIN user_emails e ON e.user_id = u.id
                    WHERE lower(trim(e.address)) = :email""",
        "likes": """SELECT l.* FROM likes l JOIN user_emails e ON e.user_id = l.user_id
                    WHERE lower(trim(e.address)) = :email""",
        "pms": """SELECT DISTINCT m.* FROM pms m JOIN user_emails e ON e.user_id IN (m.from_id, m.to_id)
                  WHERE lower(trim(e.address)) = :email""",
        "user_badges": """SELECT b.* FROM user_badges b JOIN user_emails e ON e.user_id = b.user_id
                          WHERE lower(trim(e.address)) = :email""",
        "badges": """SELECT DISTINCT g.* FROM badges g JOIN user_badges b USING (code)
                     JOIN user_emails e ON e.user_id = b.user_id WHERE lower(trim(e.address)) = :email""",
        "devices": """SELECT d.* FROM devices d WHERE EXISTS
                      (SELECT 1 FROM json_tree(d.profile, '$.owner.mails') j WHERE lower(j.value) = :email)""",
    },
)
