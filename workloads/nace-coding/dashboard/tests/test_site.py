"""The site as readers get it: rendered by Observable Framework, opened in a real browser that reaches no other host."""

import functools
import hashlib
import html
import http.server
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fixture
import pytest

from nace_dashboard.database import ROOT
from nace_dashboard.serve import Places, build, publish, render

IMAGE = ROOT.parent.parent.parent / "images" / "dashboard"


@pytest.fixture(scope="session")
def framework() -> Path:
    """Framework and its libraries, as the image of dashboards has them."""
    if os.environ.get("NACE_FRAMEWORK"):
        return Path(os.environ["NACE_FRAMEWORK"])
    sources = [IMAGE / name for name in ("package.json", "package-lock.json", "vendor.mjs")]
    mark = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    place = Path.home() / ".cache" / "bouture" / f"observable-{mark}"
    if not (place / "npm").is_dir():
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        for source in sources:
            shutil.copy(source, place)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, check=True, capture_output=True)
        subprocess.run(["node", "vendor.mjs", "npm.part"], cwd=place, check=True, capture_output=True)
        (place / "npm.part").rename(place / "npm")
    return place


@pytest.fixture(scope="session")
def places(framework: Path, case: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Places:
    """A site that was rendered and published once."""
    folder = tmp_path_factory.mktemp("site")
    found = Places(ROOT, framework, folder / "work", folder / "site")
    publish(found, build(found, {**os.environ, **case}))
    return found


class Server(http.server.ThreadingHTTPServer):
    """Holds as many connections as a browser opens at once, also where the machine has no time to accept them."""

    request_queue_size = 128


@contextmanager
def served(places: Places) -> Iterator[str]:
    """A site, until the block ends."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(places.site / "current"))
    first = int(os.environ.get("BOUTURE_TEST_PORTS", "25500"))
    for port in range(first, first + 300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                break
    server = Server(("127.0.0.1", port), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()


@pytest.fixture(scope="session")
def address(places: Places) -> Iterator[str]:
    """The site, served."""
    with served(places) as found:
        yield found


def browse(address: str, folder: Path, picture: Path | None = None) -> str:
    """What a browser makes of a page, as HTML, or as a picture."""
    chromium = shutil.which("chromium") or pytest.skip("no chromium on this machine")
    done = subprocess.run(
        [
            *(
                chromium,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-sync",
            ),
            *(f"--user-data-dir={folder}", "--window-size=1500,2400", "--virtual-time-budget=20000"),
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            f"--screenshot={picture}" if picture else "--dump-dom",
            address,
        ],
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    return done.stdout


def text_of(dom: str) -> str:
    bare = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", " ", dom))
    return re.sub(r"\s+", " ", html.unescape(bare))


@pytest.mark.parametrize(
    ("page", "shown", "charts"),
    [
        ("index", ["Requêtes 13", "Libellés 20", "Part codée automatiquement 50,0 %", "indice margin, seuil 0,8"], 2),
        ("en/index", ["Requests 13", "Descriptions 20", "Share coded automatically 50.0%"], 2),
        ("monitoring", ["Bhattacharyya", "Kolmogorov-Smirnov", "Sous-classe", "4,896", "Aucun contrôle de dérive", "Mots les plus fréquents", "difference-to-all"], 7),
        ("performance", ["Libellés annotés 19", "Exactitude 84,2 %", "Exactitude du modèle seul 57,9 %"], 5),
        ("en/terms", ["share of right descriptions, where those below the threshold count as right"], 0),
    ],
)
def test_a_page_shows_the_figures(address: str, tmp_path: Path, page: str, shown: list[str], charts: int) -> None:
    dom = browse(f"{address}/{page}.html", tmp_path)
    text = text_of(dom)
    for part in shown:
        assert part in text, text[:1500]
    assert "observablehq--error" not in dom
    assert len(re.findall(r"<svg[^>]*class=\"plot", dom)) >= charts


def test_pictures_are_taken(address: str, tmp_path: Path) -> None:
    target = Path(os.environ.get("NACE_PICTURES", str(tmp_path)))
    for page in ("index", "monitoring", "performance"):
        picture = target / f"nace-{page}.png"
        browse(f"{address}/{page}.html", tmp_path / "profile", picture)
        assert picture.stat().st_size > 20_000


def test_nothing_on_the_site_asks_another_host(places: Places) -> None:
    foreign = re.compile(r"""(?:src|href)=["'](?:https?:)?//|(?:import|from)\s*\(?["']https?://|@import\s+url\(["']?https?://""")
    for file in (places.site / "current").rglob("*"):
        if file.suffix in (".html", ".css", ".js"):
            found = foreign.search(file.read_text("utf8"))
            assert found is None, f"{file}: {found and found.group()}"


def test_before_the_first_records_the_pages_say_that_there_are_none(
    framework: Path, case: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    for name, value in {**case, "NACE_DATA": str(tmp_path / "store")}.items():
        monkeypatch.setenv(name, value)
    empty = Places(ROOT, framework, tmp_path / "work", tmp_path / "site")
    assert not render(empty)
    with served(empty) as address:
        for page, said in (
            ("index", "les premiers arrivent avec le premier passage de l'ETL"),
            ("monitoring", "Aucun libellé n'a encore été enregistré"),
            ("en/performance", "No records yet: they come with the first run of the ETL. "),
        ):
            dom = browse(f"{address}/{page}.html", tmp_path / "profile")
            assert said in text_of(dom) + " ", text_of(dom)[:1500]
            assert "observablehq--error" not in dom
            assert "<svg" not in dom.split("observablehq-main", 1)[1]
    # The first day of records takes their place.
    fixture.write(tmp_path / "store")
    assert render(empty)
    with served(empty) as address:
        assert "Requêtes 13" in text_of(browse(f"{address}/index.html", tmp_path / "profile"))


def test_a_rendering_that_fails_leaves_the_site(
    places: Places, case: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (places.site / "current").resolve()
    for name, value in {**case, "NACE_DATA": str(tmp_path / "nowhere")}.items():
        monkeypatch.setenv(name, value)
    assert not render(places)
    assert (places.site / "current").resolve() == before
    assert (before / "index.html").is_file()
