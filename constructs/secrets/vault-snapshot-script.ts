import { OWN_PATH } from './vault-keys-script';

/**
 * Takes a snapshot of everything in the store and uploads it as `vault-<time in UTC>.tar`, together with the encrypted key that opens
 * it. It reads rclone's own variables and
 * - `$SCRIPTS`, `$STAGE`: the folder of the scripts, and an empty one with room for a snapshot;
 * - `$REMOTE`: a folder in rclone's notation;
 * - `$RETENTION_DAYS`, `$KEEP_AT_LEAST`: a snapshot goes when it is older, and not among the newest.
 */
export const SNAPSHOT_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
umask 077
. "$SCRIPTS/client.sh"

file=vault-$(date -u +%Y%m%dT%H%M%SZ).tar
cd "$STAGE"
VAULT_TOKEN=$(login snapshots)
export VAULT_TOKEN
VAULT_CLIENT_TIMEOUT=10m vault operator raft snapshot save vault.snap
if [ "$KEEPER" = people ]; then : >unseal.key; else vault read -field=key ${OWN_PATH}/unseal >unseal.key; fi
vault token revoke -self >/dev/null
# a snapshot is an archive that holds its own sums
tar -x -z -f vault.snap meta.json state.bin SHA256SUMS
sha256sum --quiet --check SHA256SUMS
rm meta.json state.bin SHA256SUMS
tar -c -f "$file" vault.snap unseal.key

rclone copyto "$file" "$REMOTE/$file"
size=$(wc -c <"$file" | tr -d ' ')
arrived=$(rclone lsf --format s "$REMOTE/$file")
if [ "$size" != "$arrived" ]; then
  say "$file has $size bytes here and $arrived in the store"
  exit 1
fi
say "$file: $size bytes"

limit=vault-$(date -u -d "@$(($(date +%s) - RETENTION_DAYS * 86400))" +%Y%m%dT%H%M%SZ).tar
rclone lsf --files-only "$REMOTE" | grep -xE 'vault-[0-9]{8}T[0-9]{6}Z\.tar' | sort -r | tail -n "+$((KEEP_AT_LEAST + 1))" |
  while read -r old; do
    if [[ "$old" < "$limit" ]]; then
      rclone deletefile "$REMOTE/$old"
      say "$old removed"
    fi
  done
`;
