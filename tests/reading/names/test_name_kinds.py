"""What sort of name a printed name is."""

import pytest

from tracker.reading.names.likeness import kind_of
from tracker.reading.plan import NameKind


@pytest.mark.parametrize("name", ["市市场监管局", "市市政公用局", "区区划地名办", "市工业和信息化局", "县乡村振兴局"])
def test_a_level_followed_by_a_name_of_the_same_character_is_one_body(name: str) -> None:
    assert kind_of(name) is NameKind.UNIT


@pytest.mark.parametrize("name", ["市县人民政府", "各县〔市〕区政府", "市、县人民政府", "各开发区管委会"])
def test_levels_side_by_side_are_many_bodies(name: str) -> None:
    assert kind_of(name) is NameKind.GROUP


@pytest.mark.parametrize("name", ["各有关部门", "市直有关部门", "各成员单位"])
def test_a_name_that_names_nobody_is_for_a_person_to_answer(name: str) -> None:
    assert kind_of(name) is NameKind.COLLECTIVE
