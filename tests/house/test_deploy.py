"""What a bot is run and watched with names what there is: settings, files, figures."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from bot.environment import VARIABLES
from bot.monitoring.metrics import Metrics

ROOT = Path(__file__).parents[2]
NAMES = {variable.name for variable in VARIABLES}
PYTHONS_OWN = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
SERIES = re.compile(r"\b(onekeybot_[a-z_]+)")


def figures() -> set[str]:
    """The names of all series, as Prometheus knows them; of a histogram without its endings."""
    return {
        family.name + ("_total" if family.type == "counter" else "")
        for family in Metrics().registry.collect()
        if family.name.startswith("onekeybot_")
    }


def used(text: str) -> set[str]:
    return {re.sub(r"_seconds_(bucket|count|sum)$", "_seconds", name) for name in SERIES.findall(text)}


def test_the_image_is_built_from_what_is_there() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[0] == "!"]
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / name).exists() for name in copied)
    given = {word.partition("=")[0] for line in lines if line.startswith("ENV ") for word in line.split()[1:]}
    assert given <= NAMES | PYTHONS_OWN
    assert not [line for line in lines if "latest" in line]


def test_services_set_what_the_bot_reads() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert compose["services"]["bot"]["environment"].keys() <= NAMES
    assert {name: service.get("profiles") for name, service in compose["services"].items()} == {
        "bot": None,
        "postgres": ["postgres"],
        "prometheus": ["prometheus"],
    }
    unit = (ROOT / "deploy" / "onekey-bot.service").read_text(encoding="utf-8")
    given = re.findall(r"(\w+)=", re.findall(r"^Environment=(.*)$", unit, re.MULTILINE)[0])
    assert set(given) <= NAMES | PYTHONS_OWN
    (port,) = re.findall(r"bot:(\d+)", (ROOT / "deploy" / "prometheus.yml").read_text(encoding="utf-8"))
    assert compose["services"]["bot"]["environment"]["METRICS"] == f":{port}"


def test_the_dashboard_and_the_page_show_figures_that_there_are() -> None:
    known = figures()
    assert len(known) > 15
    dashboard = used((ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))
    assert dashboard == known
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page.partition("## Metrics")[2].partition("##")[0], re.MULTILINE)
    assert {f"onekeybot_{name}" for row in rows for name in re.findall(r"`([a-z_0-9]+)", row)} == known
    assert used(page) <= known
