"""One target under atheris: `one.py TARGET [libFuzzer's words …]`."""

import sys

import atheris

with atheris.instrument_imports(include=["bot", "targets"]):
    from targets import TARGETS

if __name__ == "__main__":
    if sys.argv[1] == "--list":
        print("\n".join(TARGETS))
        sys.exit()
    atheris.Setup([sys.argv[0], *sys.argv[2:]], TARGETS[sys.argv[1]])
    atheris.Fuzz()
