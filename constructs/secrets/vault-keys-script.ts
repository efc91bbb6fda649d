/** The programs of the platform that log in at the store itself, each with a role and a generated value of this name. */
export const MACHINES = ['servers', 'reconciler', 'snapshots'] as const;
/** One of them. */
export type Machine = (typeof MACHINES)[number];

/** Path of the authentication method of the platform's own programs, and of the engine that keeps what belongs to the platform. */
export const OWN_PATH = 'bouture';

/**
 * Functions of all scripts, beside the servers and in Jobs. They read
 * - `$VAULT_PROGRAM`: `vault` or `bao`, and the client's own variables, `$VAULT_ADDR` above all;
 * - `$ACCESS`: a folder with a generated value for each of the platform's programs.
 *
 * No command line ever holds a secret: the client reads values from files and from standard input, and `printf` is a builtin.
 */
export const VAULT_CLIENT_SCRIPT = String.raw`export VAULT_CLIENT_TIMEOUT=20s VAULT_MAX_RETRIES=0 VAULT_FORMAT=table

vault() { command "$VAULT_PROGRAM" "$@"; }

say() { printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$ROLE" "$1" >&2; }

# One of: unsealed, sealed, uninitialised, silent.
state() { # [ADDRESS]
  local answer code=0
  answer=$(VAULT_ADDR=${'$'}{1:-$VAULT_ADDR} vault status -format=json 2>/dev/null) || code=$?
  case "$code $answer" in
    '0 '*) echo unsealed ;;
    '2 '*'"initialized": false'*) echo uninitialised ;;
    '2 '*'"initialized": true'*) echo sealed ;;
    *) echo silent ;;
  esac
}

# The token of one of the platform's programs.
login() { # MACHINE
  vault write -field=token auth/${OWN_PATH}/login role_id="$1" secret_id=@"$ACCESS/$1"
}
`;

/**
 * Functions of the scripts beside a server: how it comes by its key. They read, beside what all scripts read,
 * - `$KEEPER`: who brings the key: `server`, `people` or `service`;
 * - `$KEY_FILE`: on the server's volume; the key, or the recovery key of a server that a key service unseals, encrypted;
 * - `$KEY_SECRET`: the file with the generated value that encrypts it;
 * - `$POD_NAME`: the name of the server, which ends with its number, and `$PEERS`: the addresses of the other servers;
 * - `$SCRIPTS`: the folder with the policies of the platform's programs.
 */
