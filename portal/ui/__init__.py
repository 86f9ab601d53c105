"""The look and the shared web code: assets, headers, problem pages, filters, base form, text pages. Knows no case."""
