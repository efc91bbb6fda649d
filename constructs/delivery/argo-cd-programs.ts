/** The API of Kubernetes, as Argo CD calls the cluster that it runs in. */
export const CLUSTER = 'https://kubernetes.default.svc';

/** User of Argo CD's images. */
export const ARGO_CD_USER = 999;

/** Secret of Argo CD itself, and the key of the hash of the password in it. */
export const ARGOCD_SECRET = { name: 'argocd-secret', passwordHash: 'admin.password' } as const;

/** By this label Argo CD finds its settings. */
export const SETTINGS_LABELS = { 'app.kubernetes.io/part-of': 'argocd' } as const;

/** What a Secret means to Argo CD. */
export function secretMeaning(kind: 'cluster' | 'repository') {
  return { 'argocd.argoproj.io/secret-type': kind } as const;
}

/** Kinds that change by themselves all the time and stand in no repository. */
export const EXCLUSIONS = `- apiGroups: ['', discovery.k8s.io]
  kinds: [Endpoints, EndpointSlice]
- apiGroups: [coordination.k8s.io]
  kinds: [Lease]
`;

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

/** Certificate authorities of the office, and where they are put together with those of the image. */
export interface AuthorityFiles {
  /** File with the office's own, which may be missing. */
  readonly given: string;
  /** File with those of the image. */
  readonly system: string;
  /** File that holds both. */
  readonly bundle: string;
}

/** Renders what is in repositories. Git and Helm trust the office's authorities beside those of the image. */
export function repositoriesScript({ given, system, bundle }: AuthorityFiles): string {
  return `#!/bin/sh
set -eu
if [ -r ${given} ]; then
  mkdir -p "$(dirname ${bundle})"
  cat ${system} ${given} >${bundle}
fi
mkdir -p "$ARGOCD_PLUGINSOCKFILEPATH"
exec tini -s -- argocd-repo-server "$@"
`;
}

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

const REDIS = `--redis=127.0.0.1:${PORTS.redis}`;

/**
 * What the server and the controller are told: where the others are, and that they may write no events.
 *
 * @param namespace the argument that names it, `--namespace=...`
 */
export function clientArguments<T>(namespace: T): readonly (string | T)[] {
  return [
    ...[namespace, REDIS, `--repo-server=127.0.0.1:${PORTS.repositories}`],
    ...['--repo-server-plaintext', '--enable-k8s-event=none'],
  ];
}

/** Starts Redis. */
export const REDIS_COMMAND = ['sh', `${FILES}/redis.sh`] as const;

/** Starts the repository server, where nobody but its Pod reaches it. */
export const REPOSITORIES_COMMAND = [
  ...['sh', `${FILES}/repositories.sh`, '--address=127.0.0.1', `--port=${PORTS.repositories}`, '--disable-tls'],
  ...[`--metrics-port=${PORTS.repositoriesHealth}`, REDIS],
] as const;

/** Variables of the server, the repository server and the controller. Signatures of commits are not checked: that takes GnuPG. */
export const SHARED_VARIABLES = [
  { name: 'ARGOCD_GPG_ENABLED', value: 'false' },
  { name: 'HOME', value: '/tmp' },
] as const;

/** Where the repository server writes. */
export const REPOSITORIES_VARIABLES = [
  { name: 'ARGOCD_PLUGINSOCKFILEPATH', value: '/tmp/plugins' },
  { name: 'HELM_CACHE_HOME', value: '/tmp/helm/cache' },
  { name: 'HELM_CONFIG_HOME', value: '/tmp/helm/config' },
  { name: 'HELM_DATA_HOME', value: '/tmp/helm/data' },
] as const;

/** There is one controller, which keeps what it learns of the API where it can write. */
export const CONTROLLER_VARIABLES = [
  { name: 'ARGOCD_CONTROLLER_REPLICAS', value: '1' },
  { name: 'KUBECACHEDIR', value: '/tmp/kubecache' },
] as const;

/** Asks Redis whether it answers. */
export const REDIS_PING = `REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli -p ${PORTS.redis} ping | grep -q PONG`;

/** How long a token of the account holds, in seconds; the kubelet renews it before. */
const TOKEN_SECONDS = 3600;

/** The token of the account, for those containers alone that call the API: what renders other people's charts has none. */
export const TOKEN_VOLUME = {
  name: 'token',
  projected: {
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    ],
  },
};
