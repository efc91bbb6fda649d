import { VAULT_CLIENT_SCRIPT, VAULT_KEYS_SCRIPT } from './vault-keys-script';

/**
 * Starts a server and looks after it until it is unsealed: the first server of all initialises the store, the others fetch the
 * encrypted key, and each unseals itself where it can. A server that somebody seals by hand stays sealed until its next start.
 * Afterwards it only reads the certificate anew when that changes.
 */
const START_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
. "$SCRIPTS/client.sh"
. "$SCRIPTS/keys.sh"

tend() {
  # the token of a transit seal is the server's alone
  unset VAULT_TOKEN
  local said="" why now first=no
  case "$POD_NAME" in *-0) first=yes ;; esac
  until [ "$(state)" != silent ]; do sleep 1; done
  while :; do
    now=$(state)
    why=""
    case "$now $KEEPER $first" in
      unsealed*) break ;;
      'uninitialised people'*) why=$(say 'NOT INITIALISED: people initialise and unseal this store' 2>&1) ;;
      'sealed people'*) why=$(say 'SEALED: waiting for the shares that people hold' 2>&1) ;;
      'sealed service'*) why=$(say 'SEALED: the key service does not answer, or refuses' 2>&1) ;;
      'uninitialised '*' yes') why=$(step initialise 2>&1) || true ;;
      # A server that has lost its volume, or whose store was restored, takes the key of the others.
      'sealed server'*) why=$(step unseal 2>&1 || step join 2>&1 || say 'SEALED: no key opens it' 2>&1) ;;
      'uninitialised server no') why=$(step join 2>&1) || true ;;
    esac
    # each reason once, whenever it was
    if [ -n "$why" ] && [ "${'$'}{why#*: }" != "$said" ]; then printf '%s\n' "$why" >&2; fi
    said=${'$'}{why#*: }
    sleep 2
  done
  say 'unsealed'
  if [ "$first" = yes ] && [ "$KEEPER" != people ]; then
    until step ensure_admitted; do sleep 5; done
  fi
  watch_certificate
}

watch_certificate() {
  if [ -z "$TLS_FILE" ]; then return; fi
  local before after
  before=$(sha256sum <"$TLS_FILE")
  while sleep 60; do
    after=$(sha256sum <"$TLS_FILE")
    if [ "$after" != "$before" ]; then say 'reading the new certificate'; kill -HUP $$; fi
    before=$after
  done
}

others=""
for peer in $PEERS; do
  case "$peer" in *"//$POD_NAME."*) ;; *) others="$others $peer" ;; esac
done
PEERS=${'$'}{others# }
export PEERS

# A server ends at once where another Vault, which has its key, does not answer: that one is asked first. As the server asks, so with its
# token, and as nobody else does.
wait_for_key() {
  local why said=""
  until why=$(VAULT_ADDR=$SEAL_ADDR VAULT_CACERT=$SEAL_CACERT VAULT_TLS_SERVER_NAME='' \
    vault write "$SEAL_PATH" plaintext=dHJpYWw= 2>&1 >/dev/null); do
    why=$(printf '%s' "$why" | tr -s '\n ' ' ')
    if [ "$why" != "$said" ]; then say "SEALED: the key service does not answer, or refuses: $why"; fi
    said=$why
    sleep 5
  done
}
if [ -n "$SEAL_PATH" ]; then wait_for_key; fi

tend &
# The client's own variables say where this server is: it would look for the one that has its key there, too.
exec env -u VAULT_ADDR -u VAULT_CACERT -u VAULT_TLS_SERVER_NAME "$VAULT_PROGRAM" server -config="$SCRIPTS/vault.json"
`;

/** Lets the platform's programs in where people hold the key, with a root token from standard input, which it revokes. */
const ADMIT_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
. "$SCRIPTS/client.sh"
. "$SCRIPTS/keys.sh"
IFS= read -r VAULT_TOKEN
export VAULT_TOKEN
admit >/dev/null
vault token revoke -self >/dev/null
say 'the programs of the platform can log in; the token that was given is revoked'
`;

/**
 * Replaces everything in the store by a snapshot that the snapshot Job has made, which comes on standard input. The other servers
 * must be restarted afterwards: they take the restored key.
 */
const RESTORE_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
. "$SCRIPTS/client.sh"
. "$SCRIPTS/keys.sh"
unset VAULT_TOKEN
if [ "$KEEPER" = people ]; then
  say 'people hold the key of this store: restore with "vault operator raft snapshot restore" and a root token'
  exit 1
fi
folder=$(mktemp -d "$(dirname "$KEY_FILE")/restore.XXXXXX")
trap 'rm -rf "$folder"' EXIT
tar -x -f - -C "$folder" vault.snap unseal.key
(KEY_FILE="$folder/unseal.key" && key >/dev/null)
VAULT_TOKEN=$(root_token)
export VAULT_TOKEN
vault operator raft snapshot restore -force "$folder/vault.snap"
unset VAULT_TOKEN
keep_key <"$folder/unseal.key"
# The server reads the snapshot on its own time, and may seal itself once more for another key: it must have been open for a while.
steady=0
for _ in {1..120}; do
  sleep 1
  case $(state) in
    unsealed) if step ensure_admitted; then steady=$((steady + 1)); else steady=0; fi ;;
    sealed)
      steady=0
      if [ "$KEEPER" = server ]; then step unseal || true; fi ;;
    *) steady=0 ;;
  esac
  if [ "$steady" -ge 10 ]; then
    say 'restored'
    exit 0
  fi
done
say 'restored, but not unsealed after two minutes'
exit 1
`;

/** The scripts beside each server, by file name. */
export const VAULT_SERVER_SCRIPTS: Readonly<Record<string, string>> = {
  'client.sh': VAULT_CLIENT_SCRIPT,
  'keys.sh': VAULT_KEYS_SCRIPT,
  'start.sh': START_SCRIPT,
  'admit.sh': ADMIT_SCRIPT,
  'restore.sh': RESTORE_SCRIPT,
};
