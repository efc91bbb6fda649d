import { authorityFile, env, type ImageReference, type k8s, type SecretRef } from '../platform';
import { CA_FILE } from './vault-configuration';

/**
 * The programs that speak the same interface: key of the image, name of the program, and whether audit devices are made by the
 * configuration alone, as OpenBao has it since 2.4.
 */
export const FLAVOURS = {
  vault: { image: 'vault', program: 'vault', declaresAudit: false },
  openbao: { image: 'openbao', program: 'bao', declaresAudit: true },
} as const;

/** Whose server it is. */
export type VaultFlavour = keyof typeof FLAVOURS;

/** User of the images. */
export const UID = 1000;
export const ACCESS_FOLDER = '/run/secrets/access';
export const SCRIPTS_FOLDER = '/etc/vault';

/** What the store's own Pods have in common. */
export interface VaultClientProps {
  readonly flavour: VaultFlavour;
  readonly image: ImageReference;
  readonly tls: boolean;
  /** Name that the certificate of every server covers. */
  readonly tlsServerName: string;
  /** In the store's namespace. @default - an authority that every system trusts, or no TLS */
  readonly certificateAuthority?: SecretRef;
}

/**
 * The variables that the client and the scripts read; OpenBao reads those of Vault, too.
 *
 * @param address which server, or which of them is ready
 * @param role who speaks, for the log
 */
export function clientEnvironment(props: VaultClientProps, address: string, role: string): k8s.EnvVar[] {
  return [
    env('ROLE', role),
    env('VAULT_PROGRAM', FLAVOURS[props.flavour].program),
    env('VAULT_ADDR', address),
    ...(props.tls ? [env('VAULT_TLS_SERVER_NAME', props.tlsServerName)] : []),
    ...(props.tls && props.certificateAuthority !== undefined ? [env('VAULT_CACERT', CA_FILE)] : []),
    env('ACCESS', ACCESS_FOLDER),
    env('HOME', '/tmp'),
  ];
}

/** The volume with the authority, and where it is mounted. @default - none */
export function authorityMounts({ tls, certificateAuthority: ca }: VaultClientProps): {
  readonly volumes: k8s.Volume[];
  readonly volumeMounts: k8s.VolumeMount[];
} {
  if (!tls || ca === undefined) return { volumes: [], volumeMounts: [] };
  return {
    volumes: [authorityFile('ca', ca)],
    volumeMounts: [{ name: 'ca', mountPath: CA_FILE.slice(0, CA_FILE.lastIndexOf('/')), readOnly: true }],
  };
}
