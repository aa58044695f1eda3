"""The image and both compose files, as far as a machine without a container engine can try them: what they run."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import ROOT, Desk, ended, until
from daemons import free_port

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "deploy").glob("compose*.yaml")
}


def instruction(name: str) -> str:
    """The last instruction of that name, its lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    found: list[str] = re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)
    return found[-1]


def test_the_image_begins_a_configuration_that_the_containers_network_reaches(tmp_path: Path) -> None:
    environment = dict(pair.split("=", 1) for pair in instruction("ENV").split())
    desk = Desk(tmp_path)
    assert desk.run("init", more={"FEEDHUB_HOST": environment["FEEDHUB_HOST"]}).code == 0
    text = (tmp_path / "config.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["server"]["host"] == "0.0.0.0"
    assert instruction("EXPOSE") == str(yaml.safe_load(text)["server"]["port"])


def test_the_images_command_runs_from_nothing_and_its_health_is_told(tmp_path: Path) -> None:
    desk, port = Desk(tmp_path), free_port()
    command = json.loads(instruction("CMD"))
    with desk.start(*command, more={"FEEDHUB_HOST": "127.0.0.1"}) as first:
        until(lambda: (tmp_path / "config.yaml").exists() or first.poll(), "the configuration")
        # 8080 may be another's here
        ended(first, signal.SIGTERM, 20)
    config = tmp_path / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8").replace("port: 8080", f"port: {port}"), encoding="utf-8")
    before = config.read_text(encoding="utf-8")
    check = json.loads(re.search(r"CMD (\[.*\])", instruction("HEALTHCHECK"))[1])  # type: ignore[index]
    asking = [word.replace(":8080", f":{port}") for word in check]
    assert asking[0] == "python"

    def health() -> int:
        return subprocess.run([sys.executable, *asking[1:]], capture_output=True, check=False, timeout=20).returncode

    with desk.start(*command) as daemon:
        until(lambda: health() == 0 or daemon.poll() is not None, "health")
        assert daemon.poll() is None, desk.log
        assert ended(daemon, signal.SIGTERM, 10) == 0
    assert health() == 1
    assert config.read_text(encoding="utf-8") == before


def commands(name: str) -> list[list[str]]:
    """What the services of ours run in a compose file."""
    services = COMPOSE[name]["services"].values()
    return [each.get("command", json.loads(instruction("CMD"))) for each in services if "build" in each]


@pytest.mark.parametrize(("name", "roles"), [("compose.yaml", ["run"]), ("compose.postgres.yaml", ["worker", "serve"])])
def test_a_compose_file_starts_what_it_says(name: str, roles: list[str]) -> None:
    assert [command[0] for command in commands(name)] == roles


@pytest.mark.parametrize("name", COMPOSE)
def test_services_of_ours_are_closed_and_write_into_their_volume_alone(name: str) -> None:
    volumes = COMPOSE[name].get("volumes", {})
    for service in COMPOSE[name]["services"].values():
        if "build" not in service:
            continue
        closed: dict[str, Any] = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
        assert {key: service[key] for key in closed} == closed
        assert (ROOT / "deploy" / service["build"]["context"]).resolve() == ROOT
        assert (ROOT / service["build"]["dockerfile"]).exists()
        for mount in service["volumes"]:
            source, target, *mode = mount.split(":")
            assert source in volumes or mode == ["ro"]
            assert source not in volumes or target == instruction("VOLUME") == instruction("WORKDIR")


def test_what_the_image_copies_is_there_and_all_that_the_wheel_carries_is_copied() -> None:
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]}
    assert [name for name in copied if not (ROOT / name).exists()] == []
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    carried = project.partition("wheel.force-include]\n")[2].partition("\n\n")[0]
    assert {line.split('"')[1] for line in carried.splitlines()} <= copied
