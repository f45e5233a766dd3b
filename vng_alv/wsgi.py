"""What the web server loads."""

import os

from config import load
from vng_alv.app import create_app

app = create_app(load(production=os.environ.get("ALV_PRODUCTION") == "1"))
