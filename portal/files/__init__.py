"""Files and secrets: taking in a picture, keeping bytes encrypted, forgetting them. Knows nothing of cases or views."""
