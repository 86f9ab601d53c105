"""The operator's commands. Each is a few lines over what the stages offer; commands commit, like every edge."""

import getpass
import io
import json
import sys
from collections import Counter
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from portal import db, migrating
from portal.accounts.activations import reset_by_operator
from portal.accounts.models import Role
from portal.accounts.staff import add_staff, totp_uri
from portal.app import make_worker
from portal.cases.access import ladder_of
from portal.cases.incoming import Fate
from portal.cases.retention import sweep
from portal.cases.returned import mark_returned, reports_from
from portal.clock import now
from portal.config import LANGUAGES, Settings
from portal.demo import start as demo_start
from portal.errors import PortalError
from portal.files.evidence import check_upload
from portal.fulfilment import commands
from portal.fulfilment.commands import apply_tombstones, check_sources, collect_to_folder, draft_manifest
from portal.fulfilment.package_pages import compile_pages
from portal.fulfilment.restored import note_erased_again
from portal.review.mailbox import read_folder
from portal.rights import RIGHTS
from portal.rights.base import Proof
from portal.rights.ladder import NEVER_A_CARD, NOTE
from portal.understanding.bank import PHRASES, BankFault
from portal.understanding.commands import answer, train_weights
from portal.understanding.model import WEIGHTS
from portal.understanding.reader import Engine
from portal.verify import breaches

tombstones = AppGroup("tombstones", help="What was erased, and must stay so after a backup is put back.")
sources = AppGroup("sources", help="The data map and the databases it describes.")


def register_commands(app: Flask) -> None:
    """Give ``app`` the commands of this module."""
    commands = (upgrade_command, demo_command, worker_command, sweep_command, verify_command)
    staff_commands = (add_staff_command, reset_staff_command, read_bounces_command, read_mailbox_command)
    more = (ladder_command, check_upload_command, understand_command, train_understanding_command)
    for command in (*commands, *staff_commands, *more):
        app.cli.add_command(command)
    app.cli.add_command(sources)
    app.cli.add_command(tombstones)


def settings() -> Settings:
    """Return the settings of the running app."""
    found: Settings = current_app.extensions["portal_settings"]
    return found


@click.command("upgrade")
@with_appcontext
def upgrade_command() -> None:
    """Bring the portal's database to the newest shape."""
    migrating.upgrade(db.database().engine)


@click.command("demo")
@click.option("--no-serve", is_flag=True, help="Only prepare; start nothing.")
@click.option("--port", default=8000, show_default=True)
def demo_command(no_serve: bool, port: int) -> None:
    """Prepare the made-up Medbook with its people and staff, and serve the portal with its worker."""
    demo_start.run(serve=not no_serve, port=port)


@click.command("worker")
@click.option("--until-idle", is_flag=True, help="Stop once nothing is due.")
@with_appcontext
def worker_command(until_idle: bool) -> None:
    """Run the jobs: mails, locating, carrying out, the nightly sweep."""
    worker = make_worker(current_app._get_current_object())  # type: ignore[attr-defined]
    if until_idle:
        click.echo(f"{worker.run_until_idle()} jobs")
    else:
        compile_pages()
        worker.run_for_ever()


@click.command("sweep")
@click.option("--dry-run", is_flag=True, help="Only say what would be forgotten.")
@with_appcontext
def sweep_command(dry_run: bool) -> None:
    """Forget everything whose time has come."""
    if dry_run:
        with db.database().reader() as session:
            done = sweep(session, now(), dry_run=True)
    else:
        with db.database().writer() as session:
            done = sweep(session, now())
            vault = session.info["vault"]
            session.commit()
        for name in done.files:
            vault.delete(name)
    for kind, count in done.counts.items():
        click.echo(f"{count:6} {kind.value}")


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@with_appcontext
def verify_command(as_json: bool) -> None:
    """Check every invariant: the record, the files, the outbox, the states, the guards, what should be gone."""
    with db.database().reader() as session:
        found = list(breaches(session))
    if as_json:
        click.echo(json.dumps({"ok": not found, "breaches": found}))
    else:
        click.echo("\n".join(found) if found else "Everything holds.")
    sys.exit(1 if found else 0)


@click.command("ladder")
@with_appcontext
def ladder_command() -> None:
    """Show what each right asks as proof of identity, and what the guidelines say of a card."""
    with db.database().reader() as session:
        ladder = ladder_of(session)
    proofs = {slug: ladder.rungs.get(slug, right.proof({})) for slug, right in RIGHTS.items()}
    for slug, proof in (proofs | dict.fromkeys(NEVER_A_CARD, Proof.EMAIL)).items():
        click.echo(f"{slug:16} {proof}")
    if ladder.ever_asks_card(RIGHTS.values()):
        click.echo(f"\n{NOTE}")


@click.command("add-staff")
@click.argument("name")
@click.argument("login")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.REVIEWER.value)
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="nl")
@with_appcontext
def add_staff_command(name: str, login: str, role: str, language: str) -> None:
    """Add a member of staff; asks for the password and shows the second factor once."""
    password = getpass.getpass("Password (15 characters or more): ") if sys.stdin.isatty() else sys.stdin.readline()
    with db.database().writer() as session:
        try:
            staff, secret = add_staff(session, name, login, password.rstrip("\n"), Role(role), language)
        except PortalError as fault:
            raise click.ClickException(fault.sentence) from fault
        uri = totp_uri(session, staff, settings().controller.product)
        session.commit()
    click.echo(f"Added. Second factor, shown once: {secret}\n{uri}")


