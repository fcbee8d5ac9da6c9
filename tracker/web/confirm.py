"""confirm"""

from flask import Blueprint

confirm = Blueprint("confirm", __name__, url_prefix="/confirm")


@confirm.get("/")
def index() -> str:
    return "confirm"
