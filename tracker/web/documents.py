"""documents"""

from flask import Blueprint

documents = Blueprint("documents", __name__, url_prefix="/documents")


@documents.get("/")
def index() -> str:
    return "documents"
