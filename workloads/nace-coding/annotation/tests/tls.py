"""Servers with a certificate of an authority of their own."""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from programs import free_port

TOKEN = "token-of-git"


def make_certificate(folder: Path, name: str = "127.0.0.1") -> Path:
    """Makes a certificate that is its own authority, with its key beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "ca.crt"
    alternative = "subjectAltName=IP:127.0.0.1" if name == "127.0.0.1" else f"subjectAltName=DNS:{name}"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", folder / "ca.key", "-out", file, "-subj", f"/CN={name}", "-addext", alternative]
    subprocess.run(["openssl", "req", *kind, *files], check=True, capture_output=True)
    return file


@contextmanager
def https(handler: type[BaseHTTPRequestHandler], certificate: Path) -> Iterator[str]:
    """A server until the block ends; its address."""
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def git_handler(root: Path) -> type[BaseHTTPRequestHandler]:
    """The repositories below a folder, by git's own `http-backend`, for those who have the token."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            expected = "Basic " + base64.b64encode(f"git:{TOKEN}".encode()).decode()
            if self.headers.get("Authorization") != expected:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            parts = urlsplit(self.path)
            length = self.headers.get("Content-Length")
            body = self.rfile.read(int(length)) if length else b""
            environment = {
                **os.environ,
                "GIT_PROJECT_ROOT": str(root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": parts.path,
                "QUERY_STRING": parts.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_USER": "git",
                "REMOTE_ADDR": "127.0.0.1",
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=False)
            head, _, content = done.stdout.partition(b"\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(fields.pop("Status", "200").split()[0]))
            for name, value in fields.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    return Handler
