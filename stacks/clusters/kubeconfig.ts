import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What kubectl needs to reach a cluster. */
export interface KubeconfigTarget {
  readonly name: string;
  /** `https://...` */
  readonly server: string;
  /** Certificate of its authority, in base64. */
  readonly certificateAuthority: string;
  /** Command that gives a token, in the place of any that would stand here. */
  readonly exec: {
    readonly command: string;
    readonly args: readonly string[];
    /** What to tell whoever lacks the command. */
    readonly installHint: string;
  };
}

/** A kubeconfig that holds no secret: a command of the cloud's own gives a token to whoever may have one. */
export function kubeconfig({ name, server, certificateAuthority, exec }: KubeconfigTarget): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server, 'certificate-authority-data': certificateAuthority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1',
            interactiveMode: 'Never',
            provideClusterInfo: false,
            ...exec,
          },
        },
      },
    ],
  });
}

/** Writes a kubeconfig that only its owner can read, for kubectl. */
export function writeKubeconfig(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, text, { mode: 0o600 });
  chmodSync(file, 0o600);
}
