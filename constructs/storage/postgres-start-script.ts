/**
 * Starts a PostgreSQL server in a container, on any image that has PostgreSQL, `flock` and a POSIX shell. It makes the data
 * folder when there is none, sets the superuser's password, and stays as the container's first process: there, the server itself
 * would take the death of any orphaned process for a crash of one of its own
 * (https://www.postgresql.org/docs/15/server-shutdown.html has the signals).
 *
 * Reads `PGDATA`, a folder inside the volume; `PGHOST`, the folder of the socket; `POSTGRES_CONFIG`, the folder of
 * `postgresql.conf`; `SUPERUSER_PASSWORD_FILE`; and `TLS_CERTIFICATE_FILE`, empty without TLS.
 */
export const POSTGRES_START_SCRIPT = String.raw`#!/bin/sh
set -eu
umask 077

log() { printf '%s start: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >&2; }
fail() { log "$1"; exit 1; }

password=$(cat "$SUPERUSER_PASSWORD_FILE")
[ -n "$password" ] || fail "$SUPERUSER_PASSWORD_FILE is empty"

# A Pod that was deleted by force may still run while its successor starts, and in a container of its own the server cannot see
# the other. The lock hangs on the open file: it goes when the last process that holds it goes, however that happens.
exec 9>"$(dirname "$PGDATA")/server.lock"
until flock -n 9; do
  log 'the former server still holds the volume; waiting for it to end'
  sleep 2
done

# Nobody else runs now: whatever a killed server left behind is stale.
rm -f "$PGHOST/ready" "$PGDATA/postmaster.pid" "$PGHOST"/.s.PGSQL.*

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ -n "$(ls -A "$PGDATA" 2>/dev/null)" ]; then
    fail "$PGDATA holds files but no database; not touching them"
  fi
  # Made beside its place and then renamed: a kill half-way leaves nothing that looks like a database. The locale C.UTF-8 sorts the
  # same whatever the image's C library, so that a newer image cannot break an index.
  log "no database in $PGDATA: making one"
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --username=postgres --pwfile="$SUPERUSER_PASSWORD_FILE" --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums --no-instructions >&2
  if [ -d "$PGDATA" ]; then rmdir "$PGDATA"; fi
  mv "$PGDATA.new" "$PGDATA"
  sync
fi
# A volume driver may have widened the folder's mode, which the server refuses.
chmod 0700 "$PGDATA"

postgres -D "$PGDATA" -c config_file="$POSTGRES_CONFIG/postgresql.conf" &
server=$!
# To the server, TERM would mean: wait until every client has gone. INT means: end their sessions, write everything, stop.
trap 'kill -INT "$server" 2>/dev/null || :' TERM INT

# Set on each start through the socket, so that a new value in the Secret holds after a restart. psql computes the SCRAM
# verifier itself: the password stands in no statement, and so in no log.
set_password() {
  messages=$(printf '%s\n%s\n' "$password" "$password" |
    PGOPTIONS='-c log_statement=none -c log_min_duration_statement=-1' \
      psql -X -q -U postgres -d postgres -v ON_ERROR_STOP=1 -c '\password postgres' 2>&1) || {
    log "cannot set the superuser's password: $messages"
    kill -INT "$server"
    return
  }
  touch "$PGHOST/ready"
}
while kill -0 "$server" 2>/dev/null; do
  if pg_isready -q; then
    set_password
    break
  fi
  sleep 1
done

# A renewed certificate is read when the server is told to.
if [ -n "$TLS_CERTIFICATE_FILE" ]; then
  (
    seen=$(cksum <"$TLS_CERTIFICATE_FILE")
    while sleep 5 && kill -0 "$server" 2>/dev/null; do
      now=$(cksum <"$TLS_CERTIFICATE_FILE")
      if [ "$now" != "$seen" ]; then
        log 'the certificate has changed: reading it'
        kill -HUP "$server"
        seen=$now
      fi
    done
  ) &
fi

# A signal ends the wait, not the server: wait again until it has gone.
while :; do
  if wait "$server"; then status=0; else status=$?; fi
  kill -0 "$server" 2>/dev/null || break
done
log "the server has ended with status $status"
exit "$status"
`;
