"""Scripts of locked packages, made ready for browsers without a bundler: each module under a name that holds its hash,
with the addresses of the modules that it imports in it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

#: A line that imports: what stands before the name of the module, and that name.
_IMPORT = re.compile(r"""^((?:import|export)\b(?:[^;'"]*?\bfrom)?\s*)(["'])([^"']+)\2""", re.MULTILINE)
#: What a browser needs not have: comments for people, and imports of nothing, which only lead in a circle.
_LEFT_OUT = re.compile(
    r"^[ \t]*/\*\*(?:[^*]|\*(?!/))*\*/[ \t]*\n|^//# sourceMappingURL.*\n?|^import \{\} from .*\n", re.MULTILINE
)
_SCRIPT = re.compile(r"""^(?:import|export)\b[^;'"]*?["'][^./]""", re.MULTILINE)


class Modules:
    """The modules that our own scripts import, directly or through others; each is published once."""

    def __init__(self, packages: Path, publish: Callable[[str, bytes], str]) -> None:
        self.packages = packages
        self.publish = publish
        #: Logical to built names.
        self.manifest: dict[str, str] = {}
        self._done: dict[Path, str] = {}
        self._under_way: set[Path] = set()

    def linked(self, script: str) -> str:
        """One of our own scripts, with the addresses of what it imports from packages. Raises ``LookupError``."""
        if not _SCRIPT.search(script):
            return script
        return _IMPORT.sub(lambda m: f'{m[1]}"../{self._built(self._found(m[3], self.packages))}"', script)

    def _built(self, path: Path) -> str:
        """The name under which a module is published, after all that it imports."""
        if path not in self._done:
            if path in self._under_way:
                raise LookupError(f"{path} imports itself, through others")
            self._under_way.add(path)
            source = _LEFT_OUT.sub("", path.read_text("utf-8"))
            linked = _IMPORT.sub(lambda m: f'{m[1]}"./{Path(self._built(self._found(m[3], path))).name}"', source)
            name = path.relative_to(self.packages).as_posix().replace("/dist/", "/")
            name = "modules/" + name.replace("node_modules/", "").replace("@", "").replace("/", "-")
            self._done[path] = self.manifest[name] = self.publish(name, (self._licence(path) + linked).encode())
        return self._done[path]

    def _found(self, name: str, by: Path) -> Path:
        """The file of a module that is imported by another one: beside it, or in the nearest package of that name."""
        if name.startswith("."):
            return (by.parent / name).resolve()
        parts = name.split("/")
        package, rest = ("/".join(parts[:2]), parts[2:]) if name.startswith("@") else (parts[0], parts[1:])
        for folder in (by, *by.parents):
            here = folder / package if folder.name == "node_modules" else folder / "node_modules" / package
            if here.is_dir():
                return (here / "/".join(rest) if rest else here / self._main(here)).resolve()
            if folder == self.packages:
                break
        raise LookupError(f"{name} is missing: run ./run setup.")

    @staticmethod
    def _main(package: Path) -> str:
        about = json.loads((package / "package.json").read_text("utf-8"))
        return str(about["main"])

    @staticmethod
    def _licence(path: Path) -> str:
        """What has to stand with a copy of it."""
        package = next(folder for folder in path.parents if (folder / "package.json").is_file())
        about = json.loads((package / "package.json").read_text("utf-8"))
        head = f"{about['name']} {about['version']}"
        return f"/*! {head}\n{(package / 'LICENSE').read_text('utf-8').strip()}\n*/\n"
