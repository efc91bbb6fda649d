import type { Construct } from 'constructs';
import { contentHash, type IConnectable, k8s, type RecommendedLabels, type SecretRef } from '../platform';
import type { ProgramMount } from './program';

const SETTINGS = '/etc/settings';
const AUTHORITY = '/etc/store-authority';

/** A settings file that programs read, and where they find it. */
export interface ProgramSettings {
  readonly file: string;
  readonly mount: ProgramMount;
}

/**
 * Puts settings into a ConfigMap beside a program. The ConfigMap's name holds a hash of them, so that a run never reads half of a change.
 *
 * @param id construct id of the ConfigMap
 * @param name first part of its name
 */
export function programSettings(
  scope: Construct,
  id: string,
  name: string,
  settings: object,
  { connections, labels }: IConnectable & { readonly labels: RecommendedLabels },
): ProgramSettings {
  const text = `${JSON.stringify(settings, undefined, 2)}\n`;
  const configMap = new k8s.KubeConfigMap(scope, id, {
    metadata: { name: `${name}-${contentHash(text)}`, namespace: connections.namespace.name, labels },
    immutable: true,
    data: { 'settings.json': text },
  });
  return {
    file: `${SETTINGS}/settings.json`,
    mount: { volume: { name: 'settings', configMap: { name: configMap.name } }, mountPath: SETTINGS },
  };
}

/** The authority of a store as a file. @default - the system's authorities */
export function storeAuthority(ref: SecretRef | undefined): {
  readonly file?: string;
  readonly mounts: readonly ProgramMount[];
} {
  if (ref === undefined) return { mounts: [] };
  return {
    file: `${AUTHORITY}/ca.crt`,
    mounts: [
      {
        volume: {
          name: 'store-authority',
          secret: { secretName: ref.name, items: [{ key: ref.key, path: 'ca.crt' }] },
        },
        mountPath: AUTHORITY,
      },
    ],
  };
}
