"""What the portal costs, measured. Run by bin/prove; see the README."""
