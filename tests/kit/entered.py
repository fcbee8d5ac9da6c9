"""Signing in without the page of log-in: nearly every test of a page is about another one."""

import flask
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tracker.services.people import accounts
from tracker.store.core.actors import actor_of
from tracker.store.models import User
from tracker.web.kit.access import db, now
from tracker.web.people import sign_in


def entered(app: Flask, login: str) -> FlaskClient:
    """Return a client signed in by what stands behind that page; the page itself has tests in tests/web/people."""
    client = app.test_client()
    with app.test_request_context("/login", method="POST", environ_base=client.environ_base):
        user = db().scalars(select(User).where(User.login == login, User.active)).one()
        person = actor_of(db(), user)
        accounts.record_login(
            db(), now(), user, person, accounts.throttle_keys(login, client.environ_base["REMOTE_ADDR"])
        )
        sign_in._enter(user, person)
        db().commit()
        held = dict(flask.session)
    with client.session_transaction() as cookie:
        cookie.update(held)
    return client
