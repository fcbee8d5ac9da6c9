"""A number no row can have, put into an address or a query, finds nothing: it breaks no page."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.kit.world import World

ClientFor = Callable[[str], FlaskClient]
TOO_LARGE = (2**31, 10**20)


@pytest.mark.parametrize("number", TOO_LARGE)
def test_an_address_with_a_number_no_row_has_is_not_found(
    app: Flask, draft: World, client_for: ClientFor, number: int
) -> None:
    numbered = [r for r in app.url_map.iter_rules() if "<int:" in r.rule and "GET" in (r.methods or ())]
    addresses = [re.sub(r"<int:\w+>", str(number), r.rule) for r in numbered]
    tried = [address for address in addresses if "<" not in address]
    assert len(tried) > 20
    boss = client_for("supervisor")
    for address in tried:
        assert boss.get(address).status_code == 404, address


QUERIES = (
    "/cases/?type=", "/cases/?duty=", "/cases/?unit=", "/cases/?accused=", "/duties/?document=", "/duties/?unit=",
    "/duties/?jurisdiction=", "/documents/?jurisdiction=", "/units/?jurisdiction=", "/dashboard/?jurisdiction=",
    "/dashboard/?document=", "/calendars/?place=", "/calendars/?year=", "/case-types/?jurisdiction=",
    "/cases/import?type=", "/sources/new?document=", "/mails/failed/?page=", "/reviews/?page=", "/duties/?page=",
)  # fmt: skip


@pytest.mark.parametrize("number", TOO_LARGE)
def test_a_query_with_a_number_no_row_has_breaks_no_page(draft: World, client_for: ClientFor, number: int) -> None:
    boss = client_for("supervisor")
    answers = {address: boss.get(f"{address}{number}").status_code for address in QUERIES}
    assert set(answers.values()) <= {200, 302, 404}, answers
