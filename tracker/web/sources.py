"""sources"""

from flask import Blueprint

sources = Blueprint("sources", __name__, url_prefix="/sources")


@sources.get("/")
def index() -> str:
    return "sources"