export const VAULT_KEYS_SCRIPT = String.raw`# Runs a function in a shell of its own, where the first failure ends it whatever the caller does with that.
step() { bash -euo pipefail -c '. "$SCRIPTS/client.sh"; . "$SCRIPTS/keys.sh"; "$@"' step "$@"; }

encrypted() { openssl enc -aes-256-cbc -pbkdf2 -iter 100000 -a -A -pass "file:$KEY_SECRET"; }
decrypted() { openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -a -A -pass "file:$KEY_SECRET"; }

# Puts the key on the volume, whole or not at all.
keep_key() { # the encrypted key on standard input
  (umask 077 && cat >"$KEY_FILE.new")
  sync "$KEY_FILE.new"
  mv "$KEY_FILE.new" "$KEY_FILE"
}

key() {
  local text
  if text=$(decrypted <"$KEY_FILE" 2>/dev/null) && [[ $text =~ ^[0-9a-f]{64}$ ]]; then
    printf %s "$text"
    return
  fi
  say 'SEALED: the key was encrypted with another generated value: give the Secret its old value again, and restart'
  return 1
}

# With the key of the others. The server itself asks them to let it join, and waits for the key.
join() { fetch_key && if [ "$KEEPER" = server ]; then unseal; fi; }

# The first server of all makes the key. Where another one holds data already, this one has lost its volume.
initialise() {
  local peer answer
  for peer in $PEERS; do
    case $(state "$peer") in
      uninitialised) ;;
      silent) say "waiting for $peer before the first initialisation"; return 1 ;;
      *) say "$peer has data already: joining it"; join; return ;;
    esac
  done
  # what cannot be kept must not be made
  printf test | encrypted >"$KEY_FILE.new"
  local shares=(-key-shares=1 -key-threshold=1)
  if [ "$KEEPER" = service ]; then shares=(-recovery-shares=1 -recovery-threshold=1); fi
  answer=$(vault operator init -format=json "${'$'}{shares[@]}")
  printf '%s\n' "$answer" | sed -n '/"\(unseal\|recovery\)_keys_hex": \[$/{n;s/[^0-9a-f]//g;p;q}' | tr -d '\n' |
    encrypted | keep_key
  key >/dev/null
  # the store makes a root token by itself: it is used once, and revoked
  printf '%s\n' "$answer" | sed -n 's/.*"root_token": "\([^"]*\)".*/\1/p' | tr -d '\n' | encrypted >"$KEY_FILE.first-token"
  say 'initialised; the key is on the volume, encrypted'
}

unseal() {
  local text
  text=$(key) || return 1
  printf '{"key":"%s"}' "$text" | vault write sys/unseal - >/dev/null
}

# The encrypted key, from a server that has it.
fetch_key() {
  local peer found
  for peer in $PEERS; do
    if [ "$(state "$peer")" != unsealed ]; then continue; fi
    if found=$(VAULT_ADDR=$peer && export VAULT_ADDR VAULT_TOKEN && VAULT_TOKEN=$(login servers 2>/dev/null) &&
      vault read -field=key ${OWN_PATH}/unseal); then
      printf %s "$found" | keep_key
      say "has the encrypted key from $peer"
      return
    fi
  done
  return 1
}

# OpenBao makes no root token for who has the key alone. There, a login whose value follows from the key takes its place.
admission() { # KEY
  local value
  value=$(printf 'admission %s' "$1" | sha256sum)
  printf '{"role_id":"admission","secret_id":"%s"}' "${'$'}{value%% *}"
}
admission_token() { # KEY
  admission "$1" | vault write -field=token auth/${OWN_PATH}/login -
}
ensure_admission() {
  local text role=auth/${OWN_PATH}/role/admission
  text=$(key)
  if admission_token "$text" >/dev/null 2>&1; then return; fi
  printf 'path "*" {\n  capabilities = ["create","read","update","patch","delete","list","sudo"]\n}\n' |
    vault policy write ${OWN_PATH}-admission -
  vault delete "$role"
  vault write "$role" token_policies=${OWN_PATH}-admission token_ttl=5m token_max_ttl=5m
  vault write "$role/role-id" role_id=admission
  admission "$text" | vault write "$role/custom-secret-id" - >/dev/null
}

# A token that may do everything: the first one of all, or one made with the key. Whoever calls revokes it.
root_token() {
  local attempt nonce otp coded text
  if [ -s "$KEY_FILE.first-token" ] && text=$(decrypted <"$KEY_FILE.first-token") &&
    VAULT_TOKEN=$text vault token lookup >/dev/null 2>&1; then
    printf %s "$text"
    return
  fi
  text=$(key) || return 1
  if [ "$VAULT_PROGRAM" = bao ]; then
    admission_token "$text"
    return
  fi
  vault operator generate-root -cancel >/dev/null
  attempt=$(vault operator generate-root -init -format=json)
  nonce=$(printf '%s' "$attempt" | sed -n 's/.*"nonce": "\([^"]*\)".*/\1/p')
  otp=$(printf '%s' "$attempt" | sed -n 's/.*"otp": "\([^"]*\)".*/\1/p')
  coded=$(printf %s "$text" | vault operator generate-root -format=json -nonce="$nonce" - |
    sed -n 's/.*"encoded_\(root_\)\{0,1\}token": "\([^"]*\)".*/\2/p' | head -n 1)
  printf %s "$coded" | vault operator generate-root -decode=- -otp="$otp"
}

# Lets the platform's programs in, with the token in VAULT_TOKEN; from here on everything that is done is in the audit log.
admit() {
  local machine role
  if ! vault audit list 2>/dev/null | grep -q '^stdout/'; then vault audit enable -path=stdout file file_path=stdout; fi
  if ! vault read sys/mounts/${OWN_PATH} >/dev/null 2>&1; then vault secrets enable -path=${OWN_PATH} -version=1 kv; fi
  if ! vault read sys/auth/${OWN_PATH} >/dev/null 2>&1; then vault auth enable -path=${OWN_PATH} approle; fi
  for machine in ${MACHINES.join(' ')}; do
    role=auth/${OWN_PATH}/role/$machine
    vault policy write "${OWN_PATH}-$machine" "$SCRIPTS/policy.$machine.hcl"
    # an earlier value is no longer taken
    vault delete "$role"
    vault write "$role" token_policies="${OWN_PATH}-$machine" token_ttl=15m token_max_ttl=12h
    vault write "$role/role-id" role_id="$machine"
    vault write "$role/custom-secret-id" secret_id=@"$ACCESS/$machine" >/dev/null
  done
  if [ "$KEEPER" != people ]; then
    vault write ${OWN_PATH}/unseal key=@"$KEY_FILE"
    if [ "$VAULT_PROGRAM" = bao ]; then ensure_admission; fi
  fi
}

# Whether every program of the platform can log in with its present value.
admitted() {
  local machine
  for machine in ${MACHINES.join(' ')}; do
    if ! login "$machine" >/dev/null 2>&1; then return 1; fi
  done
}

ensure_admitted() {
  if [ ! -e "$KEY_FILE.first-token" ] && admitted; then return; fi
  say 'letting the programs of the platform in'
  VAULT_TOKEN=$(root_token)
  export VAULT_TOKEN
  trap 'vault token revoke -self >/dev/null' EXIT
  admit >/dev/null
  vault token revoke -self >/dev/null
  trap - EXIT
  rm -f "$KEY_FILE.first-token"
  say 'the programs of the platform can log in; no root token is left'
}
`;
