"""duties"""

from flask import Blueprint

duties = Blueprint("duties", __name__, url_prefix="/duties")


@duties.get("/")
def index() -> str:
    return "duties"
