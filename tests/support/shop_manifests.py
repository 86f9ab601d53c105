"""The data map of the made-up shop and its letters, as manifests. Every kind of rule stands in it once."""

SHOP_MAP = """
dataset:
  - fides_key: shop
    name: The shop
    meta:
      _source: {title: {nl: De winkel, en: The shop}, not_personal: [branches]}
      customers: {activity: account, provided: person, erase: delete, order: 1, changed_at: email_changed_at,
                  title: {nl: Klant, fr: Client, de: Kunde, en: Customer}}
      customers.email: {on_file: true, rectify: true, title: {nl: E-mailadres, en: E-mail address}}
      customers.name: {name: true, rectify: true, title: {nl: Naam, en: Name}}
      customers.phone: {identifies: true, rectify: true}
      customers.born: {rectify: true}
      customers.notes: {third_party: true, provided: others}
      customers.password: {release: false, reason: {en: A security value.}, provided: derived}
      products: {activity: account, provided: others, erase: delete, order: 5}
      order: {activity: contract, provided: person, erase: delete, order: 2, dated: select,
              retention: {start: select, duration: P10Y},
              hold: {law: {nl: Btw-wet, en: VAT law}, article: art. 60, start: select, duration: P7Y}}
      order_lines: {activity: contract, provided: person, erase: deidentify, order: 3}
      order_lines.gift_note: {erase: redact}
      favourites: {activity: account, provided: observed, erase: delete, order: 4}
      comments: {activity: account, provided: person, erase: delete, order: 6}
      reviews: {activity: helpdesk, provided: others, erase: deidentify, order: 7, rectify: supplement,
                supplement: {collection: statements,
                             insert: {review_id: "{reviews.id}", text: "{statement}", made_at: "{now}"}}}
      reviews.about_id: {erase: unlink}
      reviews.by_id: {mentions: true, third_party: true, erase: unlink}
      reviews.verdict: {erase: redact}
      statements: {activity: helpdesk, provided: person, erase: delete, order: 8}
      flags:
        activity: account
        provided: observed
        erase: delete
        restrict: {"*": {insert: {customer_id: "{customers.id}", activity: "{activity}", flag: restricted,
                                  set_at: "{now}"}}}
    collections:
      - name: customers
        fields:
          - {name: id, data_categories: [user.unique_id], fides_meta: {primary_key: true, data_type: integer}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email, data_type: string}}
          - {name: email_changed_at}
          - {name: name, data_categories: [user.name]}
          - {name: phone, data_categories: [user.contact.phone_number]}
          - {name: born}
          - {name: photo}
          - {name: notes}
          - {name: preferences}
          - {name: referred_by}
          - {name: password}
      - name: products
        fields:
          - {name: id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: order_lines.product_id, direction: from}]}}
          - {name: name}
      - name: order
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: customer_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: select}
          - {name: total}
          - {name: paid}
      - name: order_lines
        fields:
          - {name: order_id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: order.id, direction: from}]}}
          - {name: number, fides_meta: {primary_key: true}}
          - {name: product_id}
          - {name: gift_note}
      - name: favourites
        fields:
          - {name: customer_id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: product_id, fides_meta: {primary_key: true}}
      - name: comments
        fields:
          - {name: id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: comments.parent_id, direction: to}]}}
          - {name: customer_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: parent_id}
          - {name: body}
      - name: reviews
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: about_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: by_id, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: verdict}
      - name: statements
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: review_id, fides_meta: {references: [{dataset: shop, field: reviews.id, direction: from}]}}
          - {name: text}
          - {name: made_at}
      - name: flags
        fields:
          - {name: customer_id, fides_meta: {primary_key: true,
             references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: activity, fides_meta: {primary_key: true}}
          - {name: flag, fides_meta: {primary_key: true}}
          - {name: set_at}
"""

LETTERS_MAP = """
dataset:
  - fides_key: letters
    name: The letters
    meta:
      subscribers:
        activity: marketing
        provided: person
        erase: delete
        object: {marketing: {where: {active: true}, set: {active: 0, stopped_at: "{now}"}}}
      visits: {activity: logs, provided: observed, erase: delete, dated: at}
    collections:
      - name: subscribers
        fields:
          - {name: address, fides_meta: {primary_key: true, identity: email}}
          - {name: customer_number, fides_meta: {references: [{dataset: shop, field: customers.id, direction: from}]}}
          - {name: active}
          - {name: stopped_at}
          - {name: seen_ip}
      - name: visits
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: ip, fides_meta: {identity: ip_address}}
          - {name: at}
"""
