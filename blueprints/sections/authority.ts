import { z } from 'zod';
import { objectName, secretKey } from '../config/names';
import { facets, scalar } from '../config/scalar';

/** Certificates as text. */
export const pem = scalar('certificates in PEM', (text) => {
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
    return { message: 'the text holds a private key: give the certificate alone' };
  return /^\s*-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/.test(text)
    ? undefined
    : { message: 'no certificate: it begins with -----BEGIN CERTIFICATE-----' };
});

/** The authority that signed a server's certificate: given as text, or in a Secret of every namespace that needs it. */
export const certificateAuthority = z
  .strictObject({
    pem: pem.exactOptional().describe('The certificate itself, which is no secret.'),
    secretName: objectName()
      .exactOptional()
      .describe('Secret of this name in every namespace that needs it, kept there by trust-manager or a reflector.'),
    key: secretKey().exactOptional().describe('Key of the certificate in that Secret. Default: ca.crt.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if ((value.pem === undefined) === (value.secretName === undefined)) {
      issues.push({ code: 'custom', input: value, path: [], message: 'expected one of pem and secretName' });
    } else if (value.pem !== undefined && value.key !== undefined) {
      issues.push({
        code: 'custom',
        input: value.key,
        path: ['key'],
        message: 'a key belongs to secretName, not to pem',
      });
    }
  })
  .register(facets, { expected: '{pem: TEXT} or {secretName: NAME, key: KEY}' })
  .describe('Authority that signed the certificate. Default: one that every system trusts.');

/** An issuer of cert-manager. */
export const issuer = z
  .strictObject({
    name: objectName().describe('Name of the issuer.'),
    kind: z.enum(['Issuer', 'ClusterIssuer']).default('ClusterIssuer').describe('Its kind.'),
  })
  .describe('Issuer of cert-manager, which must run in the cluster.');
