"""units"""

from flask import Blueprint

units = Blueprint("units", __name__, url_prefix="/units")


@units.get("/")
def index() -> str:
    return "units"
