import { env, envFromSecret, type ExternalHosts, type k8s, type SecretRef } from '../platform';
import type { Unseal } from './unseal';

/** Where a file that a seal needs is mounted. */
const SEAL_FOLDER = '/run/secrets/seal';

/** Where the agent of EKS answers on each node (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html). */
const POD_IDENTITY_AGENT = { hosts: { cidrs: ['169.254.170.23/32'] }, port: 80 };

/** What a way of unsealing means for the servers. */
export interface Seal {
  /** Who brings the key: the servers themselves, people, or a key service. */
  readonly keeper: 'server' | 'people' | 'service';
  /** The stanza of the server's configuration. @default - none: the key is split in shares, be it only one */
  readonly stanza?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What the server's environment adds to the stanza: credentials, by reference. */
  readonly env: readonly k8s.EnvVar[];
  /** Files that the stanza or the environment names, below {@link SEAL_FOLDER}. */
  readonly files: readonly { readonly ref: SecretRef; readonly path: string }[];
  /** What the servers must reach. @default - nothing */
  readonly service?: { readonly hosts: ExternalHosts; readonly port: number };
  /** What start.sh tries before it starts the server: encrypting with the key of another Vault. @default - nothing */
  readonly trial?: { readonly address: string; readonly path: string; readonly certificateAuthorityFile: string };
  /** Where the servers ask for credentials of a service account of their own. @default - they need none */
  readonly identityAgent?: { readonly hosts: ExternalHosts; readonly port: number };
  /** Secrets that must exist, for people. */
  readonly secrets: readonly SecretRef[];
}

/**
 * The seal of a way of unsealing. Names and variables are those of https://developer.hashicorp.com/vault/docs/configuration/seal,
 * which OpenBao reads alike.
 */
export function sealOf(unseal: Unseal): Seal {
  switch (unseal.mode) {
    case 'generatedSecret':
      return { keeper: 'server', env: [], files: [], secrets: [] };
    case 'manual':
      return { keeper: 'people', env: [], files: [], secrets: [] };
    case 'transit': {
      const { address, keyName, mountPath = 'transit', token, certificateAuthority: ca, hosts } = unseal.seal;
      const url = new URL(address);
      const caFile = ca === undefined ? '' : `${SEAL_FOLDER}/ca.crt`;
      return {
        keeper: 'service',
        stanza: {
          transit: {
            address,
            key_name: keyName,
            mount_path: mountPath,
            ...(caFile === '' ? {} : { tls_ca_cert: caFile }),
          },
        },
        // the client's own variable: start.sh keeps it from every other command
        env: [envFromSecret('VAULT_TOKEN', token)],
        files: ca === undefined ? [] : [{ ref: ca, path: 'ca.crt' }],
        trial: { address, path: `${mountPath}/encrypt/${keyName}`, certificateAuthorityFile: caFile },
        service: {
          hosts: hosts ?? {},
          port: url.port === '' ? (url.protocol === 'http:' ? 80 : 443) : Number(url.port),
        },
        secrets: [token, ...(ca === undefined ? [] : [ca])],
      };
    }
    case 'awsKms': {
      const { region, kmsKeyId, endpoint, credentials, hosts, podIdentity } = unseal.seal;
      return {
        ...service(hosts),
        ...(podIdentity === true ? { identityAgent: POD_IDENTITY_AGENT } : {}),
        stanza: {
          awskms: { region, kms_key_id: kmsKeyId, ...(endpoint === undefined ? {} : { endpoint }) },
        },
        env:
          credentials === undefined
            ? []
            : [
                envFromSecret('AWS_ACCESS_KEY_ID', credentials.accessKeyId),
                envFromSecret('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey),
              ],
        secrets: credentials === undefined ? [] : [credentials.accessKeyId, credentials.secretAccessKey],
      };
    }
    case 'gcpKms': {
      const { project, region, keyRing, cryptoKey, credentials, hosts } = unseal.seal;
      return {
        ...service(hosts),
        stanza: { gcpckms: { project, region, key_ring: keyRing, crypto_key: cryptoKey } },
        env:
          credentials === undefined ? [] : [env('GOOGLE_APPLICATION_CREDENTIALS', `${SEAL_FOLDER}/credentials.json`)],
        files: credentials === undefined ? [] : [{ ref: credentials, path: 'credentials.json' }],
        secrets: credentials === undefined ? [] : [credentials],
      };
    }
    case 'azureKeyVault': {
      const { tenantId, vaultName, keyName, credentials, hosts } = unseal.seal;
      return {
        ...service(hosts),
        stanza: {
          azurekeyvault: {
            tenant_id: tenantId,
            vault_name: vaultName,
            key_name: keyName,
            ...(credentials === undefined ? {} : { client_id: credentials.clientId }),
          },
        },
        env: credentials === undefined ? [] : [envFromSecret('AZURE_CLIENT_SECRET', credentials.clientSecret)],
        secrets: credentials === undefined ? [] : [credentials.clientSecret],
      };
    }
  }
}

function service(hosts: ExternalHosts = {}): Pick<Seal, 'keeper' | 'files' | 'service'> {
  return { keeper: 'service', files: [], service: { hosts, port: 443 } };
}

export { SEAL_FOLDER };
