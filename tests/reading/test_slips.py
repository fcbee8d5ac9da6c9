"""Slips of a source are shown, never merged."""

import pytest

import config
from tracker.reading.extraction import read
from tracker.reading.slips import Printed, possible_slips


def test_two_names_with_one_telephone_that_differ_by_a_character_may_be_one_person() -> None:
    contacts = [
        Printed("殷义勇", ("2216055",), "3"),
        Printed("岐义勇", ("2216055",), "14"),
        Printed("王磊", ("1",), "3"),
    ]
    (slip,) = possible_slips(contacts)
    assert slip.phone == "2216055"
    assert slip.names == (("殷义勇", ("3",)), ("岐义勇", ("14",)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Printed("殷义勇", ("1",), "3"), Printed("岐义勇", ("2",), "4")),  # two telephones
        (Printed("殷义勇", ("1",), "3"), Printed("殷义勇", ("1",), "4")),  # the same person twice
        (Printed("王磊", ("1",), "3"), Printed("李娜", ("1",), "4")),  # two people of one office
        (Printed("王磊", ("1",), "3"), Printed("王小磊", ("1",), "4")),
    ],
)
def test_other_pairs_are_no_slip(first: Printed, second: Printed) -> None:
    assert possible_slips([first, second]) == []


def test_the_compilation_prints_one_person_under_two_names() -> None:
    text = (config.ROOT / "seeds" / "documents" / "anshan-policy-compilation.txt").read_text("utf-8")
    contacts = [
        Printed(c.name, c.phones, m.key)
        for plan in read(text).plans
        for m in plan.measures
        for i in m.items
        for c in i.contacts
        if c.name
    ]
    names = {name for slip in possible_slips(contacts) for name, _ in slip.names}
    assert {"殷义勇", "岐义勇"} <= names
