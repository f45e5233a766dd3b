"""The floor: the least that a Flask application can do with a POST, on the same server."""

from flask import Flask, Response

app = Flask(__name__)


@app.get("/gezond")
def health() -> str:
    """So that the measurement knows that it runs."""
    return "ok"


@app.post("/")
def bare() -> Response:
    """Nothing but an answer."""
    return Response(status=303, headers={"Location": "/"})
