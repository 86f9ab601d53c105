"""A shop on PostgreSQL: two schemas' worth of habits, keys of two columns, shared addresses, arrays and documents."""

from tests.support.foreign.kind import Foreign

SHOP = Foreign(
    key="web.shop",
    people=("ada@shop.example", "BEA@shop.example", "cy@shop.example", "guest@shop.example", "dan@shop.example"),
    erased=frozenset({"User", "order", "review"}),
    schema="""
CREATE SCHEMA store;
CREATE TYPE store.state AS ENUM ('new', 'paid', 'gone');
CREATE TABLE store.address (id uuid PRIMARY KEY, street text, zip char(6));
CREATE TABLE store."User" (tenant int, id bigint, "E-mail" text, other_mails text[], name varchar(40), born date,
  joined timestamptz, credit numeric(12,4), photo bytea, last_ip inet, tags jsonb, home uuid REFERENCES store.address,
  referred_by bigint, PRIMARY KEY (tenant, id));
CREATE TABLE store."order" (tenant int, no int, user_id bigint, guest_mail text, state store.state, ship_to uuid,
  weight double precision, prefs json, PRIMARY KEY (tenant, no),
  FOREIGN KEY (tenant, user_id) REFERENCES store."User" (tenant, id));
CREATE TABLE store.product (sku char(8) PRIMARY KEY, name text, price money);
CREATE TABLE store.line (tenant int, no int, pos smallint, sku char(8) REFERENCES store.product, gift jsonb,
  PRIMARY KEY (tenant, no, pos), FOREIGN KEY (tenant, no) REFERENCES store."order" (tenant, no));
CREATE TABLE store.review (id serial PRIMARY KEY, sku char(8), tenant int, user_id bigint, stars int, words text);
CREATE TABLE store.newsletter (mail varchar(80), since date);
INSERT INTO store.address VALUES ('00000000-0000-0000-0000-00000000000a', 'Same Street 1', '1000'),
 ('00000000-0000-0000-0000-00000000000b', 'Far Away 2', '2000'), ('00000000-0000-0000-0000-00000000000c', 'Alone', '3');
INSERT INTO store."User" VALUES
 (1, 1, 'Ada@Shop.example', NULL, 'Ada', '1990-12-10', '2026-03-01 23:30+01', 1.5000, '\\x00ff', '192.0.2.7',
  '{"vip": true}', '00000000-0000-0000-0000-00000000000a', NULL),
 (1, 2, 'bea@shop.example', '{bea.alt@shop.example}', 'Bea', NULL, NULL, NULL, NULL, '2001:db8::1', '[1]',
  '00000000-0000-0000-0000-00000000000a', 1),
 (2, 1, 'cy@shop.example', '{}', 'Cy', NULL, NULL, 0, NULL, NULL, NULL, '00000000-0000-0000-0000-00000000000b', 2),
 (2, 2, 'ada@shop.examples', '{x@shop.example,ada@shop.example}', 'Ada elsewhere', NULL, NULL, 7, NULL, NULL, NULL,
  NULL, NULL);
INSERT INTO store."order" VALUES
 (1, 1, 1, NULL, 'paid', '00000000-0000-0000-0000-00000000000b', 1.25, '{"contact": {"mail": "ada@shop.example"}}'),
 (1, 2, 2, NULL, 'new', '00000000-0000-0000-0000-00000000000a', NULL, '{"contact": {"mail": "bea@shop.example"}}'),
 (2, 1, 1, NULL, 'gone', '00000000-0000-0000-0000-00000000000b', 3, NULL),
 (2, 2, 2, 'GUEST@shop.example', 'gone', NULL, 3, '{"contact": null}'),
 (1, 3, NULL, 'guest@shop.example', 'new', '00000000-0000-0000-0000-00000000000c', 0, '[]'),
 (2, 9, NULL, NULL, 'new', NULL, 0, '{"contact": {"mail": "d\\u0061n@shop.example"}}');
INSERT INTO store.product VALUES ('PEN', 'Pen', 1.20), ('INK', 'Ink', 3), ('PAD', 'Pad', 9);
INSERT INTO store.line VALUES (1, 1, 1, 'PEN', '{"to": [{"mail": "cy@shop.example"}, {"mail": "q@shop.example"}]}'),
 (1, 2, 1, 'PEN', NULL), (2, 1, 1, 'INK', NULL), (2, 1, 2, 'PEN', '{"to": []}'), (2, 2, 1, 'PAD', NULL),
 (1, 3, 1, 'INK', '{"to": {"mail": "DAN@shop.example"}}');
INSERT INTO store.review VALUES (1, 'PEN', 1, 1, 5, 'fine'), (2, 'PEN', 2, 1, 1, 'bad'), (3, 'INK', 1, 2, 3, 'ok');
INSERT INTO store.newsletter VALUES ('ada@shop.example', '2026-01-01'), ('dan@shop.example', NULL);
""",
    manifest="""
system:
  - fides_key: shop_system
    system_type: Service
    privacy_declarations: []
dataset:
  - fides_key: web.shop
    organization_fides_key: default_organization
    name: Shop
    description: The web shop
    tags: [production]
    fides_meta:
      namespace: {connection_type: postgres, schema: store}
      after: [billing]
    collections:
      - name: address
        fides_meta: {erase_after: [web.User]}
        fields:
          - name: id
            data_categories: [system.operations]
            fides_meta: {primary_key: True}
          - {name: street, data_categories: [user.contact.address.street]}
          - {name: zip, data_categories: [user.contact.address.postal_code]}
      - name: User
        data_categories: [user]
        fields:
          - name: tenant
            fides_meta: {primary_key: True}
          - name: id
            fides_meta: {primary_key: True, data_type: integer}
          - name: E-mail
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: string}
          - name: other_mails
            data_categories: [user.contact.email]
            fides_meta: {identity: email, data_type: "string[]", return_all_elements: true}
          - name: name
            data_categories: [user.name]
            fides_meta:
              length: 40
              masking_strategy_override: {strategy: random_string_rewrite, configuration: {length: 5}}
          - {name: born}
          - {name: joined}
          - {name: credit, data_categories: [user.financial]}
          - {name: photo}
          - {name: last_ip, data_categories: [user.device.ip_address]}
          - {name: tags}
          - name: home
            fides_meta: {references: [{dataset: web.shop, field: address.id}]}
          - {name: referred_by}
      - name: order
        fields:
          - name: tenant
            fides_meta:
              primary_key: True
              references: [{dataset: web.shop, field: User.tenant}]
          - name: no
            fides_meta: {primary_key: True}
          - name: user_id
            fides_meta:
              references: [{dataset: web.shop, field: User.id}]
          - name: guest_mail
            data_categories: [user.contact.email]
            fides_meta: {identity: email}
          - {name: state}
          - name: ship_to
            fides_meta: {references: [{dataset: web.shop, field: address.id}]}
          - {name: weight}
          - name: prefs
            fides_meta: {data_type: object}
            fields:
              - name: contact
                fides_meta: {data_type: object}
                fields:
                  - name: mail
                    fides_meta: {data_type: string, identity: email}
      - name: product
        fields:
          - name: sku
            data_categories: [system.operations]
            fides_meta: {primary_key: True}
          - {name: name, data_categories: [system.operations]}
          - {name: price, data_categories: [system.operations]}
      - name: line
        fields:
          - name: tenant
            fides_meta:
              primary_key: True
              references: [{dataset: web.shop, field: order.tenant, direction: from}]
          - name: no
            fides_meta:
              primary_key: True
              references: [{dataset: web.shop, field: order.no, direction: from}]
          - name: pos
            fides_meta: {primary_key: True}
          - name: sku
            data_categories: [user.behavior.purchase_history]
            fides_meta: {references: [{dataset: web.shop, field: product.sku, direction: to}]}
          - name: gift
            fides_meta: {data_type: object}
            fields:
              - name: to
                fides_meta: {data_type: "object[]"}
                fields:
                  - name: mail
                    data_categories: [user.contact.email]
                    fides_meta: {identity: email}
      - name: review
        fields:
          - name: id
            fides_meta: {primary_key: True}
          - {name: sku}
          - name: tenant
            fides_meta: {references: [{dataset: web.shop, field: User.tenant, direction: from}]}
          - name: user_id
            fides_meta: {references: [{dataset: web.shop, field: User.id, direction: from}]}
          - {name: stars}
          - {name: words, data_categories: [user.content.public]}
      - name: newsletter
        fields:
          - name: mail
            fides_meta: {identity: email, data_type: string}
          - {name: since}
""",
    rows={
        "User": """SELECT * FROM store."User" u WHERE lower("E-mail") = :email
                   OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m)""",
        "order": """SELECT o.* FROM store."order" o WHERE lower(guest_mail) = :email
                    OR lower(prefs #>> '{contact,mail}') = :email
                    OR (tenant, user_id) IN (SELECT tenant, id FROM store."User" u WHERE lower("E-mail") = :email
                                             OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m))""",
        "line": """SELECT l.tenant, l.no, l.pos, l.sku, CASE jsonb_typeof(gift -> 'to') WHEN 'array'
                   THEN jsonb_set(gift, '{to}', coalesce((SELECT jsonb_agg(m) FROM jsonb_array_elements(gift -> 'to') m
                                                          WHERE lower(m ->> 'mail') = :email), '[]'))
                   ELSE gift END AS gift FROM store.line l WHERE
                   EXISTS (SELECT 1 FROM jsonb_path_query(gift, '$.to.mail') m WHERE lower(m #>> '{}') = :email)
                   OR (tenant, no) IN (SELECT tenant, no FROM store."order" o WHERE lower(guest_mail) = :email
                     OR lower(prefs #>> '{contact,mail}') = :email
                     OR (tenant, user_id) IN (SELECT tenant, id FROM store."User" u WHERE lower("E-mail") = :email
                                              OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m)))""",
        "review": """SELECT r.* FROM store.review r WHERE (tenant, user_id) IN
                     (SELECT tenant, id FROM store."User" u WHERE lower("E-mail") = :email
                      OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m))""",
        "product": """SELECT p.* FROM store.product p WHERE sku IN (SELECT l.sku FROM store.line l WHERE
                   EXISTS (SELECT 1 FROM jsonb_path_query(gift, '$.to.mail') m WHERE lower(m #>> '{}') = :email)
                   OR (tenant, no) IN (SELECT tenant, no FROM store."order" o WHERE lower(guest_mail) = :email
                     OR lower(prefs #>> '{contact,mail}') = :email
                     OR (tenant, user_id) IN (SELECT tenant, id FROM store."User" u WHERE lower("E-mail") = :email
                                              OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m))))""",
        "address": """SELECT a.* FROM store.address a WHERE id IN (
                     SELECT home FROM store."User" u WHERE lower("E-mail") = :email
                       OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m)
                     UNION SELECT ship_to FROM store."order" o WHERE lower(guest_mail) = :email
                       OR lower(prefs #>> '{contact,mail}') = :email
                       OR (tenant, user_id) IN (SELECT tenant, id FROM store."User" u WHERE lower("E-mail") = :email
                                                OR :email = ANY (SELECT lower(m) FROM unnest(other_mails) m)))""",
        "newsletter": "SELECT * FROM store.newsletter WHERE lower(mail) = :email",
    },
)
