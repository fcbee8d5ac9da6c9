"""reviews"""

from flask import Blueprint

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")


@reviews.get("/")
def index() -> str:
    return "reviews"
