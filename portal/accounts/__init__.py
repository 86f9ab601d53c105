"""Who is who: staff, roles, mailed codes, links, sessions and the gate each route wears."""
