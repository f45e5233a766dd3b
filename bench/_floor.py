"""The floor: the least that a Flask application can do with a form sent by POST, on the same server."""

from flask import Flask, Response, request

app = Flask(__name__)


@app.get("/gezond")
def health() -> str:
    """So that the measurement knows that it runs."""
    return "ok"


@app.post("/")
def bare() -> Response:
    """Read the form, and answer."""
    request.form.get("choice")
    return Response(status=303, headers={"Location": "/"})
