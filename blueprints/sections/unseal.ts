import { z } from 'zod';
import { serverNetworks, serverUrl } from '../config/hosts';
import { scalar } from '../config/scalar';
import { secretReference } from '../config/secret-references';
import { exactlyOne } from './choice';

/** A name in somebody else's system, which goes into the server's configuration as it is. */
function identifier(what: string, example: string): z.ZodString {
  return scalar(
    what,
    (text) =>
      /^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$/.test(text)
        ? undefined
        : { message: '1 to 255 letters, digits and any of . _ : / @ -, beginning with a letter or a digit' },
    { examples: [example] },
  );
}

const cidrs = serverNetworks(50);

const transit = z
  .strictObject({
    address: serverUrl().describe('Its address.'),
    keyName: identifier('the name of a key', 'datalab').describe('Name of the key.'),
    mountPath: identifier('the path of a transit engine', 'transit')
      .exactOptional()
      .describe('Path of its transit engine. Default: transit.'),
    token: secretReference('a token that encrypts and decrypts with the key and renews itself').describe(
      'Where the token stands that may use the key and renew itself.',
    ),
    certificateAuthority: secretReference('the authority behind its certificate')
      .exactOptional()
      .describe("Where the authority behind its certificate stands. Default: the system's authorities."),
    cidrs,
  })
  .describe('A key of another Vault or OpenBao.');

const awsKms = z
  .strictObject({
    region: identifier('a region of AWS', 'eu-west-3').describe('Region of the key.'),
    kmsKeyId: identifier('the id or ARN of a key', 'alias/datalab').describe('Id, alias or ARN of the key.'),
    credentials: z
      .strictObject({
        accessKeyId: secretReference('the access key id').describe('Where the access key id stands.'),
        secretAccessKey: secretReference('the secret access key').describe('Where the secret access key stands.'),
      })
      .exactOptional()
      .describe('Credentials. Default: what the node or its workload identity gives.'),
    endpoint: serverUrl()
      .exactOptional()
      .describe('Address of the service, such as that of a private link. Default: that of the region.'),
    cidrs,
  })
  .describe('A key of AWS KMS.');

const gcpKms = z
  .strictObject({
    project: identifier('a project of Google Cloud', 'office').describe('Project of the key.'),
    region: identifier('a location of Google Cloud', 'europe-west9').describe('Location of the key ring.'),
    keyRing: identifier('the name of a key ring', 'datalab').describe('Name of the key ring.'),
    cryptoKey: identifier('the name of a key', 'vault').describe('Name of the key.'),
    credentials: secretReference('the key file of a service account')
      .exactOptional()
      .describe('Where the key file of a service account stands. Default: workload identity.'),
    cidrs,
  })
  .describe('A key of Google Cloud KMS.');

const azureKeyVault = z
  .strictObject({
    tenantId: identifier('the id of a tenant', '00000000-0000-0000-0000-000000000000').describe('Id of the tenant.'),
    vaultName: identifier('the name of a key vault', 'datalab').describe('Name of the key vault.'),
    keyName: identifier('the name of a key', 'vault').describe('Name of the key.'),
    credentials: z
      .strictObject({
        clientId: identifier('the id of an application', '00000000-0000-0000-0000-000000000000').describe(
          'Id of the application.',
        ),
        clientSecret: secretReference('the secret of the application').describe('Where its secret stands.'),
      })
      .exactOptional()
      .describe('Credentials. Default: the managed identity of the node.'),
    cidrs,
  })
  .describe('A key of Azure Key Vault.');

/** `secrets.unseal`: how servers get the key that they cannot read their storage without. */
export const unseal = exactlyOne(
  {
    generatedSecret: z
      .literal(true)
      .describe('A generated Secret: who reads it and a volume, or a snapshot, reads every secret of people.'),
    manual: z.literal(true).describe('People hold the key in shares and unseal each server after each start.'),
    transit,
    awsKms,
    gcpKms,
    azureKeyVault,
  },
  {},
).describe(
  'How servers get the key that they cannot read their storage without. Chosen once. Secrets stand in the namespace of the secret store. ' +
    'Default: a key of KMS where the cluster is made at AWS, else generatedSecret.',
);
