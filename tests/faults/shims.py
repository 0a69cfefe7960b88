"""Libraries that change what a process is told of its machine, for LD_PRELOAD; made here from C."""

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
CAN_BUILD = shutil.which("cc") is not None


def built(name: str, folder: Path) -> Path:
    """The library of `name`.c beside this file, in `folder`."""
    shim = folder / f"{name}.so"
    build = ["cc", "-shared", "-fPIC", "-O2", "-pthread", "-o", str(shim), str(HERE / f"{name}.c"), "-ldl"]
    subprocess.run(build, check=True, timeout=60)
    return shim
