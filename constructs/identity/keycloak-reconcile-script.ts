/** Files of the declared state, as keys of the ConfigMap that the reconciling Pods mount. */
export const RECONCILE_FILES = { script: 'reconcile.py', state: 'realm.json' } as const;

/**
 * Brings a realm to the declared state through the administration API of Keycloak; running it again changes nothing. It needs Python
 * 3.11 and nothing beside it. What it changes it tells, one line each, and never a value. Its environment:
 * - `STATE`: the declared state, see `RealmState`; `SECRETS`: the folder that the files are in which it names in place of secrets;
 * - `KEYCLOAK_URL`, and `CA_FILE` (empty where the system's authorities serve);
 * - `CLIENT_ID`, and a file `reconciler/clientSecret` below `SECRETS`: the client of realm `master` that it logs in as;
 * - `KC_SH` and the variables of Keycloak that say where the database is, for the one case that this client does not open the door, for
 *   its secret was rotated or somebody changed it: then Keycloak's own `bootstrap-admin` makes another, with which it is mended.
 *
 * It exists because no tool does this from the registries that an office mirrors: keycloak-config-cli is in none of them, and
 * Keycloak's partial import replaces a client, with its id and everyone's sessions, instead of changing it. One process that compares and
 * writes only what differs also costs a hundredth of a `kcadm.sh` for each question, which starts a Java machine each time.
 */
