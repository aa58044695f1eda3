"""What comes with the program beside its code: an example configuration, the invented newsroom, lists of feeds."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path | None:
    """Return the file or folder of that name, in an installation or a checkout; None where it is not there."""
    places = (_PACKAGE / name, _PACKAGE.parent / name)
    return next((place for place in places if place.exists()), None)


def starter_lists() -> dict[str, Path]:
    """Return the OPML lists of real public feeds by name: `asia`, `business`, ..."""
    folder = shipped("seeds")
    return {} if folder is None else {path.stem: path for path in sorted(folder.glob("*.opml"))}
