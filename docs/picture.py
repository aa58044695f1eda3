"""Draws docs/demo.svg: what `feedhub demo --exit` prints, as a terminal shows it.

python docs/picture.py
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

LINES = 44
WIDTH = 118


def main() -> None:
    """Run the demo and draw the beginning and the end of its output."""
    command = [sys.executable, "-m", "feedhub", "demo", "--exit"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line[:WIDTH].rstrip() for line in run.stdout.splitlines()]
    shown = [*lines[: LINES // 2], "  …", *lines[-LINES // 2 :], *run.stderr.splitlines()[-1:]]
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    console.print(Text("$ feedhub demo --exit", style="bold green"))
    for line in shown:
        console.print(Text(line), overflow="crop")
    drawn = console.export_svg(title="feedhub demo")
    # the template asks a stranger's server for its typeface; the reader's own will do
    drawn = re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    Path(__file__).with_name("demo.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
