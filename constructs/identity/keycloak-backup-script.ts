/** Name of the remote that encrypts, in rclone's notation: `backup:<file>` is a file of the folder in the bucket. */
export const ENCRYPTED_REMOTE = 'backup';

/**
 * Functions of both scripts below, which also read
 * - `$REALM`: name of the realm;
 * - `$KEY_FILE`: the value that encrypts, and rclone's own variables but for that value;
 * - `$SCRIPTS`, `$STAGE`: the folder of the scripts, and an empty one with room for the export;
 * - `$KC_SH`, and the variables of Keycloak that say where the database is.
 */
const COMMON_SCRIPT = String.raw`say() { printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$ROLE" "$1" >&2; }
fail() { say "$1"; exit 1; }

# rclone wants the value in a form of its own, which hides it from no one; it never stands on a command line.
RCLONE_CONFIG_BACKUP_PASSWORD=$(rclone obscure - <"$KEY_FILE")
export RCLONE_CONFIG_BACKUP_PASSWORD

# Times of the backups, from the oldest to the newest. The store calls each file .bin at its end.
backups() {
  rclone lsf --files-only ${ENCRYPTED_REMOTE}: >listed
  sed -n "s/^$REALM-\([0-9]\{8\}T[0-9]\{6\}Z\)\.json\.gz$/\1/p" listed | sort
}

# What is in realm.json, in words.
contents() {
  python3 -I -c '
import json, sys

with open("realm.json", encoding="utf-8") as file:
    realm = json.load(file)
if realm.get("realm") != sys.argv[1]:
    sys.exit("realm.json holds another realm: " + str(realm.get("realm")))
print(", ".join("%d %s" % (len(realm.get(what) or []), what) for what in ("users", "groups", "clients")))
' "$REALM"
}

# Runs a command of Keycloak, and shows what it said only when it failed.
keycloak() {
  if ! "$KC_SH" "$@" >said 2>&1; then
    tail -n 40 said >&2
    fail "Keycloak's $1 failed"
  fi
}
`;

/**
 * Exports the realm with its people beside the servers, in one transaction, and stores it encrypted as `<realm>-<time in UTC>.json.gz`. It is
 * read back before anything older is removed. Beside what is said above it reads
 * - `$RETENTION_DAYS`, `$KEEP_AT_LEAST`: a backup goes when it is older, and not among the newest.
 */
const BACKUP_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
umask 077
cd "$STAGE"
. "$SCRIPTS/common.sh"

stamp=$(date -u +%Y%m%dT%H%M%SZ)
file=$REALM-$stamp.json.gz
keycloak export --optimized --realm "$REALM" --users same_file --file "$STAGE/realm.json"
held=$(contents)
gzip -n realm.json
rclone copyto realm.json.gz "${ENCRYPTED_REMOTE}:$file"
if ! rclone cat "${ENCRYPTED_REMOTE}:$file" | cmp -s - realm.json.gz; then fail "$file is not in the store as it was sent"; fi
say "$file: $(wc -c <realm.json.gz | tr -d ' ') bytes, $held, $SECONDS s"

limit=$(date -u -d "@$(($(date +%s) - RETENTION_DAYS * 86400))" +%Y%m%dT%H%M%SZ)
backups >all
if ! grep -qxF "$stamp" all; then fail 'the store does not list the backup that it has just taken; removing nothing'; fi
sort -r all | tail -n "+$((KEEP_AT_LEAST + 1))" | while read -r old; do
  if [[ "$old" < "$limit" ]]; then
    rclone deletefile "${ENCRYPTED_REMOTE}:$REALM-$old.json.gz"
    say "$old removed"
  fi
done
`;

/**
 * Puts the realm back as it was in a backup. Servers that run would go on with what they keep in memory: it refuses as long as one answers.
 * Beside what is said above it reads
 * - `$RESTORE_BACKUP`: `latest`, a backup's time such as `20260131T020000Z`, or `list`, which only prints those times;
 * - `$KEYCLOAK_HOST`, `$KEYCLOAK_PORT`: where servers would answer.
 */
const RESTORE_SCRIPT = String.raw`#!/bin/bash
set -euo pipefail
umask 077
cd "$STAGE"
. "$SCRIPTS/common.sh"

backups >all
if ! [ -s all ]; then fail "no backup of realm $REALM in $RCLONE_CONFIG_BACKUP_REMOTE"; fi
if [ "$RESTORE_BACKUP" = list ]; then
  cat all
  exit
fi
backup=$RESTORE_BACKUP
if [ "$backup" = latest ]; then backup=$(tail -n 1 all); fi
if ! grep -qxF -e "$backup" all; then fail "no backup $backup; there are $(paste -sd ' ' all)"; fi
if timeout 5 bash -c ': <"/dev/tcp/$KEYCLOAK_HOST/$KEYCLOAK_PORT"' 2>/dev/null; then
  fail 'Keycloak runs, and would go on with what it keeps in memory: scale its Deployment to 0 first. Nothing was changed'
fi

if ! rclone copyto "${ENCRYPTED_REMOTE}:$REALM-$backup.json.gz" realm.json.gz; then
  fail "backup $backup cannot be read: was it encrypted with another value than this Secret has now?"
fi
gunzip realm.json.gz
held=$(contents)
taken=$(printf '%s' "$backup" | sed 's/^\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)Z$/\1-\2-\3 \4:\5:\6/')
say "backup $backup: what was changed in the $(($(date +%s) - $(date -u -d "$taken" +%s))) s since is not in it"
keycloak import --optimized --override true --file "$STAGE/realm.json"
say "restored realm $REALM: $held, $SECONDS s"
`;

/** The scripts of the Jobs that back a realm up and restore it, by file name. */
export const KEYCLOAK_BACKUP_SCRIPTS: Readonly<Record<string, string>> = {
  'common.sh': COMMON_SCRIPT,
  'backup.sh': BACKUP_SCRIPT,
  'restore.sh': RESTORE_SCRIPT,
};
