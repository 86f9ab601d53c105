"""Words about somebody who died are known in four languages, and those of a doctor about a patient are not taken so."""

import pytest

from portal.intake.bereaved import is_about_the_dead


@pytest.mark.parametrize(
    "words",
    [
        "Mijn zoon is overleden, kunnen jullie zijn account sluiten",
        "onze collega dr. Peeters is vorige week gestorven. wat met zijn portfolio?",
        "Ik ben de weduwe van een arts die bij u een account had.",
        "mon mari est décédé",
        "Ma femme est morte en mars, merci de fermer son compte",
        "Suite au décès de ma mère, je souhaite supprimer ses données",
        "meine Mutter ist verstorben",
        "Mein Vater ist im Mai gestorben. Bitte löschen Sie sein Konto.",
        "my father died",
        "Please close the account of my late husband, my mail is x@example.org",
        "My colleague passed away. Please delete her data, and answer to my mail.",
    ],
)
def test_who_writes_of_their_dead_is_heard(words: str) -> None:
    assert is_about_the_dead(words)


@pytest.mark.parametrize(
    "words",
    [
        "Mijn patiënt is overleden en het logboek klopt niet",
        "Het overlijden van een patiënt staat twee keer in mijn dossier",
        "Stuur het mijn collega, ik kan wachten tot maandag",
        "Le patient est décédé, l'évaluation est fausse",
        "Mein Patient ist verstorben, der Eintrag ist falsch",
        "Ich warte bis meine Kollegin kommt",
        "The father of my patient died, I wrote a case report on it",
        "My father died in March and my data say that I was at work",
        "My colleague answered too late",
        "My son wants his data",
        "Delete everything",
        "",
    ],
)
def test_who_writes_of_something_else_is_not_condoled(words: str) -> None:
    assert not is_about_the_dead(words)
