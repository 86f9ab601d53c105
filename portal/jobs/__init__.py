"""Work that happens after the answer: rows written with what they follow from, run at least once, never lost."""