export const RECONCILE_SCRIPT = String.raw`"""Brings a Keycloak realm to the declared state; see the constructs for its environment."""
import hashlib
import json
import os
import secrets
import ssl
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

MASKED = "**********"
SECRET_FILE = "$" + "{file:"
RECOVERY = "bouture-recovery-"
USER_STORAGE = "org.keycloak.storage.UserStorageProvider"
BUILT_IN = {"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"}
# A password is the generated one as long as it is as old as its account; nobody changes it before the server has started.
SAME_TIME_MS = 10_000
# Attribute of realm master: the digest of the generated password that its administrator was given.
GIVEN = "bouture.administrator"


class Refused(Exception):
    """Keycloak answered with an error."""

    def __init__(self, method, path, status, text):
        super().__init__(f"{method} {path}: {status} {text[:500]}")
        self.status = status


class Keycloak:
    """The administration API, as one client of realm master."""

    def __init__(self, url, ca_file):
        context = ssl.create_default_context(cafile=ca_file or None)
        self.opener = build_opener(ProxyHandler({}), HTTPSHandler(context=context))
        self.url = url
        self.credentials = None
        self.token = ""

    def send(self, method, path, body=None, headers=None):
        request = Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with self.opener.open(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except HTTPError as error:
            raise Refused(method, path, error.code, error.read().decode(errors="replace")) from None

    def wait(self, seconds):
        end = time.monotonic() + seconds
        while True:
            try:
                return self.send("GET", "/realms/master")
            except (Refused, URLError, OSError) as error:
                if time.monotonic() > end:
                    sys.exit(f"Keycloak at {self.url} does not answer: {error}")
            time.sleep(2)

    def log_in(self, client_id, client_secret):
        self.credentials = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        path = "/realms/master/protocol/openid-connect/token"
        self.token = self.send("POST", path, urlencode(self.credentials).encode())["access_token"]

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        for last in (False, True):
            headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
            try:
                return self.send(method, f"/admin/realms{path}", data, headers)
            except Refused as error:
                if error.status != 401 or last:
                    raise
            # the token lives for a minute
            self.log_in(self.credentials["client_id"], self.credentials["client_secret"])

    def find(self, path):
        try:
            return self.call("GET", path)
        except Refused as error:
            if error.status == 404:
                return None
            raise


def differences(wanted, found, path=""):
    """Paths at which what is found is not what is wanted; what is not wanted is not looked at."""
    if isinstance(wanted, dict):
        inner = found if isinstance(found, dict) else {}
        return [name for key in wanted for name in differences(wanted[key], inner.get(key), f"{path}.{key}".strip("."))]
    if isinstance(wanted, list) and isinstance(found, list):
        if found == [MASKED] or sorted(map(json.dumps, wanted)) == sorted(map(json.dumps, found)):
            return []
        return [path]
    # Keycloak keeps no empty text: what is to be empty is not there.
    return [] if wanted == found or found == MASKED or (wanted == "" and found is None) else [path]


def merged(wanted, found):
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {**found, **{key: merged(value, found.get(key)) for key, value in wanted.items()}}
    return wanted


def with_secrets(value, folder):
    """The value with the contents of its secret files, and whether there were any."""
    if isinstance(value, str) and value.startswith(SECRET_FILE):
        return (folder / value.removeprefix(SECRET_FILE).removesuffix("}")).read_text().rstrip("\n"), True
    if isinstance(value, dict):
        items = {key: with_secrets(inner, folder) for key, inner in value.items()}
        return {key: inner for key, (inner, _) in items.items()}, any(has for _, has in items.values())
    if isinstance(value, list):
        items = [with_secrets(inner, folder) for inner in value]
        return [inner for inner, _ in items], any(has for _, has in items)
    return value, False


def as_component(declared):
    """The settings of a component are lists of texts."""
    return {**declared, "config": {key: [value] for key, value in declared["config"].items()}}


class Reconciler:
    def __init__(self, keycloak, state, folder):
        self.keycloak = keycloak
        self.state = state
        self.folder = folder
        self.realm = "/" + quote(state["realm"], safe="")
        self.changes = 0

    def changed(self, text):
        self.changes += 1
        print(text, flush=True)

    def call(self, method, path, body=None):
        return self.keycloak.call(method, self.realm + path, body)

    def bring(self, what, wanted, found, path, *, create=None, whole=True, shown=False):
        """Makes an object, or changes it where it differs. One that holds a secret which Keycloak does not show is always written."""
        wanted, has_secret = with_secrets(wanted, self.folder)
        if found is None:
            self.call("POST", create, wanted)
            self.changed(f"{what}: made")
            return
        where = differences(wanted, found)
        if where or (has_secret and not shown):
            body = merged(wanted, found)
            self.call("PUT", path, body if whole else {key: body[key] for key in wanted})
        if where:
            self.changed(f"{what}: {', '.join(where)} corrected")

    def exactly(self, what, wanted, found, *, path, key="name", create=None):
        """Makes the list of objects that an object owns what is wanted: nothing lacks, nothing is left over."""
        by_name = {each[key]: each for each in found}
        for each in wanted:
            name = each[key]
            there = by_name.pop(name, None)
            own = f"{path}/{there['id']}" if there else None
            self.bring(f"{what} {name}", {**each, "id": there["id"]} if there else each, there, own, create=create or path)
        for name, each in sorted(by_name.items()):
            self.call("DELETE", f"{path}/{each['id']}")
            self.changed(f"{what} {name}: removed")

    def settings(self, realm, wanted):
        wanted, has_secret = with_secrets(wanted, self.folder)
        path = "/" + quote(realm, safe="")
        found = self.keycloak.find(path)
        if found is None:
            self.keycloak.call("POST", "", {**wanted, "realm": realm})
            self.changed(f"realm {realm}: made")
            return
        where = differences(wanted, found)
        if where or has_secret:
            self.keycloak.call("PUT", path, {key: merged(value, found.get(key)) for key, value in wanted.items()})
        if where:
            self.changed(f"realm {realm}: {', '.join(where)} corrected")

    def user_profile(self):
        found = self.call("GET", "/users/profile")
        if found != self.state["userProfile"]:
            self.call("PUT", "/users/profile", self.state["userProfile"])
            self.changed("user profile: corrected")

    def required_actions(self):
        actions = "/authentication/required-actions"
        for wanted in self.state["requiredActions"]:
            path = f"{actions}/{quote(wanted['alias'], safe='')}"
            self.bring(f"required action {wanted['alias']}", wanted, self.call("GET", path), path)

    def roles_and_groups(self):
        for name in self.state["roles"]:
            if self.keycloak.find(f"{self.realm}/roles/{quote(name, safe='')}") is None:
                self.call("POST", "/roles", {"name": name})
                self.changed(f"role {name}: made")
        for name in self.state["groups"]:
            if self.keycloak.find(f"{self.realm}/group-by-path/{quote(name, safe='')}") is None:
                self.call("POST", "/groups", {"name": name})
                self.changed(f"group {name}: made")

    def scope_mappings(self, what, path, roles):
        """The roles of the realm that tokens may show, and none of any client."""
        found = self.call("GET", f"{path}/scope-mappings")
        shown = found.get("realmMappings") or []
        extra = [role for role in shown if role["name"] not in roles]
        lacking = sorted(set(roles) - {role["name"] for role in shown})
        if extra:
            self.call("DELETE", f"{path}/scope-mappings/realm", extra)
            self.changed(f"{what}: roles {', '.join(sorted(role['name'] for role in extra))} no longer shown")
        if lacking:
            add = [self.call("GET", f"/roles/{quote(name, safe='')}") for name in lacking]
            self.call("POST", f"{path}/scope-mappings/realm", add)
            self.changed(f"{what}: roles {', '.join(lacking)} shown")
        for client, mapping in (found.get("clientMappings") or {}).items():
            self.call("DELETE", f"{path}/scope-mappings/clients/{mapping['id']}", mapping["mappings"])
            self.changed(f"{what}: roles of client {client} no longer shown")

    def scope(self):
        wanted = self.state["scope"]
        name = wanted["representation"]["name"]
        what = f"client scope {name}"

        def find():
            return next((each for each in self.call("GET", "/client-scopes") if each["name"] == name), None)

        found = find()
        self.bring(what, wanted["representation"], found, found and f"/client-scopes/{found['id']}", create="/client-scopes")
        path = f"/client-scopes/{find()['id']}"
        self.mappers(what, path, wanted["mappers"])
        # A scope with roles of its own is left out for who has none of them, and the groups with it: the clients show the roles.
        self.scope_mappings(what, path, [])

    def mappers(self, what, path, wanted):
        path = f"{path}/protocol-mappers/models"
        self.exactly(f"{what}, mapper", wanted, self.call("GET", path), path=path)

    def find_client(self, client_id, realm=None):
        found = self.keycloak.call("GET", f"{realm or self.realm}/clients?" + urlencode({"clientId": client_id}))
        return found[0] if found else None

    def client(self, wanted):
        representation = wanted["representation"]
        what = f"client {representation['clientId']}"
        found = self.find_client(representation["clientId"])
        # An override is taken away by an empty id.
        overrides = {flow: "" for flow, chosen in ((found or {}).get("authenticationFlowBindingOverrides") or {}).items() if chosen}
        if overrides:
            representation = {**representation, "authenticationFlowBindingOverrides": overrides}
        self.bring(what, representation, found, found and f"/clients/{found['id']}", create="/clients", shown=True)
        found = found or self.find_client(representation["clientId"])
        path = f"/clients/{found['id']}"
        self.mappers(what, path, wanted["mappers"])
        self.client_scopes(what, path, wanted["scopes"])
        self.scope_mappings(what, path, self.state["roles"])
        self.permissions(what, found, wanted["everyone"], wanted["groups"])

    def client_scopes(self, what, path, wanted):
        ids = {each["name"]: each["id"] for each in self.call("GET", "/client-scopes")}
        for kind, names in (("optional", []), ("default", wanted)):
            found = {each["name"] for each in self.call("GET", f"{path}/{kind}-client-scopes")}
            for name in sorted(found - set(names)):
                self.call("DELETE", f"{path}/{kind}-client-scopes/{ids[name]}")
                self.changed(f"{what}: {kind} scope {name} removed")
            for name in sorted(set(names) - found):
                self.call("PUT", f"{path}/{kind}-client-scopes/{ids[name]}")
                self.changed(f"{what}: {kind} scope {name} added")

    def permissions(self, what, client, everyone, groups):
        """Permissions are roles of the client; people have them through the default role or a group, and in no other way."""
        roles = f"/clients/{client['id']}/roles"
        wanted = sorted({*everyone, *(name for names in groups.values() for name in names)})
        found = {role["name"]: role for role in self.call("GET", roles)}
        for name in sorted(set(found) - set(wanted)):
            self.call("DELETE", f"{roles}/{quote(name, safe='')}")
            self.changed(f"{what}: permission {name} removed")
        for name in wanted:
            if name not in found:
                self.call("POST", roles, {"name": name})
                self.changed(f"{what}: permission {name} made")
                found[name] = self.call("GET", f"{roles}/{quote(name, safe='')}")
        default = self.call("GET", "")["defaultRole"]["id"]
        given = {role["name"] for role in self.call("GET", f"/roles-by-id/{default}/composites/clients/{client['id']}")}
        for method, names, word in (("DELETE", given - set(everyone), "no longer"), ("POST", set(everyone) - given, "now")):
            names = sorted(name for name in names if name in found and name in wanted)
            if names:
                self.call(method, f"/roles-by-id/{default}/composites", [found[name] for name in names])
                self.changed(f"{what}: everyone {word} has {', '.join(names)}")
        for name in wanted:
            self.holders(what, client, found[name], {group for group, names in groups.items() if name in names})

    def holders(self, what, client, role, wanted):
        path = f"/clients/{client['id']}/roles/{quote(role['name'], safe='')}"
        mapping = f"role-mappings/clients/{client['id']}"
        groups = {group["path"]: group for group in self.call("GET", f"{path}/groups?max=1000")}
        for name in sorted(wanted - {group.removeprefix("/") for group in groups}):
            group = self.call("GET", f"/group-by-path/{quote(name, safe='')}")
            self.call("POST", f"/groups/{group['id']}/{mapping}", [role])
            self.changed(f"{what}: group {name} now has {role['name']}")
        for place, group in sorted(groups.items()):
            if place.removeprefix("/") not in wanted:
                self.call("DELETE", f"/groups/{group['id']}/{mapping}", [role])
                self.changed(f"{what}: group {place} no longer has {role['name']}")
        for user in self.call("GET", f"{path}/users?max=1000"):
            self.call("DELETE", f"/users/{user['id']}/{mapping}", [role])
            self.changed(f"{what}: a person no longer has {role['name']}, given by hand")

    def brokers(self):
        instances = "/identity-provider/instances"
        for broker in self.state["brokers"]:
            alias = broker["representation"]["alias"]
            path = f"{instances}/{quote(alias, safe='')}"
            found = self.keycloak.find(self.realm + path)
            self.bring(f"identity provider {alias}", broker["representation"], found, path, create=instances)
            there = self.call("GET", f"{path}/mappers")
            self.exactly(f"identity provider {alias}, mapper", broker["mappers"], there, path=f"{path}/mappers")

    def federations(self):
        realm_id = self.call("GET", "")["id"]
        for federation in self.state["federations"]:
            wanted = {**as_component(federation["representation"]), "parentId": realm_id}
            what = f"user federation {wanted['name']}"
            found = self.component(realm_id, USER_STORAGE, wanted["name"])
            self.bring(what, wanted, found, found and f"/components/{found['id']}", create="/components")
            parent = (found or self.component(realm_id, USER_STORAGE, wanted["name"]))["id"]
            for mapper in map(as_component, federation["mappers"]):
                there = self.component(parent, mapper["providerType"], mapper["name"])
                path = there and f"/components/{there['id']}"
                self.bring(f"{what}, mapper {mapper['name']}", {**mapper, "parentId": parent}, there, path, create="/components")

    def component(self, parent, kind, name):
        found = self.call("GET", "/components?" + urlencode({"parent": parent, "type": kind, "name": name}))
        return found[0] if found else None

    def administrator(self):
        """Whoever logs in first with the generated password must choose another; one that was rotated is given anew."""
        password = (self.folder / "administrator/password").read_text().rstrip("\n")
        digest = hashlib.sha256(password.encode()).hexdigest()
        given = self.keycloak.call("GET", "/master").get("attributes", {}).get(GIVEN, digest)
        users = self.keycloak.call("GET", "/master/users?" + urlencode({"username": self.state["administrator"], "exact": "true"}))
        for user in users:
            path = f"/master/users/{user['id']}"
            if given != digest:
                self.keycloak.call("PUT", f"{path}/reset-password", {"type": "password", "value": password, "temporary": True})
                self.changed(f"administrator {user['username']}: has the new password, and must change it")
                continue
            own = [each for each in self.keycloak.call("GET", f"{path}/credentials") if each["type"] == "password"]
            first = any(abs(each["createdDate"] - user["createdTimestamp"]) < SAME_TIME_MS for each in own)
            if first and "UPDATE_PASSWORD" not in user["requiredActions"]:
                actions = [*user["requiredActions"], "UPDATE_PASSWORD"]
                self.keycloak.call("PUT", path, {**user, "requiredActions": actions})
                self.changed(f"administrator {user['username']}: must change the password")
        # Keycloak takes away the attributes that it is not told, so all of them go with it.
        found = self.keycloak.call("GET", "/master")
        attributes = found.get("attributes", {})
        if attributes.get(GIVEN) != digest:
            self.keycloak.call("PUT", "/master", {**found, "attributes": {**attributes, GIVEN: digest}})

    def report(self):
        declared = {client["representation"]["clientId"] for client in self.state["clients"]} | BUILT_IN
        brokers = {broker["representation"]["alias"] for broker in self.state["brokers"]}
        federations = {federation["representation"]["name"] for federation in self.state["federations"]}
        realm_id = self.call("GET", "")["id"]
        storage = "/components?" + urlencode({"parent": realm_id, "type": USER_STORAGE})
        for kind, found in (
            ("client", {client["clientId"] for client in self.call("GET", "/clients?max=1000")} - declared),
            ("identity provider", {each["alias"] for each in self.call("GET", "/identity-provider/instances")} - brokers),
            ("user federation", {each["name"] for each in self.call("GET", storage)} - federations),
        ):
            for name in sorted(found):
                print(f"{kind} {name} is not declared: left as it is")

    def run(self):
        self.settings("master", self.state["master"])
        self.administrator()
        self.settings(self.state["realm"], self.state["settings"])
        self.user_profile()
        self.required_actions()
        self.roles_and_groups()
        self.scope()
        for wanted in self.state["builtInClients"]:
            found = self.find_client(wanted["clientId"])
            if found is not None:
                self.bring(f"client {wanted['clientId']}", wanted, found, f"/clients/{found['id']}")
        for wanted in self.state["clients"]:
            self.client(wanted)
        self.brokers()
        self.federations()
        self.report()
        print(f"the realm is as declared; changed: {self.changes}")


def recover(keycloak, client_id, client_secret):
    """Makes the own client anew, or its secret and role what they ought to be, by way of the database."""
    print("the reconciler's client is refused: making an administrator to mend it", flush=True)
    temporary, password = RECOVERY + secrets.token_hex(8), secrets.token_urlsafe(32)
    command = [os.environ["KC_SH"], "bootstrap-admin", "service", "--optimized", "--no-prompt"]
    options = ["--client-id:env=RECOVERY_ID", "--client-secret:env=RECOVERY_SECRET"]
    done = subprocess.run(
        [*command, *options],
        env={**os.environ, "RECOVERY_ID": temporary, "RECOVERY_SECRET": password},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"bootstrap-admin ended with {done.returncode}:\n{done.stdout[-2000:]}")
    keycloak.log_in(temporary, password)
    wanted = {"clientId": client_id, "secret": client_secret, "enabled": True, "publicClient": False, "serviceAccountsEnabled": True}
    wanted |= {"clientAuthenticatorType": "client-secret", "standardFlowEnabled": False, "fullScopeAllowed": True}

    def own():
        return keycloak.call("GET", "/master/clients?" + urlencode({"clientId": client_id}))

    for client in own():
        keycloak.call("PUT", f"/master/clients/{client['id']}", {**client, **wanted})
    if not own():
        keycloak.call("POST", "/master/clients", wanted)
    account = keycloak.call("GET", f"/master/clients/{own()[0]['id']}/service-account-user")
    role = keycloak.call("GET", "/master/roles/admin")
    keycloak.call("POST", f"/master/users/{account['id']}/role-mappings/realm", [role])
    keycloak.log_in(client_id, client_secret)
    for client in keycloak.call("GET", "/master/clients?" + urlencode({"clientId": RECOVERY, "search": "true"})):
        keycloak.call("DELETE", f"/master/clients/{client['id']}")


def main():
    folder = Path(os.environ["SECRETS"])
    client_id = os.environ["CLIENT_ID"]
    client_secret = (folder / "reconciler/clientSecret").read_text().rstrip("\n")
    keycloak = Keycloak(os.environ["KEYCLOAK_URL"], os.environ["CA_FILE"])
    keycloak.wait(300)
    try:
        keycloak.log_in(client_id, client_secret)
        keycloak.call("GET", "/master/users/count")
    except Refused as error:
        if error.status not in (400, 401, 403):
            raise
        recover(keycloak, client_id, client_secret)
    Reconciler(keycloak, json.loads(Path(os.environ["STATE"]).read_text()), folder).run()


if __name__ == "__main__":
    try:
        main()
    except Refused as refused:
        sys.exit(str(refused))
`;
