"""mailbox"""

from flask import Blueprint

mailbox = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@mailbox.get("/")
def index() -> str:
    return "mailbox"
