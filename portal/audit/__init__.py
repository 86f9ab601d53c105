"""The record: who did what and when, append-only and hash-chained. Holds facts and ids, never content."""
