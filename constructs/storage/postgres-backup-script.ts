/**
 * Makes a logical backup of every database of a server and stores it under `<remote>/<time in UTC>/`. `SHA256SUMS` is written last: a
 * folder without it is half a backup, which no restore takes.
 *
 * Reads libpq's variables for the superuser; `BACKUP_REMOTE`, a folder in rclone's notation; rclone's own variables; `BACKUP_STAGE`, an
 * empty folder with room for the dump of the largest database; `BACKUP_RETENTION_DAYS` and `BACKUP_KEEP_AT_LEAST`.
 */
export const POSTGRES_BACKUP_SCRIPT = String.raw`#!/bin/sh
set -eu
umask 077

log() { printf '%s backup: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >&2; }

started=$(date +%s)
stamp=$(date -u +%Y%m%dT%H%M%SZ)
target="$BACKUP_REMOTE/$stamp"
tab=$(printf '\t')
cd "$BACKUP_STAGE"

# Uploads a file, looks whether all of it has arrived, and notes its sum. rclone itself compares the sums that the store reports.
store() {
  rclone copyto "$1" "$target/$1"
  size=$(wc -c <"$1" | tr -d ' ')
  arrived=$(rclone lsf --format s "$target/$1")
  if [ "$size" != "$arrived" ]; then
    log "$1 has $size bytes here and $arrived in the store"
    exit 1
  fi
  sha256sum "$1" >>SHA256SUMS
}

# A database whose name cannot be a file's is stored under its number.
psql -X -q -A -t -F "$tab" -v ON_ERROR_STOP=1 -o databases.tsv <<'SQL'
SELECT CASE WHEN datname ~ '^[A-Za-z0-9_-]+$' THEN datname ELSE 'oid-' || oid END,
       datname, pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype
FROM pg_database WHERE datallowconn AND NOT datistemplate AND datname <> 'postgres' ORDER BY datname
SQL
# The passwords stay where they are kept: in the platform's Secrets.
pg_dumpall --globals-only --no-role-passwords --file=globals.sql

count=0
total=0
while IFS="$tab" read -r file name _ <&3; do
  # The name goes through the environment: as an argument, one with an equals sign would be read as a connection string.
  PGDATABASE=$name pg_dump --format=custom --lock-wait-timeout=600000 --file="$file.dump"
  if ! pg_restore --list "$file.dump" >/dev/null; then
    log "the dump of $name cannot be read back"
    exit 1
  fi
  store "$file.dump"
  log "$name: $size bytes"
  total=$((total + size))
  count=$((count + 1))
  rm "$file.dump"
done 3<databases.tsv
store globals.sql
store databases.tsv
rclone copyto SHA256SUMS "$target/SHA256SUMS"
log "$stamp is complete: $count databases, $total bytes, $(($(date +%s) - started)) s"

# Retention: a backup goes when it is older than the limit and not among the newest complete ones; half a backup goes after a day.
# SHA256SUMS goes first, so that a removal cut short leaves nothing that looks complete.
stamp_of() { date -u -d "@$(($(date +%s) - $1 * 86400))" +%Y%m%dT%H%M%SZ; }
limit=$(stamp_of "$BACKUP_RETENTION_DAYS")
yesterday=$(stamp_of 1)
rclone lsf --dirs-only "$BACKUP_REMOTE" >folders
rclone lsf --files-only --recursive --include '/*/SHA256SUMS' "$BACKUP_REMOTE" >sums
sed -n 's:^\([0-9]\{8\}T[0-9]\{6\}Z\)/$:\1:p' folders | sort -r >all
sed -n 's:^\(.*\)/SHA256SUMS$:\1:p' sums | sort -r >complete
if ! grep -qxF "$stamp" complete; then
  log "the store does not list the backup that it has just taken; removing nothing"
  exit 1
fi
head -n "$BACKUP_KEEP_AT_LEAST" complete >newest
while read -r old <&3; do
  if grep -qxF "$old" newest; then continue; fi
  oldest_kept=$limit
  if ! grep -qxF "$old" complete; then oldest_kept=$yesterday; fi
  if [ "$(printf '%s\n%s\n' "$old" "$oldest_kept" | sort | head -n 1)" = "$old" ] && [ "$old" != "$oldest_kept" ]; then
    rclone delete --include /SHA256SUMS "$BACKUP_REMOTE/$old"
    rclone purge "$BACKUP_REMOTE/$old"
    log "$old removed"
  fi
done 3<all
`;
