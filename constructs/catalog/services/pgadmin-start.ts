/** Port of pgAdmin. */
export const PORT = 8080;
/** Folder of the volume: pgAdmin's own database, and the files that people keep in it. */
export const DATA = '/var/lib/pgadmin';
/** Folder in which pgAdmin looks for the settings of its host. */
export const FILES = '/etc/pgadmin';
/** Folder in memory, for the file with the password of PostgreSQL. */
export const MEMORY = '/run/pgadmin';

/** What pgAdmin reads over its own `config.py`. */
export const CONFIG_PY = `import os

# Nothing goes to others: no question for a newer version, no pictures of people, no language models.
UPGRADE_CHECK_ENABLED = False
SHOW_GRAVATAR_IMAGE = False
LLM_ENABLED = False
ALLOWED_LLM_API_URLS = []

# Behind one proxy. A session is not bound to an address, for those of people's machines change; it ends with the Pod.
ENHANCED_COOKIE_PROTECTION = False
SESSION_COOKIE_SECURE = os.environ["IS_EXPOSED"] == "true"
SESSION_DB_PATH = "/tmp/sessions"
LOG_FILE = "/dev/null"

# The address is a name to sign in by: nothing is ever sent to it.
CHECK_EMAIL_DELIVERABILITY = False
GLOBALLY_DELIVERABLE = False
ALLOW_SPECIAL_EMAIL_DOMAINS = [os.environ["PGADMIN_SETUP_EMAIL"].rpartition("@")[2].rpartition(".")[2]]

# As Debian has them; they dump databases up to their own version.
DEFAULT_BINARY_PATHS = {"pg": "/usr/bin", "ppas": ""}
`;

/**
 * Makes or upgrades pgAdmin's own database, gives its owner the password of the Secret, so that a new one holds after a restart, puts the
 * PostgreSQL of the namespace into the list of servers, and becomes the server.
 */
export const START_PY = `import importlib.util
import json
import os
import pathlib
import re
import sys

PACKAGE = importlib.util.find_spec("pgadmin4").submodule_search_locations[0]
sys.path.insert(0, PACKAGE)
os.umask(0o077)

from pgAdmin4 import app

from flask_security.utils import hash_password
from pgadmin.model import Server, User, db
from pgadmin.tools.user_management import normalise_password
from pgadmin.utils import load_database_servers
from pgadmin.utils.paths import get_storage_directory

# Nothing of this is for the server: it would send PGPASSWORD to every PostgreSQL that somebody adds.
own = {name: os.environ.pop(name) for name in ["PGADMIN_SETUP_PASSWORD", *filter(re.compile("PG[A-Z]+$").match, list(os.environ))]}


def offer(owner, host, port, database, user, password):
    escaped = [re.sub(r"([:\\\\])", r"\\\\\\1", part) for part in [host, port, user, password]]
    passwords = pathlib.Path("${MEMORY}/pgpass")
    passwords.write_text("{}:{}:*:{}:{}\\n".format(*escaped))
    # pgAdmin takes such a file from the folder of the person's own files.
    link = pathlib.Path(get_storage_directory(owner), "pgpass")
    link.unlink(missing_ok=True)
    link.symlink_to(passwords)
    if Server.query.filter_by(user_id=owner.id, host=host, port=int(port)).first() is None:
        connection = {"sslmode": "prefer", "connect_timeout": 10, "passfile": "/pgpass"}
        server = {"Name": host, "Group": "Servers", "Host": host, "Port": int(port), "MaintenanceDB": database}
        servers = pathlib.Path("/tmp/servers.json")
        servers.write_text(json.dumps({"Servers": {"1": {**server, "Username": user, "ConnectionParameters": connection}}}))
        load_database_servers(str(servers), None, load_user=owner.username, from_setup=True)


with app.app_context():
    owner = User.query.order_by(User.id).first()
    owner.username = owner.email = os.environ["PGADMIN_SETUP_EMAIL"]
    owner.password = hash_password(normalise_password(own["PGADMIN_SETUP_PASSWORD"]))
    owner.active, owner.locked, owner.login_attempts = True, False, 0
    db.session.commit()
    if "PGHOST" in own:
        offer(owner, *(own[name] for name in ["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD"]))

# Its sessions allow one process.
server = ["gunicorn", "--no-control-socket", "--bind", "0.0.0.0:${PORT}", "--workers", "1", "--threads", "25", "--worker-tmp-dir", "/tmp"]
os.execvp("gunicorn", [*server, "--timeout", "300", "--chdir", PACKAGE, "pgAdmin4:app"])
`;

/** Signs in as the owner, and is refused with a wrong password. */
export const TEST_PY = `import os
import re
import urllib.error
import urllib.parse
import urllib.request


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(path, cookie="", form=None):
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(os.environ["ADDRESS"] + path, data, {"Cookie": cookie})
    try:
        answer = urllib.request.build_opener(Stay).open(request, timeout=60)
    except urllib.error.HTTPError as error:
        answer = error
    kept = [line.split(";")[0] for line in answer.headers.get_all("Set-Cookie", [])]
    return answer.status, answer.read().decode(), "; ".join(kept) or cookie


def signed_in(password):
    _, page, cookie = ask("/login")
    token = re.search(r"csrfToken\\W+([\\w.-]+)", page)[1]
    form = {"csrf_token": token, "email": os.environ["EMAIL"], "password": password, "internal_button": "Login"}
    _, _, cookie = ask("/authenticate/login", cookie, form)
    return ask("/browser/", cookie)[0] == 200


answers = {
    "health": ask("/misc/ping")[:2] == (200, "PING"),
    "wrong password": not signed_in("wrong-password"),
    "password": signed_in(os.environ["PASSWORD"]),
}
print(answers)
assert all(answers.values())
`;
