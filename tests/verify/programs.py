"""The program in Python with which anybody counts a vote again."""

import importlib.util
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "vng_alv" / "static" / "verify"

Bundle = dict[str, Any]


def in_python(files: list[Bundle]) -> list[list[str]]:
    """What the program in Python finds wrong in each file."""
    spec = importlib.util.spec_from_file_location("verify", FOLDER / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    return [program.Check(json.loads(json.dumps(file))).run().faults for file in files]
