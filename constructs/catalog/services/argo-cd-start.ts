import { AUTHORITIES, BUNDLE, SYSTEM_BUNDLE } from '../parts/surroundings';

/** Ports of the Pod. Who may read manifests and who keeps them ask nobody who they are: they listen on the loopback address. */
export const PORTS = {
  server: 8080,
  repositories: 8081,
  controllerHealth: 8082,
  serverMetrics: 8083,
  repositoriesHealth: 8084,
  redis: 6379,
} as const;

/** Folder of the scripts. */
export const FILES = '/etc/bouture/argo-cd';

/** Folder of the token by which Argo CD calls the Kubernetes API: the one place where it looks. */
export const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Keeps what Argo CD has computed, in memory only: what is lost is computed again. The password stands on no command line. */
export const REDIS_SCRIPT = `#!/bin/sh
set -eu
umask 077
printf 'requirepass "%s"\\n' "$REDIS_PASSWORD" >/tmp/redis.conf
exec redis-server /tmp/redis.conf --bind 127.0.0.1 --port "$REDIS_PORT" --dir /tmp --save '' --appendonly no \\
  --maxmemory 96mb --maxmemory-policy allkeys-lru
`;

/** Renders what is in repositories. Git and Helm trust the office's authorities beside those of the image. */
export const REPOSITORIES_SCRIPT = `#!/bin/sh
set -eu
if [ -r ${AUTHORITIES}/ca.crt ]; then
  mkdir -p "$(dirname ${BUNDLE})"
  cat ${SYSTEM_BUNDLE} ${AUTHORITIES}/ca.crt >${BUNDLE}
fi
mkdir -p "$ARGOCD_PLUGINSOCKFILEPATH"
exec tini -s -- argocd-repo-server "$@"
`;

/**
 * Makes the password of the service that of `admin`, unless it is already: Argo CD keeps a hash in a Secret of its own, with the time of the
 * change, and with another time everybody would have to log in again.
 */
export const PASSWORD_SCRIPT = `#!/bin/sh
set -eu
umask 077
say() { echo "password: $*" >&2; }

if [ -n "\${PASSWORD_HASH:-}" ]; then
  printf 'admin:%s\\n' "$PASSWORD_HASH" >/tmp/password
  if printf '%s\\n' "$PASSWORD" | htpasswd -vi /tmp/password admin 2>/dev/null; then
    say 'it is what it was'
    exit 0
  fi
fi
PASSWORD_HASH=$(printf '%s\\n' "$PASSWORD" | htpasswd -niBC 10 admin | sed -n 's/^admin://p')
export PASSWORD_HASH
printf 'Authorization: Bearer %s\\n' "$(cat ${TOKEN}/token)" >/tmp/header
jq -n '{stringData: {"admin.password": env.PASSWORD_HASH, "admin.passwordMtime": (now | todate)}}' |
  curl --fail --silent --show-error --retry 10 --retry-all-errors --max-time 20 --output /dev/null \\
    --cacert ${TOKEN}/ca.crt --header @/tmp/header --header 'Content-Type: application/merge-patch+json' \\
    --request PATCH --data-binary @- "$KUBERNETES_API/api/v1/namespaces/$NAMESPACE/secrets/argocd-secret"
rm -f /tmp/header
say 'Argo CD has it now'
`;

/** Logs in, as people do. */
export const TEST_SCRIPT = `set -eu
jq -n '{username: "admin", password: env.PASSWORD}' |
  curl --fail --silent --show-error --max-time 20 --output /dev/null --header 'Content-Type: application/json' \\
    --data-binary @- "$SERVER/api/v1/session"
`;
