import type { z } from 'zod';
import { type ExternalHosts, type Platform, sealKeyAlias, type SecretRef } from '../../constructs/platform';
import { Unseal } from '../../constructs/secrets';
import type { unseal } from '../sections/unseal';
import { subnetsOf } from './cloud';

type Section = z.output<typeof unseal>;

/**
 * The way to unseal of a section.
 *
 * @param namespace of the secret store, in which the Secrets stand
 */
export function unsealOf({ manual, transit, awsKms, gcpKms, azureKeyVault }: Section, namespace: string): Unseal {
  const ref = ({ secret, key }: { readonly secret: string; readonly key: string }): SecretRef => ({
    namespace,
    name: secret,
    key,
  });
  if (manual === true) return Unseal.manual();
  if (transit !== undefined) {
    const { token, certificateAuthority, cidrs, ...seal } = transit;
    return Unseal.transit({
      ...seal,
      token: ref(token),
      ...(certificateAuthority === undefined ? {} : { certificateAuthority: ref(certificateAuthority) }),
      ...hosts(cidrs),
    });
  }
  if (awsKms !== undefined) {
    const { credentials, cidrs, ...seal } = awsKms;
    return Unseal.awsKms({
      ...seal,
      ...(credentials === undefined
        ? {}
        : {
            credentials: {
              accessKeyId: ref(credentials.accessKeyId),
              secretAccessKey: ref(credentials.secretAccessKey),
            },
          }),
      ...hosts(cidrs),
    });
  }
  if (gcpKms !== undefined) {
    const { credentials, cidrs, ...seal } = gcpKms;
    return Unseal.gcpKms({
      ...seal,
      ...(credentials === undefined ? {} : { credentials: ref(credentials) }),
      ...hosts(cidrs),
    });
  }
  if (azureKeyVault !== undefined) {
    const { credentials, cidrs, ...seal } = azureKeyVault;
    return Unseal.azureKeyVault({
      ...seal,
      ...(credentials === undefined
        ? {}
        : { credentials: { clientId: credentials.clientId, clientSecret: ref(credentials.clientSecret) } }),
      ...hosts(cidrs),
    });
  }
  return Unseal.generatedSecret();
}

/** Unsealing by a key of the cloud that the cluster is made in; undefined where the cloud's key would need credentials. */
export function cloudUnseal({ cloud, name }: Platform): Unseal | undefined {
  if (cloud?.settings.kind !== 'aws') return undefined;
  const { data: cidrs } = subnetsOf(cloud.settings);
  return Unseal.awsKms({
    region: cloud.settings.region,
    kmsKeyId: sealKeyAlias(name),
    podIdentity: true,
    // The address of KMS inside the network.
    ...hosts(cidrs),
  });
}

function hosts(cidrs: readonly string[] | undefined): { readonly hosts?: ExternalHosts } {
  return cidrs === undefined ? {} : { hosts: { cidrs } };
}
