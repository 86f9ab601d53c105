"""Six databases that know nothing of this portal, annotated as a user of Fides would have done.

Each module is one database: its schema and rows as SQL, its manifest in plain fideslang, and for every collection the
SQL by which somebody who knows the database finds the rows of one person.
"""

from tests.support.foreign.clinic import CLINIC
from tests.support.foreign.crm import CRM
from tests.support.foreign.forum import FORUM
from tests.support.foreign.kind import Foreign
from tests.support.foreign.lending import LENDING
from tests.support.foreign.rota import ROTA
from tests.support.foreign.shop import SHOP

__all__ = ["CLINIC", "CRM", "FORUM", "LENDING", "ROTA", "SHOP", "Foreign"]
