"""Real servers for the tests: PostgreSQL, SMTP, a browser, the portal itself. Nothing here pretends."""
