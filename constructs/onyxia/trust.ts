import type { k8s, SecretRef } from '../platform';

/** Where certificates of authorities are, as they were given. */
const GIVEN = '/etc/trust';
/** Where each stands in a file of its own. */
const SPLIT = '/etc/authorities';
/** What a Java runtime of Eclipse Temurin trusts. */
const JAVA_SECURITY = '/opt/java/openjdk/lib/security';

/** Authorities that Pods of Onyxia trust beside their systems' own, by the name of their file. */
export type Authorities = Readonly<Record<string, SecretRef>>;

/** What a Pod needs to trust authorities. */
export interface TrustPod {
  readonly env: readonly k8s.EnvVar[];
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
}

/** The file of one authority. */
export function authorityFile(name: string): string {
  return `${GIVEN}/${name}.crt`;
}

/** For programs in Go, which read each file of a folder beside the system's own. */
export function plainTrust(authorities: Authorities): TrustPod {
  const names = Object.entries(authorities);
  if (names.length === 0) return { env: [], volumes: [], mounts: [] };
  const sources = names.map(([name, ref]) => ({
    secret: { name: ref.name, items: [{ key: ref.key, path: `${name}.crt` }] },
  }));
  return {
    env: [{ name: 'SSL_CERT_DIR', value: `/etc/ssl/certs:${GIVEN}` }],
    volumes: [{ name: 'trust', projected: { sources } }],
    mounts: [{ name: 'trust', mountPath: GIVEN, readOnly: true }],
  };
}

/**
 * Copies what Java trusts to where the container may add to it, and cuts bundles into single certificates: keytool, which the API's
 * start script calls for each file, takes the first of a file and leaves the others.
 */
const SCRIPT = [
  `cp -RL "$JAVA_HOME/lib/security/." /security/`,
  'chmod u+w /security/cacerts',
  `awk '/-----BEGIN CERTIFICATE-----/ { n++ } n { print > ("${SPLIT}/authority-" n ".crt") }' ${GIVEN}/*.crt`,
].join('\n');

/** For the API: its start script adds each file to what Java trusts, and helm, which it calls, is a program in Go. */
export function javaTrust(authorities: Authorities): TrustPod & {
  readonly init?: { readonly name: string; readonly script: string; readonly mounts: readonly k8s.VolumeMount[] };
} {
  const plain = plainTrust(authorities);
  if (plain.volumes.length === 0) return plain;
  return {
    env: [
      { name: 'CACERTS_DIR', value: SPLIT },
      { name: 'SSL_CERT_DIR', value: `/etc/ssl/certs:${SPLIT}` },
    ],
    volumes: [...plain.volumes, { name: 'authorities', emptyDir: {} }, { name: 'java-security', emptyDir: {} }],
    mounts: [
      { name: 'authorities', mountPath: SPLIT, readOnly: true },
      { name: 'java-security', mountPath: JAVA_SECURITY },
    ],
    init: {
      name: 'trust',
      script: SCRIPT,
      mounts: [
        ...plain.mounts,
        { name: 'authorities', mountPath: SPLIT },
        { name: 'java-security', mountPath: '/security' },
      ],
    },
  };
}
