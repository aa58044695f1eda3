"""What lies on disk is its owner's alone, whatever the umask, and no link that lies in the way is followed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from commands import NOW, Desk, item

from feedhub.errors import EnvironmentFailed
from feedhub.private_files import Part, create_private, follow_own_links, sweep_parts, write_private
from feedhub.story_index import Index

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
        done = desk.run(*arguments)
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
        part, other = Part(tmp_path / "feed"), Part(tmp_path / "feed")
        assert part.path != other.path
        assert mode(part.path) == 0o600
        part.publish()
        other.discard()
        assert mode(tmp_path / "feed") == 0o666 & ~umask
        assert os.listdir(tmp_path) == ["feed"]
    finally:
        os.umask(before)


@pytest.mark.parametrize("planted", ["link", "hard link"])
@pytest.mark.parametrize("when", ["before it is written", "once it is written", "once it is closed"])
def test_what_takes_the_name_of_a_part_is_neither_written_nor_published(
    tmp_path: Path, planted: str, when: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    victim.chmod(0o600)
    (tmp_path / "public").mkdir()
    part = Part(tmp_path / "public" / "feed")

    def plant() -> None:
        part.path.unlink()
        if planted == "link":
            part.path.symlink_to(victim)
        else:
            part.path.hardlink_to(victim)

    if when == "before it is written":
        plant()
    part.file.write(b"ours")
    if when == "once it is written":
        plant()
    part.finish()
    if when == "once it is closed":
        plant()
    with pytest.raises(OSError, match="another process put"):
        part.publish()
    part.discard()
    assert victim.read_text() == "precious"
    assert mode(victim) == 0o600
    assert not list((tmp_path / "public").iterdir())


@pytest.mark.parametrize("write", ["publish", "write_private"])
def test_a_file_has_the_mode_of_what_it_replaces_but_never_that_of_what_a_link_leads_to(
    tmp_path: Path, write: str
) -> None:
    victim = tmp_path / "program"
    victim.write_text("precious")
    victim.chmod(0o4777)
    (tmp_path / "feed").symlink_to(victim)
    (tmp_path / "other").write_text("old")
    (tmp_path / "other").chmod(0o4751)
    before = os.umask(0o022)
    try:
        for name, expected in (("feed", 0o644), ("other", 0o640)):
            if write == "publish":
                Part(tmp_path / name).publish()
            else:
                write_private(tmp_path / name, b"")
                expected = 0o600
            assert mode(tmp_path / name) == expected
            assert not (tmp_path / name).is_symlink()
    finally:
        os.umask(before)
    assert mode(victim) == 0o4777


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make links of others")
def test_a_link_that_a_stranger_put_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    for name, owner in (("mine", 0), ("theirs", 12345)):
        (tmp_path / name).symlink_to("victim")
        os.lchown(tmp_path / name, owner, owner)
    (tmp_path / "chain").symlink_to("theirs")
    (tmp_path / "round").symlink_to("round")
    assert follow_own_links(tmp_path / "mine") == victim
    for name in ("theirs", "chain"):
        with pytest.raises(PermissionError, match="another user made"):
            follow_own_links(tmp_path / name)
        with pytest.raises(EnvironmentFailed, match="another user made"):
            Index(tmp_path / name)
    with pytest.raises(OSError, match="levels"):
        follow_own_links(tmp_path / "round")
    # whoever owns the folder may link from it wherever he likes
    os.chown(tmp_path, 12345, 12345)
    assert follow_own_links(tmp_path / "theirs") == victim


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make links of others")
def test_commands_write_through_links_of_ours_alone(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.configure(desk.file("paper", item("1", "Ferry aground off Selm")))
    (tmp_path / "items.jsonl").write_bytes(ITEMS)
    (tmp_path / "elsewhere").mkdir()
    for name, target in (("out", "elsewhere"), ("rows.csv", "elsewhere/rows.csv")):
        (tmp_path / name).symlink_to(target)
        os.lchown(tmp_path / name, 12345, 12345)
    for arguments in (("once", "--all", "--now", NOW, "--out", "out"), ("dedupe", "items.jsonl", "-o", "rows.csv")):
        done = desk.run(*arguments)
        assert done.code == 5, done
        assert "is a link that another user made; name the file itself" in done.err
    assert not list((tmp_path / "elsewhere").iterdir())
    for name in ("out", "rows.csv"):
        os.lchown(tmp_path / name, 0, 0)
    assert desk.run("once", "--all", "--now", NOW, "--out", "out").code == 0
    assert desk.run("dedupe", "items.jsonl", "-o", "rows.csv").code == 0
    assert (tmp_path / "elsewhere/rows.csv").read_text().startswith("id,")
    assert (tmp_path / "elsewhere/all.atom").exists()


def test_only_parts_of_ours_that_nobody_writes_are_swept(tmp_path: Path) -> None:
    parts = [Part(tmp_path / "feed"), Part(tmp_path / "feed")]
    for part in parts:
        part.finish()
    stale, fresh = (part.path for part in parts)
    others = [tmp_path / ".feed.mine.part", tmp_path / ".feeds.12ab.part", tmp_path / ".feed.12ab.part.bak"]
    for path in (stale, *others):
        path.touch()
        os.utime(path, (0, 0))
    sweep_parts(tmp_path / "feed")
    assert not stale.exists()
    assert all(path.exists() for path in (fresh, *others))
