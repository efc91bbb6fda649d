import { AUTHORITIES, BUNDLE } from '../parts/surroundings';

/** Port of MLflow, which every client expects. */
export const PORT = 5000;
/** Folder of the volume: the database where there is no PostgreSQL, and artifacts where there is no bucket. */
export const DATA = '/var/lib/mlflow';
export const FILES = '/etc/bouture/mlflow';
/** Folder of the Secrets: each file is named as a user and holds the password. */
export const ACCOUNTS = '/run/secrets/mlflow';
/** Who signs in with the password of the service. */
export const ADMINISTRATOR = 'admin';
/** Fewest characters of a password: MLflow's own rule. */
const PASSWORD_MIN = 12;

/**
 * Chooses the database, brings its tables and the accounts up to date, and becomes the server. What a service has begun with, it stays
 * with: experiments must not seem lost because a database came to the namespace, or went.
 */
export const START_PY = `"""Reads PG*, AWS_*, DATABASE, PREFIX, SERVICE, NAMESPACE and INGRESS_HOST."""
import os
import pathlib
import subprocess
import sys
import time

DATA = pathlib.Path("${DATA}")
ACCOUNTS = pathlib.Path("${ACCOUNTS}")


def say(what):
    print(f"start: {what}", file=sys.stderr, flush=True)


def trust():
    """The office's authorities stand beside those of the image."""
    authorities = pathlib.Path("${AUTHORITIES}/ca.crt")
    if authorities.exists():
        bundle = pathlib.Path("${BUNDLE}")
        bundle.parent.mkdir(exist_ok=True)
        system = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
        bundle.write_bytes(system.read_bytes() + b"\\n" + authorities.read_bytes())


def make_database(name):
    import psycopg2
    from psycopg2 import sql

    deadline = time.monotonic() + 300
    while True:
        try:
            server = psycopg2.connect(connect_timeout=10)
            break
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                sys.exit(f"start: the database does not answer: {error}")
            say(f"waiting for the database: {error}")
            time.sleep(2)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    server.close()


def tracking_database():
    name, host = os.environ["DATABASE"], os.environ.get("PGHOST")
    found = f"{name} of the PostgreSQL at {host}" if host else "SQLite"
    mark = DATA / "database"
    begun = mark.read_text() if mark.exists() else found
    say(f"the database is {begun}")
    if begun == "SQLite":
        uri = f"sqlite:///{DATA}/mlflow.db"
    elif begun == found:
        make_database(name)
        uri = f"postgresql+psycopg2:///{name}"
    else:
        sys.exit(f"start: it began with {begun} and finds {found}: start that one again, or begin anew with another service")
    mark.write_text(begun)
    return uri


def artifacts():
    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and value == ""]:
        del os.environ[name]
    bucket = os.environ.get("AWS_WORKING_DIRECTORY_PATH", "").strip("/")
    if bucket == "" or "AWS_ENDPOINT_URL" not in os.environ:
        return str(DATA / "artifacts")
    # Without it boto3 looks for credentials at an address of clouds first, and waits.
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    os.environ["MLFLOW_S3_ENDPOINT_URL"] = os.environ["AWS_ENDPOINT_URL"]
    style = "path" if os.environ.get("AWS_PATH_STYLE_ACCESS") == "true" else "auto"
    os.environ["MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"] = style
    return "/".join(part for part in ["s3:/", bucket, os.environ["PREFIX"]] if part)


for account in ACCOUNTS.iterdir():
    if account.is_file() and len(account.read_text()) < ${PASSWORD_MIN}:
        sys.exit(f"start: the password of {account.name} has less than the ${PASSWORD_MIN} characters that MLflow asks for")

trust()
destination = artifacts()
say(f"artifacts are in {destination}")
database = tracking_database()
pathlib.Path(os.environ["MLFLOW_AUTH_CONFIG_PATH"]).write_text(
    f"[mlflow]\\ndefault_permission = MANAGE\\ndatabase_uri = {database}\\nadmin_username = ${ADMINISTRATOR}\\n"
)
# The tables of the experiments come first: MLflow makes them in a database that is empty.
subprocess.run(["mlflow", "db", "upgrade", database], check=True)
subprocess.run([sys.executable, "${FILES}/accounts.py", str(ACCOUNTS), "${ADMINISTRATOR}"], check=True)

# MLflow answers 403 to every other name, against DNS rebinding; it compares the header Host with its port.
service, namespace, exposed = os.environ["SERVICE"], os.environ["NAMESPACE"], os.environ["INGRESS_HOST"]
inside = [service, *(f"{service}.{namespace}{end}" for end in ["", ".svc", ".svc.cluster.local"])]
hosts = [*inside, "localhost", "127.0.0.1", *filter(None, [exposed])]
origins = [*(f"http://{name}:${PORT}" for name in inside), *(f"https://{name}" for name in filter(None, [exposed]))]
server = ["mlflow", "server", "--host", "0.0.0.0", "--port", "${PORT}", "--workers", "2", "--app-name", "basic-auth"]
server += ["--backend-store-uri", database, "--serve-artifacts", "--artifacts-destination", destination]
server += ["--allowed-hosts", ",".join(f"{host},{host}:*" for host in hosts), "--cors-allowed-origins", ",".join(origins)]
os.execvp("mlflow", [*server, "--x-frame-options", "SAMEORIGIN"])
`;

/** With the account that other services find: writes an artifact, reads it and deletes it; and is refused with a wrong password. */
export const TEST_PY = `import base64
import os
import urllib.error
import urllib.request

address, user = os.environ["MLFLOW_TRACKING_URI"], os.environ["MLFLOW_TRACKING_USERNAME"]
artifact = "/api/2.0/mlflow-artifacts/artifacts/0/helm-test/check.txt"


def ask(path, password=os.environ["MLFLOW_TRACKING_PASSWORD"], **options):
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(address + path, headers={"Authorization": f"Basic {token}"}, **options)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


experiment = "/api/2.0/mlflow/experiments/get?experiment_id=0"
answers = {
    "health": ask("/health")[0] == 200,
    "wrong password": ask(experiment, "wrong")[0] == 401,
    "experiment": ask(experiment)[0] == 200,
    "write": ask(artifact, data=b"check", method="PUT")[0] == 200,
    "read": ask(artifact) == (200, b"check"),
    "delete": ask(artifact, method="DELETE")[0] == 200,
}
print(answers)
assert all(answers.values())
`;
