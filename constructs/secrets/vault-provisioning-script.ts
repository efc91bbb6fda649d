import { OWN_PATH } from './vault-keys-script';
import { ACCESSOR, MANAGED_PREFIX } from './vault-policies';
import { WORKLOAD_PATH } from './vault-workloads';

/** Files of the declared state, as keys of the ConfigMap that the provisioning Job mounts. */
export const PROVISIONING_FILES = {
  client: 'client.sh',
  script: 'provision.sh',
  /** Settings of the authentication method, as its interface takes them. */
  authentication: 'authentication.json',
  /** The role that people log in as. */
  role: 'role.json',
  /** Policy of every user. */
  user: `policy.${MANAGED_PREFIX}user.hcl`,
  /** A line a project: the name of its group. */
  projects: 'projects.txt',
  /** A line an origin. */
  origins: 'origins.txt',
  /** A line a workload: the name of its role. */
  workloads: 'workloads.txt',
  /** Role of a workload. @param name its name */
  workload: (name: string): string => `workload.${name}.json`,
  /** Policy of a workload. @param name its name */
  workloadPolicy: (name: string): string => `policy.${MANAGED_PREFIX}workload-${name}.hcl`,
  /** Policy of a project. @param name its name */
  project: (name: string): string => `policy.${MANAGED_PREFIX}project-${name}.hcl`,
} as const;

/**
 * Brings a Vault to the declared state; running it again changes nothing. It reads
 * - `$SPEC`: the folder of the declared state, with the files named above;
 * - `$SERVERS`: the addresses of all servers, to tell which of them is sealed;
 * - `$MOUNT`, `$AUTH_PATH`, `$ROLE_NAME`: the engine, the authentication method and the role;
 * - `$WORKLOADS`: whether service accounts of the cluster log in, `yes` or `no`;
 * - `$JWKS_CA_FILE`: the authority behind the identity provider, empty where the system's authorities serve;
 * - `$WAIT_SECONDS`: how long a sealed store is waited for.
 *
 * Policies, groups, role and settings become exactly what is declared. A project that is no longer declared loses its group and its
 * policy, so that nobody reaches its directory; what it holds stays. Everything that has no name of the platform is left alone.
 */
export const PROVISIONING_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
. "$SPEC/client.sh"

# Until some server is unsealed and lets this program in. Who waits, says for what.
enter() {
  local end=$((SECONDS + WAIT_SECONDS)) said="" now server
  while :; do
    now=""
    for server in $SERVERS; do now="$now $server is $(state "$server");"; done
    case "$now" in
      *' unsealed;'*)
        if VAULT_TOKEN=$(login reconciler 2>/dev/null); then export VAULT_TOKEN; return; fi
        now="$now the programs of the platform are not let in yet: with shares that people hold, somebody runs admit.sh" ;;
    esac
    if [ "$now" != "$said" ]; then say "waiting:$now"; fi
    said=$now
    if [ "$SECONDS" -ge "$end" ]; then say 'gave up'; return 1; fi
    sleep 2
  done
}

audit() {
  if vault audit list 2>/dev/null | grep -q '^stdout/'; then return; fi
  vault audit enable -path=stdout file file_path=stdout
}

mount() {
  if ! vault read "sys/mounts/$MOUNT" >/dev/null 2>&1; then vault secrets enable -path="$MOUNT" -version=2 kv; fi
  # the engine upgrades itself for a moment after it is made
  for _ in {1..30}; do
    if vault write "$MOUNT/config" max_versions="$MAX_VERSIONS"; then return; fi
    sleep 1
  done
  return 1
}

authentication() {
  if ! accessor=$(vault read -field=accessor "sys/auth/$AUTH_PATH" 2>/dev/null); then
    vault auth enable -path="$AUTH_PATH" jwt
    accessor=$(vault read -field=accessor "sys/auth/$AUTH_PATH")
  fi
  local settings
  settings=$(<"$SPEC/authentication.json")
  if [ -n "$JWKS_CA_FILE" ]; then
    # the certificate as a JSON text: PEM has nothing else to escape than the ends of its lines
    settings="${'$'}{settings%\}},\"jwks_ca_pem\":\"$(sed 's/$/\\n/' "$JWKS_CA_FILE" | tr -d '\r\n')\"}"
  fi
  printf '%s' "$settings" | vault write "auth/$AUTH_PATH/config" -
  vault write "auth/$AUTH_PATH/role/$ROLE_NAME" - <"$SPEC/role.json"
  vault list "auth/$AUTH_PATH/role" | sed 1,2d | while read -r name; do
    if [ "$name" != "$ROLE_NAME" ]; then say "role \"$name\" is not declared: left as it is"; fi
  done
}

