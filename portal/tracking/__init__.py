"""The person's own page: where each request stands, messages, withdraw, stop. Stage two."""
