"""The term of a case, and what it costs: extending it once, announcing a fee. The person is told at once."""

import re

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import db
from portal.accounts import gates
from portal.accounts.models import Role
from portal.cases.access import right_of
from portal.cases.extension import Because, extend
from portal.cases.fees import MOST_CENTS, announce_fee
from portal.cases.grounds import BURDEN_OURS
from portal.review import forms
from portal.review.desk import DESK, blueprint
from portal.review.earlier import earlier_requests
from portal.review.forms import Fault, FormFault
from portal.review.handling import must_have
from portal.review.parts import read_burden
from portal.review.views_case import load
from portal.ui.forms import clean
from portal.words import N_

SUM = re.compile(r"(\d{1,4})(?:[.,](\d{2}))?")


@blueprint.post("/cases/<case_id>/extend")
@gates.staff(*DESK)
def extend_term(case_id: str) -> ResponseReturnValue:
    """Extend the term by two months, with the reason; the person is told at once."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    because = next((each for each in Because if each.value == request.form.get("because")), None)
    if because is None:
        raise FormFault([("because", _("Choose one of the two reasons."))])
    reason = forms.read_text(request.form, "more_time", N_("Write the reason for the person."))
    extend(db.session(), found, because, reason, forms.read_version(request.form), by)
    flash(_("The term is longer now. The person is told."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


@blueprint.post("/cases/<case_id>/fee")
@gates.staff(Role.MANAGER)
def ask_fee(case_id: str) -> ResponseReturnValue:
    """Announce a fee; the person decides before it is owed. Only the privacy manager asks one."""
    found, by = load(db.session(), case_id), gates.staff_actor()
    must_have(db.session(), found, by)
    faults: list[Fault] = []
    ground = request.form.get("fee_ground", "")
    if ground not in BURDEN_OURS & set(right_of(found).grounds):
        faults.append(("fee_ground", _("Choose the ground of the fee.")))
    burden = read_burden(request.form, earlier_requests(db.session(), found), ground, faults)
    cents = _cents(request.form.get("amount", ""))
    if not 0 < cents <= MOST_CENTS:
        faults.append(("amount", _("Write a sum in euro, such as 12.50, up to %(most)s.", most=MOST_CENTS // 100)))
    costs = clean(request.form.get("costs"))
    if not costs or len(costs) > forms.LONGEST:
        faults.append(("costs", _("Write what the fee is for.")))
    if faults:
        raise FormFault(faults)
    content = {"ground": ground, "costs": costs, **burden}
    announce_fee(db.session(), found, cents, content, forms.read_version(request.form), by)
    flash(_("The fee is announced. The person decides first."), "ok")
    db.session().commit()
    return redirect(url_for("review.case", case_id=case_id), 303)


def _cents(said: str) -> int:
    """Return the sum that was written, in cents; 0 where it is none."""
    found = SUM.fullmatch(said.replace("€", "").strip())
    return int(found[1]) * 100 + int(found[2] or 0) if found else 0
