"""What lies on disk is its owner's alone, whatever the umask, and no link that lies in the way is followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from commands import NOW, Desk, item

from feedhub.private_files import create_part, create_private, publish_part, sweep_parts

ITEMS = b'{"id": "a", "title": "Ferry aground off Selm", "text": "A ferry ran aground."}\n'


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(params=[0o000, 0o077], ids=["umask 000", "umask 077"])
def umask(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def desk(tmp_path: Path, umask: int) -> Desk:
    """Commands inherit our umask."""
    made = Desk(tmp_path)
    made.configure(made.file("paper", item("1", "Ferry aground off Selm")))
    return made


def run(desk: Desk, umask: int, *arguments: str) -> None:
    before = os.umask(umask)
    try:
        done = desk.run(*arguments, fresh=True)
    finally:
        os.umask(before)
    assert done.code == 0, done.err


def test_database_and_backups_are_for_their_owner_alone(desk: Desk, umask: int) -> None:
    run(desk, umask, "once", "--all", "--now", NOW)
    run(desk, umask, "db", "backup", "kept.db")
    for name in ("feedhub.db", "feedhub.db-polling", "kept.db"):
        assert mode(desk.folder / name) == 0o600, name
    assert "others may read it" not in desk.run("check").err


def test_what_is_published_is_written_as_the_umask_or_its_owner_says(desk: Desk, umask: int) -> None:
    public = desk.folder / "public"
    public.mkdir()
    (public / "all.atom").write_text("old")
    (public / "all.atom").chmod(0o640)
    run(desk, umask, "once", "--all", "--now", NOW, "--out", "public")
    assert mode(public / "all.atom") == 0o640
    assert "Ferry aground" in (public / "all.atom").read_text()
    new = [path for path in public.iterdir() if path.name != "all.atom"]
    assert {mode(path) for path in new} == {0o666 & ~umask}


def test_a_database_that_others_may_read_is_told(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground off Selm")))
    assert desk.run("once", "--all", "--now", NOW).code == 0
    (tmp_path / "feedhub.db").chmod(0o644)
    done = desk.run("check")
    assert done.code == 0
    assert "feedhub.db: others may read it, and it holds secrets; chmod 600" in done.err
    told = desk.run("check", "--json").json
    assert "feedhub.db: others may read it" in told["warnings"][0]
    # what keeps the parsers in is said beside it
    assert all(name in done.out for name in told["sandbox"])


@pytest.mark.parametrize("name", [".out.jsonl.part", ".all.atom.1.part", ".kept.db.part"])
def test_a_link_in_the_way_of_a_part_is_not_followed(tmp_path: Path, name: str) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground off Selm")))
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / name).symlink_to(victim)
    (tmp_path / "items.jsonl").write_bytes(ITEMS)
    assert desk.run("once", "--all", "--now", NOW, "--out", ".").code == 0
    assert desk.run("dedupe", "items.jsonl", "-o", "out.jsonl").code == 0
    assert desk.run("db", "backup", "kept.db").code == 0
    assert victim.read_text() == "precious"


def test_a_private_file_is_created_and_never_opened(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "taken").write_text("precious")
    for name in ("dangling", "taken"):
        with pytest.raises(FileExistsError):
            create_private(tmp_path / name)
    assert not (tmp_path / "elsewhere").exists()


def test_parts_are_private_until_they_take_their_place(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        part, other = create_part(tmp_path / "feed"), create_part(tmp_path / "feed")
        assert part != other
        assert mode(part) == 0o600
        publish_part(part, tmp_path / "feed")
        assert mode(tmp_path / "feed") == 0o666 & ~umask
    finally:
        os.umask(before)


def test_only_parts_of_ours_that_nobody_writes_are_swept(tmp_path: Path) -> None:
    stale, fresh = create_part(tmp_path / "feed"), create_part(tmp_path / "feed")
    others = [tmp_path / ".feed.mine.part", tmp_path / ".feeds.12ab.part", tmp_path / ".feed.12ab.part.bak"]
    for path in (stale, *others):
        path.touch()
        os.utime(path, (0, 0))
    sweep_parts(tmp_path / "feed")
    assert not stale.exists()
    assert all(path.exists() for path in (fresh, *others))
