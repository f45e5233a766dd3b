"""The scene on a template: making it takes longer than most tests that look at it."""

import pickle
import shutil
import time
import uuid
from pathlib import Path

from tests.conftest import settings_for
from tests.databases import Databases
from tests.web.site import Scene
from tests.web.site import scene as make_scene
from vng_alv import db
from vng_alv.app import connect
from vng_alv.signing import service as signing

#: A scene has deadlines an hour ahead and was "just now"; after so many seconds another one is made.
FRESH = 300


class Scenes:
    """The newest scene of an engine: the template with its rows, the key that signs in it, and what names its rows."""

    def __init__(self, databases: Databases, scratch: Path) -> None:
        # Each folder of tests that asks for scenes has its own.
        self.own = f"scene_{uuid.uuid4().hex[:8]}"
        self.databases, self.folder = databases, scratch / self.own
        self.number, self.made_at = 0, float("-inf")
        self.kept = b""

    @property
    def _template(self) -> str:
        return f"{self.own}_{self.number}"

    def name(self, data: Path) -> str:
        """The template to copy, for a site on this data folder."""
        if time.monotonic() - self.made_at > FRESH:
            self._make()
        shutil.copytree(signing.place("", self.folder).folder, signing.place("", data).folder)
        return self._template

    def scene(self) -> Scene:
        """What names the rows, for one test to do with as it likes."""
        found: Scene = pickle.loads(self.kept)
        return found

    def _make(self) -> None:
        if self.number:
            self.databases.forget(self._template)
        self.number += 1
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()

        def fill(url: str) -> bytes:
            connect(settings_for(url, self.folder))
            with db.transaction():
                signing.prepare(signing.place("", self.folder), None)
            return pickle.dumps(make_scene())

        self.kept = self.databases.fill(self._template, fill, "empty")
        self.made_at = time.monotonic()
