"""The register of processing: every row of clauses 3 to 5, in fideslang manifests with texts beside them.

What a right may touch, the context pickers, the information of Art. 15(1) and retention read it. No Flask, no
SQLAlchemy, no personal data.
"""

from portal.register.loader import load_register
from portal.register.model import (
    LANGUAGES,
    ROW_TEXTS,
    Caution,
    JointController,
    Party,
    Recipient,
    Register,
    RegisterFaulty,
    RetentionRule,
    Row,
    Transfer,
)

__all__ = [
    "LANGUAGES",
    "ROW_TEXTS",
    "Caution",
    "JointController",
    "Party",
    "Recipient",
    "Register",
    "RegisterFaulty",
    "RetentionRule",
    "Row",
    "Transfer",
    "load_register",
]
