"""The sessions of staff, by who it is: what a browser holds after signing in, or a while later."""

from datetime import timedelta

from portal.accounts.models import Role
from portal.clock import now
from portal.review.fresh import CONFIRMED
from portal.review.views_activation import ACTIVATING
from portal.review.views_identity import CARD_VIEW
from tests.support.visitors import just_in
from tests.support.world import World


def desk_sessions(world: World) -> dict[str, dict[str, object]]:
    """Return the session of each member of staff there is: staff, second, auditor, admin; stale; beginner."""
    until = (now() + timedelta(hours=1)).isoformat()
    look = {"case": world.open_case, "card": world.card, "view": "0" * 32, "until": until}
    reviewer = just_in(world.staff[Role.REVIEWER])
    return {
        "staff": {**reviewer, CARD_VIEW: look},
        "stale": {**reviewer, CONFIRMED: (now() - timedelta(hours=1)).isoformat()},
        "second": just_in(world.staff[Role.MANAGER]),
        "auditor": just_in(world.staff[Role.AUDITOR]),
        "admin": just_in(world.staff[Role.ADMIN]),
        "beginner": {ACTIVATING: {"id": world.desk.begun, "until": until}},
    }
