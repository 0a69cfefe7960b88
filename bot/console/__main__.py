"""`python -m bot.console docs/api/console.json` writes the document of the console's calls; `make openapi` does."""

import json
import sys
from pathlib import Path

from bot.console.calls import CALLS
from bot.console.openapi import document

if __name__ == "__main__":
    text = json.dumps(document(CALLS), ensure_ascii=False, indent=1) + "\n"
    Path(sys.argv[1]).write_text(text, encoding="utf-8")