@click.command("reset-staff")
@click.argument("login")
@with_appcontext
def reset_staff_command(login: str) -> None:
    """Let the last administrator begin anew: shows a link and a code, and ends their factors and sessions."""
    with db.database().writer() as session:
        try:
            link, code = reset_by_operator(session, login)
        except PortalError as fault:
            raise click.ClickException(fault.sentence) from fault
        session.commit()
    click.echo(f"{link}\nCode: {code}. Both work for 24 hours.")


@click.command("read-bounces")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_appcontext
def read_bounces_command(folder: Path) -> None:
    """Mark the mails that came back: reads delivery reports from a Maildir or a folder, any number of times."""
    reports = reports_from(folder)
    with db.database().writer() as session:
        done = mark_returned(session, reports)
        session.commit()
    click.echo(f"{done.marked} mails marked as bounced, {done.others} reports of others")


@click.command("read-mailbox")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@with_appcontext
def read_mailbox_command(folder: Path) -> None:
    """File the mails in a Maildir or a folder of .eml files as requests, each once: run it as often as you like."""
    understanding = current_app.extensions["portal_understanding"]
    told = list(read_folder(db.database(), understanding, folder))
    for each in told:
        if each.fate in {None, Fate.NO_SENDER}:
            click.echo(f"{each.file}: {each.fault or 'no address of a sender: write it down at the desk'}", err=True)
    count = Counter(each.fate for each in told)
    left = count[Fate.NO_SENDER] + count[None]
    click.echo(f"{count[Fate.FILED]} requests filed, {count[Fate.ADDED]} mails added to requests")
    click.echo(f"{count[Fate.KNOWN]} known already, {count[Fate.AUTOMATIC]} written by machines, {left} not filed")
    sys.exit(1 if left else 0)


@click.command("check-upload")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_upload_command(files: tuple[Path, ...]) -> None:
    """Say of each file whether the portal would take it as a picture of a card: one JSON line per file."""
    for path in files:
        click.echo(json.dumps(check_upload(path), ensure_ascii=False))


@click.command("understand")
def understand_command() -> None:
    """Say what messages mean: a line {"text", "lang"} in, a line {"right", "ranking", ...} out. Needs no database."""
    engine = Engine.load()
    for line in io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace"):
        if line.strip():
            click.echo(json.dumps(answer(engine, line), ensure_ascii=False).encode())


@click.command("train-understanding")
@click.option("--cache", type=click.Path(path_type=Path, dir_okay=False), default=Path("var") / "understanding.npz")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=WEIGHTS)
@click.option("--bank", type=click.Path(path_type=Path, file_okay=False), default=PHRASES)
def train_understanding_command(cache: Path, out: Path, bank: Path) -> None:
    """Make the weights anew from the phrase bank; a few minutes."""
    try:
        count = train_weights(cache, out, bank)
    except (ImportError, BankFault) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(f"Learnt from {count} messages: {out}, {out.stat().st_size / 1e6:.1f} MB")


@tombstones.command("apply")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@with_appcontext
def tombstones_apply(dry_run: bool) -> None:
    """Erase again what a restored backup brought back; run it before the source goes back into use."""
    try:
        with db.database().reader() as session:
            again = apply_tombstones(settings(), session, dry_run=dry_run)
    except PortalError as fault:
        raise click.ClickException(fault.sentence) from fault
    with db.database().writer() as session:
        note_erased_again(session, again)
        session.commit()
    for place, rows in sorted(again.rows.items()):
        click.echo(f"{rows:6} {place}")
    if not again.rows:
        click.echo("Nothing came back.")


@sources.command("check")
@with_appcontext
def sources_check() -> None:
    """Compare the data map with the live databases; exit 1 on a fault."""
    try:
        faults = check_sources(settings())
    except commands.SOURCE_FAULTS as fault:
        raise click.ClickException(commands.told(fault)) from fault
    click.echo("\n".join(faults) if faults else "The data map fits the databases.")
    sys.exit(1 if faults else 0)


@sources.command("draft")
@click.argument("url")
@click.option("--key", default="database", show_default=True, help="The dataset's key.")
@click.option("--schema", default=None, help="The database schema of the tables, if not the default one.")
def sources_draft(url: str, key: str, schema: str | None) -> None:
    """Propose a manifest for the database at URL, from its schema alone; reads no row."""
    try:
        click.echo(draft_manifest(url, key, schema), nl=False)
    except commands.SOURCE_FAULTS as fault:
        raise click.ClickException(commands.told(fault)) from fault


@sources.command("collect")
@click.option("--email", required=True)
@click.option("--right", type=click.Choice(["access", "port"]), default="access")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="nl")
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--identity", "others", multiple=True, metavar="KIND=VALUE", help="Another value the person is found by.")
@with_appcontext
def sources_collect(email: str, right: str, language: str, out: Path, others: tuple[str, ...]) -> None:
    """Collect what a case would collect, as a folder, without a case."""
    if out.exists() and any(out.iterdir()):
        raise click.BadParameter("name a folder that is new or empty, so that no copies mix", param_hint="--out")
    identities: dict[str, tuple[str, ...]] = {}
    for each in others:
        kind, sign, value = each.partition("=")
        if not sign:
            raise click.BadParameter("write KIND=VALUE, such as phone_number=+3221234567", param_hint="--identity")
        identities[kind] = (*identities.get(kind, ()), value)
    try:
        packed = collect_to_folder(
            settings(), email=email, right=right, out=out, language=language, identities=identities
        )
    except commands.SOURCE_FAULTS as fault:
        raise click.ClickException(commands.told(fault)) from fault
    for place, rows in sorted(packed.rows.items()):
        click.echo(f"{rows:6} {place}")
    if not packed.rows:
        click.echo("Nobody was found by this address.")
    click.echo(f"Written to {out}")
