import {
  type Component,
  compare,
  containerSecurityContext,
  env,
  k8s,
  PlatformSecret,
  resourceRequirements,
  secretFile,
} from '../platform';
import { CLUSTER, FILES, secretMeaning, TOKEN_VOLUME, TOKEN } from './argo-cd-programs';
import type { ArgoCdRepository } from './argo-cd-repository';

/** Folder with a file for each credential, in a folder named as its Secret. */
const GIVEN = '/etc/bouture/repositories';
/** Seconds between two looks: how long a new token waits at most, beside the kubelet's own delay. */
const INTERVAL_SECONDS = 30;

/**
 * Brings each credential into the Secret in which Argo CD looks for it, beside the address of the repository: the office keeps a token or
 * a key in a Secret of its own, and may change it at any time. What is written already is written again, which changes nothing.
 */
export const CREDENTIALS_SCRIPT = `#!/bin/sh
set -eu
umask 077
say() { echo "credentials: $*" >&2; }

# Writes one file to the key of the Secret that both are named after.
bring() {
  secret=$(basename "$(dirname "$1")")
  jq -n --arg key "$(basename "$1")" --rawfile value "$1" \\
    '{data: {($key): ($value | if $key == "password" then rtrimstr("\\n") else . end | @base64)}}' |
    curl --fail --silent --show-error --max-time 20 --output /dev/null \\
      --cacert ${TOKEN}/ca.crt --header @/tmp/header --header 'Content-Type: application/merge-patch+json' \\
      --request PATCH --data-binary @- \\
      "$KUBERNETES_API/api/v1/namespaces/$NAMESPACE/secrets/$secret?fieldManager=argo-cd-credentials"
}

while :; do
  touch /tmp/alive
  printf 'Authorization: Bearer %s\\n' "$(cat ${TOKEN}/token)" >/tmp/header
  failed=0
  for file in ${GIVEN}/*/*; do
    bring "$file" || { failed=1; say "could not write $file"; }
  done
  [ "$failed" = 1 ] || touch /tmp/ready
  sleep "$INTERVAL"
done
`;

/** Name of the Secret of a repository. */
export function repositorySecretName(componentName: string, { name }: ArgoCdRepository): string {
  return `${componentName}-repository-${name}`;
}

/** Makes the Secret by which Argo CD knows a repository: all of it but the credential. */
export function makeRepositorySecret(component: Component, repository: ArgoCdRepository): void {
  const { componentName, namespace } = component;
  const { credential, url } = repository;
  const name = repositorySecretName(componentName, repository);
  new PlatformSecret(component, name, {
    namespace,
    name,
    labels: secretMeaning('repository'),
    data: {
      type: 'git',
      url,
      ...(credential?.username === undefined ? {} : { username: credential.username }),
    },
  });
}

/** What the Pod needs so that credentials reach Argo CD: nothing where no repository has one. */
export interface CredentialsPod {
  readonly containers: readonly k8s.Container[];
  readonly volumes: readonly k8s.Volume[];
}

/** The container that brings credentials to Argo CD, with a volume for each. */
export function credentialsPod(
  componentName: string,
  namespace: string,
  image: string,
  repositories: readonly ArgoCdRepository[],
): CredentialsPod {
  const given = repositories
    .flatMap((repository) => {
      const { credential } = repository;
      return credential === undefined ? [] : [{ secret: repositorySecretName(componentName, repository), credential }];
    })
    .sort((a, b) => compare(a.secret, b.secret));
  if (given.length === 0) return { containers: [], volumes: [] };
  const fresh = (file: string, minutes: number) => ({
    exec: { command: ['sh', '-c', `test -n "$(find /tmp/${file} -mmin -${minutes})"`] },
    timeoutSeconds: 5,
  });
  return {
    containers: [
      {
        name: 'credentials',
        image,
        imagePullPolicy: 'IfNotPresent',
        restartPolicy: 'Always',
        command: ['sh', `${FILES}/credentials.sh`],
        env: [
          env('KUBERNETES_API', CLUSTER),
          env('NAMESPACE', namespace),
          env('INTERVAL', String(INTERVAL_SECONDS)),
          env('HOME', '/tmp'),
        ],
        // Those behind it begin once the first round went well.
        startupProbe: { ...fresh('ready', 10), periodSeconds: 1, failureThreshold: 300 },
        readinessProbe: { ...fresh('ready', 3), periodSeconds: 20 },
        livenessProbe: { ...fresh('alive', 10), periodSeconds: 60 },
        securityContext: containerSecurityContext(),
        resources: resourceRequirements({
          cpu: { request: '10m', limit: '200m' },
          memory: { request: '16Mi', limit: '64Mi' },
          ephemeralStorage: { request: '16Mi', limit: '64Mi' },
        }),
        volumeMounts: [
          { name: 'files', mountPath: FILES, readOnly: true },
          { name: 'credentials', mountPath: '/tmp' },
          { name: TOKEN_VOLUME.name, mountPath: TOKEN, readOnly: true },
          ...given.map(({ secret }) => ({ name: volumeOf(secret), mountPath: `${GIVEN}/${secret}`, readOnly: true })),
        ],
      },
    ],
    volumes: [
      { name: 'credentials', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('8Mi') } },
      ...given.map(({ secret, credential }) => secretFile(volumeOf(secret), credential.ref, credential.key)),
    ],
  };
}

function volumeOf(secret: string): string {
  return `given-${secret}`;
}