# OpenBao counts the versions of a policy: one that is right already is left alone.
policy() { # NAME
  local wanted
  wanted=$(sed "s/${ACCESSOR}/$accessor/g" "$SPEC/policy.$1.hcl")
  if [ "$(vault policy read "$1" 2>/dev/null)" = "$wanted" ]; then return; fi
  printf '%s\n' "$wanted" | vault policy write "$1" -
}

# People are in the group because their token says so: the alias ties its name in the token to the group here.
project() { # NAME
  local group=${MANAGED_PREFIX}project-$1 held id alias tied
  policy "$group"
  held=$(vault read -format=json -field=policies "identity/group/name/$group" 2>/dev/null | tr -d ' \n') || held=""
  if [ "$held" != "[\"$group\"]" ]; then
    vault write "identity/group/name/$group" type=external policies="$group"
  fi
  id=$(vault read -field=id "identity/group/name/$group")
  alias=$(vault read -format=json -field=alias "identity/group/name/$group")
  tied=$(field id "$alias")
  if [ "$(field name "$alias") $(field mount_accessor "$alias")" = "$1 $accessor" ]; then return; fi
  if [ -n "$tied" ]; then vault delete "identity/group-alias/id/$tied"; fi
  vault write identity/group-alias name="$1" mount_accessor="$accessor" canonical_id="$id"
}

field() { printf '%s\n' "$2" | sed -n "s/^ *\"$1\": \"\([^\"]*\)\".*/\1/p"; } # NAME JSON

undeclared() {
  local group
  { vault list identity/group/name 2>/dev/null || true; } | sed -n 's/^${MANAGED_PREFIX}project-//p' | while read -r group; do
    if ! grep -qxF -e "$group" "$SPEC/projects.txt"; then
      vault delete "identity/group/name/${MANAGED_PREFIX}project-$group"
      vault policy delete "${MANAGED_PREFIX}project-$group"
      say "project \"$group\" is no longer declared: nobody reaches its directory; what it holds stays"
    fi
  done
}

# Programs of the cluster, whose tokens the servers let the API server review.
workloads() {
  local name
  if ! vault read sys/auth/${WORKLOAD_PATH} >/dev/null 2>&1; then vault auth enable -path=${WORKLOAD_PATH} kubernetes; fi
  vault write auth/${WORKLOAD_PATH}/config kubernetes_host=https://kubernetes.default.svc disable_local_ca_jwt=false
  while read -r -u 3 name; do
    policy "${MANAGED_PREFIX}workload-$name"
    vault write "auth/${WORKLOAD_PATH}/role/$name" - <"$SPEC/workload.$name.json"
  done 3<"$SPEC/workloads.txt"
  { vault list auth/${WORKLOAD_PATH}/role 2>/dev/null || true; } | sed 1,2d | while read -r name; do
    if grep -qxF -e "$name" "$SPEC/workloads.txt"; then continue; fi
    if ! vault policy read "${MANAGED_PREFIX}workload-$name" >/dev/null 2>&1; then continue; fi
    vault delete "auth/${WORKLOAD_PATH}/role/$name"
    vault policy delete "${MANAGED_PREFIX}workload-$name"
    say "workload \"$name\" is no longer declared: it cannot log in"
  done
}

origins() {
  if [ -s "$SPEC/origins.txt" ]; then
    vault write sys/config/cors enabled=true allowed_origins="$(paste -sd , "$SPEC/origins.txt")"
  else
    vault delete sys/config/cors
  fi
}

enter
{
  audit
  mount
  authentication
  policy ${MANAGED_PREFIX}user
  while read -r -u 3 name; do project "$name" </dev/null; done 3<"$SPEC/projects.txt"
  undeclared
  if [ "$WORKLOADS" = yes ]; then workloads; fi
  origins
  vault token revoke -self
} >/dev/null
say 'the secret store is as declared; ${OWN_PATH} has given its token back'
`;
