import type { ExternalHosts, SecretRef } from '../platform';

/** A key of another Vault or OpenBao, which wraps the key of this one. */
export interface TransitSeal {
  /** Its address: `https://vault.example.org:8200` */
  readonly address: string;
  readonly keyName: string;
  /** Token that may encrypt and decrypt with the key, and renew itself. In the namespace of the secret store. */
  readonly token: SecretRef;
  /** Path of its transit engine. @default 'transit' */
  readonly mountPath?: string;
  /** Authority behind its certificate, in the namespace of the secret store. @default - the system's authorities */
  readonly certificateAuthority?: SecretRef;
  /** Where it is. @default - any host outside the cluster */
  readonly hosts?: ExternalHosts;
}

/** A key of AWS KMS, which wraps the key of the store. */
export interface AwsKmsSeal {
  readonly region: string;
  /** Id or ARN of the key. */
  readonly kmsKeyId: string;
  /**
   * The servers ask the agent of EKS for credentials, with a service account of their own that the cloud has to associate with a role.
   *
   * @default false
   */
  readonly podIdentity?: boolean;
  /** In the namespace of the secret store. @default - what the node or its workload identity gives */
  readonly credentials?: { readonly accessKeyId: SecretRef; readonly secretAccessKey: SecretRef };
  /** Address of the service, such as that of a private link. @default - that of the region */
  readonly endpoint?: string;
  /** Where it is. @default - any host outside the cluster */
  readonly hosts?: ExternalHosts;
}

/** A key of Google Cloud KMS, which wraps the key of the store. */
export interface GcpKmsSeal {
  readonly project: string;
  /** Location of the key ring: `europe-west9` */
  readonly region: string;
  readonly keyRing: string;
  readonly cryptoKey: string;
  /** Key file of a service account, in the namespace of the secret store. @default - workload identity */
  readonly credentials?: SecretRef;
  /** Where it is. @default - any host outside the cluster */
  readonly hosts?: ExternalHosts;
}

/** A key of Azure Key Vault, which wraps the key of the store. */
export interface AzureKeyVaultSeal {
  readonly tenantId: string;
  readonly vaultName: string;
  readonly keyName: string;
  /** The secret stands in the namespace of the secret store. @default - the managed identity of the node */
  readonly credentials?: { readonly clientId: string; readonly clientSecret: SecretRef };
  /** Where it is. @default - any host outside the cluster */
  readonly hosts?: ExternalHosts;
}

/** How a server gets the key that it cannot read its storage without: one of the functions of the same name. */
export type Unseal =
  | { readonly mode: 'generatedSecret' }
  | { readonly mode: 'manual' }
  | { readonly mode: 'transit'; readonly seal: TransitSeal }
  | { readonly mode: 'awsKms'; readonly seal: AwsKmsSeal }
  | { readonly mode: 'gcpKms'; readonly seal: GcpKmsSeal }
  | { readonly mode: 'azureKeyVault'; readonly seal: AzureKeyVaultSeal };

/** The ways to unseal. They are chosen once: from one to another leads the migration that the makers of Vault describe. */
export const Unseal = {
  /**
   * The servers keep the key on their own volumes, encrypted with a generated Secret, and unseal by themselves.
   *
   * Whoever reads that Secret and a volume, or a snapshot, reads every secret that people keep here: the administrators of the
   * cluster, and of the machines under it. Where they must not, choose a key service or people. The generated value is never
   * rotated alone: with another one the servers stay sealed, and say so, until it has the old value again.
   */
  generatedSecret(): Unseal {
    return { mode: 'generatedSecret' };
  },

  /**
   * People hold the key in shares: they initialise the store, unseal each server after each of its starts, and let the platform in
   * once by `kubectl exec -i <server> -- bash /etc/vault/admit.sh`, which reads a root token from standard input. Until
   * then the servers are not ready, nothing that runs is harmed, and what deploys waits up to an hour.
   */
  manual(): Unseal {
    return { mode: 'manual' };
  },

  /** Another Vault or OpenBao unseals it. @throws Error when its address is no URL */
  transit(seal: TransitSeal): Unseal {
    if (!URL.canParse(seal.address) || !/^https?:$/.test(new URL(seal.address).protocol)) {
      throw new Error(
        `transit seal: "${seal.address}" is no address: expected one such as https://vault.example.org:8200`,
      );
    }
    return { mode: 'transit', seal };
  },

  /** A key of AWS KMS unseals it. */
  awsKms(seal: AwsKmsSeal): Unseal {
    return { mode: 'awsKms', seal };
  },

  /** A key of Google Cloud KMS unseals it. */
  gcpKms(seal: GcpKmsSeal): Unseal {
    return { mode: 'gcpKms', seal };
  },

  /** A key of Azure Key Vault unseals it. */
  azureKeyVault(seal: AzureKeyVaultSeal): Unseal {
    return { mode: 'azureKeyVault', seal };
  },
};
