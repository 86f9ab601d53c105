"""The demo's made-up people: who they are, without any database."""

from portal.demo.medbook import SHOWCASE, demo_people, planted_values

WORLD = demo_people()


def test_the_same_seed_makes_the_same_people() -> None:
    assert demo_people(60, 3).people == demo_people(60, 3).people
    assert demo_people(60, 3).people != demo_people(60, 4).people


def test_five_hundred_people_have_five_hundred_addresses() -> None:
    assert len(WORLD.people) == 500
    assert len({person.email for person in WORLD.people}) == 500
    assert [person.account_id for person in WORLD.people] == list(range(1, 501))


def test_neighbours_share_a_name_and_differ_in_one_character_of_the_address() -> None:
    assert len(WORLD.neighbours) >= 10
    for one, other in WORLD.neighbours:
        assert one.full_name == other.full_name
        assert len(one.email) == len(other.email)
        assert sum(left != right for left, right in zip(one.email, other.email, strict=True)) == 1


def test_no_name_or_address_stands_inside_another() -> None:
    names = sorted({person.full_name.lower() for person in WORLD.people})
    boxes = [person.email for person in WORLD.people]
    for values in (names, boxes):
        joined = "\n".join(values)
        assert [value for value in values if joined.count(value) > 1] == []


def test_every_address_is_one_that_nobody_can_own() -> None:
    for person in (*WORLD.people, WORLD.contact):
        for address in filter(None, (person.email, person.former_email)):
            assert address.endswith(("@example.com", "@example.org", "@hospital.example.org"))


def test_each_right_has_a_person_of_its_own_in_four_languages() -> None:
    assert list(WORLD.shown) == ["access", "rectify", "withdraw", "port", "erase", "restrict", "object"]
    assert {person.language for person in WORLD.shown.values()} == {"nl", "fr", "de", "en"}
    assert {person.country for person in WORLD.shown.values()} >= {"BE", "NL"}
    assert all(person.wealth == 3 for person in WORLD.shown.values())
    assert (WORLD.ada.full_name, WORLD.ada.email) == ("Lies Janssens", "lies.janssens@example.com")
    assert (*WORLD.shown.values(), WORLD.contact) == SHOWCASE


def test_two_people_changed_their_address_within_the_last_month() -> None:
    assert sum(person.moved for person in WORLD.people) == 2
    assert all(person.former_email for person in WORLD.people if person.moved)


def test_some_people_have_almost_nothing_and_some_are_written_in_other_letters() -> None:
    assert sum(person.wealth == 0 for person in WORLD.people) >= 20
    names = " ".join(person.full_name for person in WORLD.people)
    for letter in ("Ż", "Ó", "Ø", "О", "ل", "李", "'", "’", "ß"):
        assert letter in names


def test_planted_values_are_each_persons_own() -> None:
    assert planted_values(WORLD.ada)[:2] == ["Lies Janssens", "lies.janssens@example.com"]
    assert isinstance(planted_values(WORLD.ada)[-1], bytes)
    photos = [planted_values(person)[-1] for person in WORLD.shown.values()]
    assert len(set(photos)) == len(photos)
