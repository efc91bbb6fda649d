import {
  authorityFile,
  containerSecurityContext,
  env,
  envFromSecret,
  type ImageReference,
  k8s,
  resourceRequirements,
  type SecretRef,
  type TokenKeys,
} from '../platform';

/** Port of the copy of the keys, inside the Pod only. */
const KEYS_PORT = 9005;
const FOLDER = '/run/identity';
const AUTHORITY_FOLDER = '/etc/identity-ca';
/** Seconds between two looks at the provider's keys: how long a new key is unknown here. */
const REFRESH_SECONDS = 10;

/** What a MinIO needs in order to take the tokens of an identity provider. */
export interface MinioIdentity {
  readonly keys: TokenKeys;
  /** What `aud` of the tokens must hold. */
  readonly audience: string;
  /** Claim that lists the policies of a person. */
  readonly policiesClaim: string;
  /**
   * Must be there and nobody's: MinIO takes it for a signing key of its own, so that with an empty one everybody could sign tokens
   * (`PopulatePublicKey` in internal/config/identity/openid/jwt.go).
   */
  readonly clientSecret: SecretRef;
  /** Has `curl`, `jq` and `busybox`. */
  readonly image: ImageReference;
}

/**
 * Keeps a copy of the provider's keys and serves it to the MinIO of the same Pod. MinIO by itself asks the provider when it starts and
 * serves nobody, not even programs with keys of their own, until the provider answers; a provider whose database is backed up to
 * that MinIO could then never start. With the copy a MinIO starts alone, and only people's logins wait.
 */
const KEYS_SCRIPT = String.raw`set -eu
cd ${FOLDER}
mkdir -p .well-known
jq -n --arg issuer "$ISSUER" '{issuer: $issuer, jwks_uri: "http://127.0.0.1:${KEYS_PORT}/keys.json"}' >.well-known/openid-configuration
[ -f keys.json ] || printf '{"keys":[]}' >keys.json
state=new
while :; do
  if answer=$(curl --fail --silent --show-error --max-time 10 $CURL_OPTIONS "$JWKS_URL" 2>&1) &&
    printf %s "$answer" | jq -e '.keys | length > 0' >/dev/null 2>&1; then
    printf %s "$answer" >keys.new
    mv keys.new keys.json
    if [ $state != known ]; then echo 'the keys of the identity provider are known'; fi
    state=known
  elif [ $state != unknown ]; then
    printf 'the identity provider gives no keys: %.300s\n' "$answer"
    state=unknown
  fi
  sleep ${REFRESH_SECONDS}
done &
# As the first process of its container, httpd would not hear that it is to end, and keep the store from starting anew.
busybox httpd -f -p 127.0.0.1:${KEYS_PORT} -h ${FOLDER} &
trap 'exit 0' TERM INT
wait -n
`;

/** The container beside a MinIO that keeps the keys. */
export function keysContainer({ keys, image }: MinioIdentity): k8s.Container {
  const ca = keys.certificateAuthority;
  // The server listens where only its own Pod reaches it.
  const ask = ['busybox', 'wget', '-q', '-O', '/dev/null', `http://127.0.0.1:${KEYS_PORT}/keys.json`];
  const answers: k8s.Probe = { exec: { command: ask }, timeoutSeconds: 5 };
  return {
    name: 'identity-keys',
    image: image.reference,
    imagePullPolicy: 'IfNotPresent',
    command: ['bash', '-c', KEYS_SCRIPT],
    env: [
      env('ISSUER', keys.issuer),
      env('JWKS_URL', keys.jwksUrl),
      env('CURL_OPTIONS', ca === undefined ? '' : `--cacert ${AUTHORITY_FOLDER}/ca.crt`),
      env('HOME', FOLDER),
    ],
    securityContext: containerSecurityContext(),
    resources: resourceRequirements({
      cpu: { request: '5m', limit: '100m' },
      memory: { request: '16Mi', limit: '64Mi' },
    }),
    readinessProbe: { ...answers, periodSeconds: 10 },
    livenessProbe: { ...answers, periodSeconds: 30, initialDelaySeconds: 5 },
    volumeMounts: [
      { name: 'identity', mountPath: FOLDER },
      ...(ca === undefined ? [] : [{ name: 'identity-ca', mountPath: AUTHORITY_FOLDER, readOnly: true }]),
    ],
  };
}

/** The volumes of that container. */
export function keysVolumes({ keys: { certificateAuthority: ca } }: MinioIdentity): k8s.Volume[] {
  return [
    { name: 'identity', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } },
    ...(ca === undefined ? [] : [authorityFile('identity-ca', ca)]),
  ];
}

/** What tells the server about the provider. */
export function identityEnvironment(identity: MinioIdentity): k8s.EnvVar[] {
  const { audience, policiesClaim, clientSecret } = identity;
  return [
    env('MINIO_IDENTITY_OPENID_CONFIG_URL', `http://127.0.0.1:${KEYS_PORT}/.well-known/openid-configuration`),
    env('MINIO_IDENTITY_OPENID_CLIENT_ID', audience),
    envFromSecret('MINIO_IDENTITY_OPENID_CLIENT_SECRET', clientSecret),
    env('MINIO_IDENTITY_OPENID_CLAIM_NAME', policiesClaim),
    env('MINIO_IDENTITY_OPENID_SCOPES', 'openid'),
  ];
}
