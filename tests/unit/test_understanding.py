"""Free text with the shipped weights: messages that were never learnt, and everything else a person may type."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.understanding import CLASSES, RIGHTS, ROUTES, Hints, absent, load
from portal.understanding.bank import load_bank
from portal.understanding.commands import answer
from portal.understanding.labels import class_of
from portal.understanding.model import WEIGHTS, learnt_from, load_head, save_head
from portal.understanding.reader import Engine, Reader
from portal.understanding.text import LONGEST, message

UNSEEN = Path(__file__).parents[1] / "support" / "unseen.tsv"
"""Messages that stand in no bank: language, label, slice, text."""


def unseen() -> Iterator[tuple[str, str, str]]:
    for line in UNSEEN.read_text(encoding="utf-8").splitlines():
        language, label, _slice, text = line.split("\t")
        yield language, label, text


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load()


def test_messages_never_learnt_are_understood(engine: Engine) -> None:
    first, second, shown, idle = 0, 0, 0, 0
    asked = list(unseen())
    for language, label, text in asked:
        meant, read = class_of(label), [name for name, _score in engine.read(text, language).ranking]
        first += read[0] == meant
        second += meant in read[:2]
        idle += meant not in RIGHTS
        shown += meant not in RIGHTS and read[0] in RIGHTS
    assert first >= 0.9 * len(asked), first / len(asked)
    assert second >= 0.97 * len(asked), second / len(asked)
    assert shown <= 0.08 * idle, shown / idle


def test_no_message_of_the_test_is_in_the_bank() -> None:
    learnt = {phrase.text.casefold() for phrase in load_bank()}
    assert {text for _language, _label, text in unseen() if text.casefold() in learnt} == set()


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("niet wissen, gewoon even blokkeren", "restrict"),
        ("Ne supprimez rien, je veux seulement une copie de mon dossier.", "access"),
        ("Löschen Sie bitte nur meine Einwilligung.", "withdraw"),
        ("keep my account but stop the newsletter", "object"),
        ("GOOI MIJN ACCOUNT WEG", "erase"),
    ],
)
def test_a_word_of_another_right_does_not_mislead(engine: Engine, text: str, right: str) -> None:
    assert engine.read(text, "").ranking[0][0] == right


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("ik kan niet inloggen", "login"),
        ("comment ajouter un superviseur ?", "helpdesk"),
        ("I want to see the file of my wife", "others"),
        ("hallo, ich habe eine Frage", "vague"),
        ("مرحبا أريد حذف بياناتي", "vague"),
        ("Удалите мои данные", "vague"),
        ("Ik wil een klacht indienen", "complaint"),
    ],
)
def test_what_is_no_right_says_where_to_go(engine: Engine, text: str, route: str) -> None:
    assert engine.read(text, "").route == route


@pytest.mark.parametrize(
    ("gone", "sent"),
    [
        ("Gooi al mijn facturen weg", "Mail mij nog eens de factuur van april"),
        ("Supprimez toutes mes factures", "Renvoyez-moi la facture d'avril"),
        ("Bitte alle meine Rechnungen löschen", "Schicken Sie mir die Rechnung vom April noch einmal"),
        ("Please remove all my invoices", "Please send me the invoice for April again"),
    ],
)
def test_a_named_thing_that_must_go_is_no_question_for_the_helpdesk(engine: Engine, gone: str, sent: str) -> None:
    assert engine.read(gone, "").ranking[0][0] == "erase"
    assert engine.read(sent, "").route == "helpdesk"


def test_a_right_has_no_route(engine: Engine) -> None:
    assert engine.read("verwijder mijn account", "nl").route == ""


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("Stuur me eerst een kopie van alles en verwijder daarna mijn account.", ("access", "erase")),
        ("Corrigez mon adresse. Et arrêtez de m'envoyer la newsletter.", ("rectify", "object")),
        ("delete my account", ()),
        ("Send me a copy of my data but delete my account.", ("access", "erase")),
        ("Verbeter mijn adres, stuur me geen reclame meer", ("rectify", "object")),
        ("Verwijder niets, stuur mij een kopie van mijn gegevens", ()),
        ("Verwijder niets maar stuur mij een kopie van mijn gegevens", ()),
        ("Delete nothing, but send me a copy of my data.", ()),
        ("Ne supprimez rien, mais envoyez-moi une copie de mes données.", ()),
        ("Löschen Sie nichts, aber schicken Sie mir eine Kopie meiner Daten.", ()),
        ("Bis das geklärt ist, dürft ihr nichts anfassen, aber bitte auch nicht löschen", ()),
        ("I want a copy and don't want anything deleted", ()),
        ("corrigez mon nom, et ne supprimez rien d'autre", ()),
        ("effacez ce qui n'est plus nécessaire et envoyez-moi une copie", ("erase", "access")),
        ("send me a copy of my invoices and then delete my portfolio. mail me at a@b.be", ("access", "erase")),
    ],
)
def test_several_rights_at_once_are_named_in_order(engine: Engine, text: str, rights: tuple[str, ...]) -> None:
    assert engine.read(text, "").several == rights


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("stop the newsletter and give me a copy of everything", {"object": ("marketing",), "access": ("everything",)}),
        (
            "Stuur een kopie van mijn facturen en verwijder daarna mijn stageverslagen",
            {"access": ("contract", "administration"), "erase": ("account",)},
        ),
        (
            "Arrêtez la newsletter et donnez-moi une copie de toutes mes données.",
            {"object": ("marketing",), "access": ("everything",)},
        ),
        (
            "Geben Sie mir eine Kopie meiner Rechnungen und löschen Sie danach alles",
            {"access": ("contract", "administration"), "erase": ("everything",)},
        ),
    ],
)
def test_each_of_several_rights_keeps_what_its_own_part_names(
    engine: Engine, text: str, sides: dict[str, tuple[str, ...]]
) -> None:
    read = engine.read(text, "").sides
    assert {right: told.activities or ("everything",) * told.everything for right, told in read} == sides


def test_of_a_long_part_the_words_far_from_the_cut_name_something_too(engine: Engine) -> None:
    text = f"My invoices: {'please ' * 30} send me a copy of them, and then delete my portfolio"
    assert dict(engine.read(text, "").sides)["access"].activities == ("contract", "administration")


ODD = [
    "",
    "   ",
    "?!…",
    "🙂",
    "🙂🙂 wissen 🙂",
    "\x00\x07\ud800",
    "x" * 100_000,
    "wis mijn account. " * 5_600,
    "quiero borrar mi cuenta",
    "我想删除我的账户",
    "أريد حذف حسابي",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }} ' OR 1=1 --",
    "a" + "\u0301" * 5_000,
]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_whatever_is_typed_gets_a_whole_ranking(engine: Engine, text: str) -> None:
    reading = engine.read(text, "nl")
    assert {name for name, _score in reading.ranking} == set(CLASSES)
    scores = [score for _name, score in reading.ranking]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=1e-4)
    assert reading.route in {"", "complaint", *ROUTES}
    assert (reading.route == "") is (reading.ranking[0][0] in RIGHTS)


def test_silence_asks_for_no_right(engine: Engine) -> None:
    assert engine.read(" … ", "fr").ranking[0] == ("none", 1.0)


def test_another_language_than_the_page_changes_nothing(engine: Engine) -> None:
    assert engine.read("delete my account", "nl") == engine.read("delete my account", "")


def test_both_ends_of_a_very_long_message_are_read() -> None:
    whole = message("begin " + "x " * 100_000 + "einde").whole
    assert whole.startswith("begin")
    assert whole.endswith("einde")
    assert len(whole) <= LONGEST + 1


def test_threads_read_as_one_does(engine: Engine) -> None:
    texts = [text for _language, _label, text in unseen()][:40]
    alone = [engine.read(text, "") for text in texts]
    together: dict[int, list[object]] = {}

    def read(number: int) -> None:
        together[number] = [engine.read(text, "") for text in texts]

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(together.values()) == [alone] * 4


def test_the_encoder_loads_in_the_background() -> None:
    reader = Reader()
    assert reader.read("verwijder mijn account", "nl") is None
    loading = reader.start()
    assert loading is reader.start()
    loading.join()
    assert reader.ready()
    reading = reader.read("verwijder mijn account van jan@example.org", "nl")
    assert reading is not None
    assert reading.ranking[0][0] == "erase"
    assert reading.hints == Hints(("account",), "jan@example.org")


def test_whoever_asks_first_makes_it_load() -> None:
    reader = Reader()
    assert reader.ready() is False
    reader.start().join()
    assert reader.ready()


def test_a_message_that_comes_too_early_makes_it_load_for_the_next() -> None:
    reader = load(at_once=False)
    assert isinstance(reader, Reader)
    assert reader.read("delete my account", "en") is None
    assert reader.started
    reader.start().join()
    found = reader.read("delete my account", "en")
    assert found is not None
    assert found.ranking[0][0] == "erase"


@pytest.mark.parametrize("content", [b"", b"not weights", None])
def test_without_weights_people_choose_by_button(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "weights.npz"
    if content is not None:
        path.write_bytes(content)
    reader = Reader(path)
    reader.start().join()
    assert reader.ready() is False
    assert reader.read("verwijder mijn account", "nl") is None
    assert load(path).ready() is False


def test_an_absent_understanding_never_guesses() -> None:
    assert absent().ready() is False
    assert absent().read("verwijder mijn account", "nl") is None


def test_weights_are_kept_as_they_were(tmp_path: Path) -> None:
    head, path = load_head(), tmp_path / "again.npz"
    save_head(head, "some bank", path)
    again = load_head(path)
    assert (again.pieces == head.pieces).all()
    assert (again.rarity == head.rarity).all()
    assert (again.words.points == head.words.points).all()
    assert (again.meaning.points == head.meaning.points).all()
    assert learnt_from(path) == "some bank"


def test_the_weights_are_small_enough_to_ship() -> None:
    assert WEIGHTS.stat().st_size < 3_500_000


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no text"),
        ("{}", "no text"),
        ('{"text": null}', "no text"),
        ('{"text": 5, "lang": "nl"}', "no text"),
    ],
)
def test_a_bad_line_gets_an_error_and_no_crash(engine: Engine, line: str, error: str) -> None:
    assert answer(engine, line) == {"error": error}


@pytest.mark.parametrize("rest", ["", ', "lang": null', ', "lang": "xx"', ', "lang": 7', ', "more": true'])
def test_a_line_may_lack_its_language(engine: Engine, rest: str) -> None:
    assert answer(engine, f'{{"text": "supprimez mon compte"{rest}}}')["right"] == "erase"


def test_an_answer_is_json(engine: Engine) -> None:
    for text in ODD:
        again = json.loads(json.dumps(answer(engine, json.dumps({"text": text}))))
        assert again["right"] == again["ranking"][0][0]
