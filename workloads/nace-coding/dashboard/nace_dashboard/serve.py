"""
Serves the site by nginx and renders it again and again, each time beside what is served. A rendering that fails leaves the site of before;
before the first day of records the pages say that there are none yet.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from .configuration import BadInput, configuration_of

# Node.js reads the configuration as a module by package.json.
SOURCES = ("src", "sql", "nace_dashboard", "nomenclatures", "observablehq.config.js", "package.json")
WAITING = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="10"><title>NACE</title>
<p>This page is being rendered. If it stays, the log tells why.</p>
"""
NO_RECORDS = "no records yet, and the pages say so: they come with the first run of the ETL"
AGAIN_MINUTES = 10
"""How soon it is tried again when there was nothing to show."""


@dataclass(frozen=True)
class Places:
    """Folders of the program."""

    root: Path
    """Sources of the pages."""
    framework: Path
    """Observable Framework: `node_modules`, and `npm` with the libraries that pages find without a network."""
    work: Path
    """What is written while rendering."""
    site: Path
    """`current` is served."""


def places_from(environment: Mapping[str, str] = os.environ) -> Places:
    """Reads the folders; those of the image unless told otherwise."""
    return Places(
        Path(environment.get("NACE_DASHBOARD", "/opt/nace-dashboard")),
        Path(environment.get("NACE_FRAMEWORK", "/opt/dashboard")),
        Path(environment.get("NACE_WORK", "/srv/dashboard/work")),
        Path(environment.get("NACE_SITE", "/srv/dashboard/site")),
    )


def build(places: Places, environment: Mapping[str, str] = os.environ) -> Path:
    """Renders the pages into a folder of their own and returns it.

    :raises subprocess.CalledProcessError: when a panel or a page cannot be rendered
    """
    project = places.work / "project"
    shutil.rmtree(project, ignore_errors=True)
    project.mkdir(parents=True)
    for name in SOURCES:
        source = places.root / name
        if source.is_dir():
            shutil.copytree(source, project / name, ignore=shutil.ignore_patterns("__pycache__", ".observablehq"))
        else:
            shutil.copy(source, project / name)
    cache = project / "src" / ".observablehq" / "cache"
    cache.mkdir(parents=True)
    shutil.copytree(places.framework / "npm", cache / "_npm")
    (project / "node_modules").symlink_to(places.framework / "node_modules")
    # Data loaders are run by the `python3` of PATH.
    path = f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"
    subprocess.run(
        ["node", str(places.framework / "node_modules/@observablehq/framework/dist/bin/observable.js"), "build"],
        cwd=project,
        env={**environment, "PATH": path, "NACE_DASHBOARD": str(project), "OBSERVABLE_TELEMETRY_DISABLE": "true"},
        stdout=sys.stderr,
        check=True,
    )
    rendered = project / "dist"
    # A loader that fails, or a page that cannot be read, ends a build of Framework with a page that tells so.
    broken = [str(page.relative_to(rendered)) for page in rendered.rglob("*.html") if "observablehq--error" in page.read_text("utf8")]
    if broken or not (rendered / "index.html").is_file():
        raise subprocess.CalledProcessError(1, f"observable build ({', '.join(broken) or 'no index.html'})")
    return rendered


def publish(places: Places, rendered: Path) -> None:
    """Puts a rendered site in the place of the one before, in one step."""
    places.site.mkdir(parents=True, exist_ok=True)
    current = places.site / "current"
    before = current.resolve() if current.is_symlink() else None
    new = places.site / f"site-{time.time_ns()}"
    shutil.copytree(rendered, new)
    following = places.site / "following"
    following.unlink(missing_ok=True)
    following.symlink_to(new.name)
    following.replace(current)
    if before is not None:
        shutil.rmtree(before, ignore_errors=True)


def has_records(rendered: Path) -> bool:
    """Whether the pages show records, or that there are none yet."""
    [settings] = (rendered / "_file" / "data" / "panels").glob("settings.*.json")
    return bool(json.loads(settings.read_text("utf8"))["records"])


def render(places: Places) -> bool:
    """Renders and publishes; says why when it cannot.

    :returns: whether the pages show records
    """
    try:
        rendered = build(places)
        publish(places, rendered)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"dashboard: rendering failed, the site of before stays: {error}", file=sys.stderr, flush=True)
        return False
    if not has_records(rendered):
        print(f"dashboard: {NO_RECORDS}", file=sys.stderr, flush=True)
        return False
    print("dashboard: rendered", file=sys.stderr, flush=True)
    return True


def run(environment: Mapping[str, str] = os.environ) -> int:
    """Serves until SIGTERM, or until nginx ends.

    :raises BadInput: when the configuration cannot be used
    """
    configuration_of(environment)
    minutes = environment.get("NACE_RENDER_MINUTES", "60")
    if not minutes.isdigit() or int(minutes) < 1:
        raise BadInput([f"NACE_RENDER_MINUTES is {minutes!r}: expected a whole number of at least 1"])
    places = places_from(environment)
    waiting = places.work / "waiting"
    waiting.mkdir(parents=True, exist_ok=True)
    (waiting / "index.html").write_text(WAITING, "utf8")
    if not (places.site / "current").exists():
        publish(places, waiting)
    server = subprocess.Popen(["/usr/sbin/nginx", "-c", environment.get("NACE_NGINX", str(places.root / "nginx.conf"))])
    stop = threading.Event()

    def ended(_signal: int, _frame: FrameType | None) -> None:
        server.send_signal(signal.SIGQUIT)
        stop.set()

    signal.signal(signal.SIGTERM, ended)
    signal.signal(signal.SIGINT, ended)
    following = 0.0
    while server.poll() is None and not stop.is_set():
        if time.monotonic() >= following:
            wait = int(minutes) if render(places) else min(int(minutes), AGAIN_MINUTES)
            following = time.monotonic() + 60 * wait
        stop.wait(2)
    if stop.is_set():
        server.wait(30)
        return 0
    print("dashboard: the web server has ended", file=sys.stderr)
    return 1
