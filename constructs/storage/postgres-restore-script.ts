/**
 * Puts databases back as they were in a backup. Each is restored beside the one in use, under another name, and takes its place only
 * when it is whole: a restore that fails has changed nothing.
 *
 * Reads libpq's variables for the superuser; `BACKUP_REMOTE`, a folder in rclone's notation; rclone's own variables; `BACKUP_STAGE`, an
 * empty folder with room for the largest dump; `RESTORE_BACKUP`, `latest`, a backup's time such as `20260131T020000Z`, or
 * `list`, which only prints those times; and `RESTORE_DATABASES`, names with blanks between them, empty for every database of the backup.
 */
export const POSTGRES_RESTORE_SCRIPT = String.raw`#!/bin/sh
set -eu
umask 077
export PGOPTIONS='-c client_min_messages=warning'

log() { printf '%s restore: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >&2; }
fail() { log "$1"; exit 1; }

tab=$(printf '\t')
work=bouture_restore
cd "$BACKUP_STAGE"

rclone lsf --files-only --recursive --include '/*/SHA256SUMS' "$BACKUP_REMOTE" >sums
complete=$(sed 's:/SHA256SUMS$::' sums | sort)
[ -n "$complete" ] || fail "no complete backup under $BACKUP_REMOTE"
if [ "$RESTORE_BACKUP" = list ]; then
  printf '%s\n' "$complete"
  exit
fi
backup=$RESTORE_BACKUP
if [ "$backup" = latest ]; then backup=$(printf '%s\n' "$complete" | tail -n 1); fi
if ! printf '%s\n' "$complete" | grep -qxF "$backup"; then
  fail "no complete backup $backup; there are $(printf '%s' "$complete" | tr '\n' ' ')"
fi

fetch() {
  rclone copyto "$BACKUP_REMOTE/$backup/$1" "$1"
  if ! awk -v file="$1" '$2 == file' SHA256SUMS | sha256sum -c --status; then fail "$1 is not what was stored: its sum differs"; fi
}
rclone copyto "$BACKUP_REMOTE/$backup/SHA256SUMS" SHA256SUMS
fetch databases.tsv
fetch globals.sql

for name in $RESTORE_DATABASES; do
  if ! cut -f 2 databases.tsv | grep -qxF "$name"; then
    fail "backup $backup has no database $name; it has $(cut -f 2 databases.tsv | tr '\n' ' ')"
  fi
done
if [ -n "$RESTORE_DATABASES" ]; then
  printf '%s\n' $RESTORE_DATABASES >wanted
else
  cut -f 2 databases.tsv >wanted
fi

taken=$(printf '%s' "$backup" | sed 's/^\(....\)\(..\)\(..\)T\(..\)\(..\)\(..\)Z$/\1-\2-\3 \4:\5:\6/')
log "backup $backup: what was written in the $(($(date +%s) - $(date -u -d "$taken" +%s))) s since is not in it"

# Roles that own something in the backup and that this server lacks: made without the right to log in, for their passwords are not kept.
{
  sed -n 's/^CREATE ROLE \(.*\);$/DO $do$ BEGIN CREATE ROLE \1; EXCEPTION WHEN duplicate_object THEN NULL; END $do$;/p' globals.sql
  sed -n '/^GRANT .* TO .*;$/p' globals.sql
} | psql -X -q -v ON_ERROR_STOP=1

while IFS="$tab" read -r file name owner encoding collate ctype <&3; do
  if ! grep -qxF "$name" wanted; then continue; fi
  started=$(date +%s)
  fetch "$file.dump"
  psql -X -q -v ON_ERROR_STOP=1 -v work="$work" -v owner="$owner" -v encoding="$encoding" -v collate="$collate" -v ctype="$ctype" <<'SQL'
DROP DATABASE IF EXISTS :"work" WITH (FORCE);
CREATE DATABASE :"work" TEMPLATE template0 OWNER :"owner" ENCODING :'encoding' LC_COLLATE :'collate' LC_CTYPE :'ctype';
REVOKE ALL ON DATABASE :"work" FROM PUBLIC;
SQL
  pg_restore --exit-on-error --dbname="$work" "$file.dump"
  psql -X -q -v ON_ERROR_STOP=1 -d "$work" -c 'ANALYZE'
  psql -X -q -v ON_ERROR_STOP=1 -v work="$work" -v name="$name" <<'SQL'
DROP DATABASE IF EXISTS :"name" WITH (FORCE);
ALTER DATABASE :"work" RENAME TO :"name";
SQL
  # What belongs to the database itself: who may connect, its settings, its comment. Its own creation comes along whatever is listed.
  pg_restore --create --list "$file.dump" | grep -E ' (ACL|COMMENT|SECURITY LABEL) - DATABASE ' >about || :
  pg_restore --create --use-list=about --file=about.sql "$file.dump"
  sed '1,/^CREATE DATABASE /{/^CREATE DATABASE /d}' about.sql | psql -X -q -v ON_ERROR_STOP=1 >/dev/null
  rm "$file.dump"
  log "$name: restored in $(($(date +%s) - started)) s"
done 3<databases.tsv
log 'done'
`;
