"""The nine classes of a message, and the finer labels of the phrase bank that add up to them."""

RIGHTS = ("access", "rectify", "erase", "restrict", "object", "port", "withdraw")
COMPLAINT, NONE = "complaint", "none"
CLASSES = (*RIGHTS, COMPLAINT, NONE)
"""What is ranked: a right, a complaint about how data are handled, or none of these."""

ROUTES = ("login", "helpdesk", "others", "vague", "other")
"""Why a message asks no right: cannot sign in, needs the helpdesk, wants another's data, says too little, or else."""

LABELS = (*RIGHTS, COMPLAINT, *(f"{NONE}/{route}" for route in ROUTES))
"""What the model tells apart, in the order of its columns. A row of the bank has one, or two or three joined by +."""

SLICES = ("plain", "short", "long", "angry", "formal", "misspelt", "mixed", "trap")
"""Kinds of message. In a trap the words point to another right than the one that is meant."""


def class_of(label: str) -> str:
    """Return the class that ``label`` counts for."""
    return label.partition("/")[0]
