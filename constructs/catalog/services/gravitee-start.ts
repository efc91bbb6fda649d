import { API_PATH, FILES } from './gravitee-config';
import { JAVA_TRUST_SCRIPT } from './java-trust';

/** Folder of the configuration, in memory: it holds passwords. */
export const CONFIG = '/run/gravitee';
/** The one account. */
export const ADMINISTRATOR = 'admin';

/**
 * Makes the database of this service in the PostgreSQL of the namespace. Two Pods may do so at once, and PostgreSQL may come later than they:
 * what fails is tried again.
 */
export const DATABASE_SCRIPT = `#!/bin/sh
set -eu
if [ -z "\${PGHOST:-}" ]; then
  echo 'start: no PostgreSQL found: launch the service "postgresql" in this namespace, then this one again' >&2
  exit 1
fi
export PGCONNECT_TIMEOUT=5
tries=0
until psql -X -q -v ON_ERROR_STOP=1 -v database="$DATABASE" -f ${FILES}/database.sql; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || exit 1
  sleep 2
done
`;

export const DATABASE_SQL = `SELECT format('CREATE DATABASE %I', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \\gexec
`;

/**
 * Writes the whole configuration and becomes the software: a part of it would leave the rest as the image has it, with accounts whose
 * passwords are known to everybody. Half of the memory is Java's heap.
 */
export const START_SCRIPT = `#!/bin/sh
set -eu
umask 077
case "\${PASSWORD:-} $PGPASSWORD $EMAIL" in
  *'\${'*) echo 'start: a password has \${ in it, which Gravitee replaces: choose another one' >&2; exit 1 ;;
esac
# A text of YAML.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"; }
# By the name that Gravitee had for it until now, and by the one that it will have.
repositories() {
  for name in "$@"; do repository '' "$name"; done
  echo 'repositories:'
  for name in "$@"; do repository '  ' "$name"; done
}
repository() {
  cat <<EOF
$1$2:
$1  type: jdbc
$1  jdbc:
$1    url: $(quoted "jdbc:postgresql://$PGHOST:$PGPORT/$DATABASE")
$1    username: $(quoted "$PGUSER")
$1    password: $(quoted "$PGPASSWORD")
EOF
}
{
  cat "${FILES}/$1.yml"
  case $1 in
    api)
      repositories management
      cat <<EOF
security:
  providers:
    - type: memory
      password-encoding-algo: none
      users:
        - user:
          username: ${ADMINISTRATOR}
          email: $(quoted "$EMAIL")
          password: $(quoted "$PASSWORD")
          roles: ORGANIZATION:ADMIN,ENVIRONMENT:ADMIN
jwt:
  secret: $(quoted "$JWT_SECRET")
  cookie-path: /
  cookie-secure: $IS_OPEN
user:
  login:
    defaultApplication: false
  reference:
    secret: $(quoted "$REFERENCE_SECRET")
EOF
      if [ "$IS_OPEN" = true ]; then
        cat <<EOF
installation:
  type: standalone
  api:
    url: $(quoted "https://$CONSOLE_HOST")
    proxyPath:
      management: ${API_PATH}
  standalone:
    console:
      url: $(quoted "https://$CONSOLE_HOST")
portal:
  entrypoint: $(quoted "https://$GATEWAY_HOST")
# Else pages of every other host may ask with the cookie of whoever looks at them.
http.api.management.cors.allow-origin: $(quoted "https://$CONSOLE_HOST")
EOF
      fi
      ;;
    gateway) repositories management ratelimit ;;
  esac
  cat <<EOF
api:
  properties:
    encryption:
      secret: $(quoted "$PROPERTIES_SECRET")
EOF
} > ${CONFIG}/gravitee.yml.new
mv ${CONFIG}/gravitee.yml.new ${CONFIG}/gravitee.yml

: "\${JAVA_HOME:=$(java -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.home = //p')}"
${JAVA_TRUST_SCRIPT}
export JAVA_OPTS="\${JAVA_OPTS:-} -Dgravitee.conf=${CONFIG}/gravitee.yml $JAVA_TRUST"
export GIO_MIN_MEM=256m GIO_MAX_MEM="$((MEMORY / 2))m"
unset PGPASSWORD PASSWORD JWT_SECRET REFERENCE_SECRET PROPERTIES_SECRET
exec ./bin/gravitee
`;

/** Asks as the administrator, as nobody, the gateway for an API that there is not, and the console for its page. */
export const TEST_SCRIPT = `set -eu
ask() { curl --silent --show-error --max-time 20 --output /tmp/answer --write-out '%{http_code}' "$@"; }
expect() {
  wanted=$1
  shift
  got=$(ask "$@")
  [ "$got" = "$wanted" ] || { echo "expected $wanted, got $got: $(head -c 500 /tmp/answer)" >&2; exit 1; }
}
printf 'user = "%s:%s"\\n' ${ADMINISTRATOR} "$(printf %s "$PASSWORD" | sed 's/[\\\\"]/\\\\&/g')" > /tmp/account
login="$API${API_PATH}/organizations/DEFAULT/user/login"
expect 200 --request POST --config /tmp/account "$login"
expect 401 --request POST --user ${ADMINISTRATOR}:${ADMINISTRATOR} "$login"
expect 404 "$GATEWAY/nothing-is-here"
expect 200 "$CONSOLE/constants.json"
`;
