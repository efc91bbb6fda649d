import type { z } from 'zod';
import { CertificateAuthority, ServerTls } from '../../constructs/storage';
import type { certificateAuthority } from '../sections/authority';
import type { serverTls } from '../sections/server-tls';

/** The authority of a section. */
export function authorityOf({ pem, secretName, key }: z.output<typeof certificateAuthority>): CertificateAuthority {
  return pem === undefined ? CertificateAuthority.secret(secretName ?? '', key) : CertificateAuthority.pem(pem);
}

/** The certificate of a section. */
export function tlsOf(section: z.output<ReturnType<typeof serverTls>>): ServerTls {
  const { secretName, issuer, plainTextBecause, certificateAuthority } = section;
  const authority = certificateAuthority === undefined ? undefined : authorityOf(certificateAuthority);
  if (secretName !== undefined) return ServerTls.secret(secretName, authority);
  if (issuer !== undefined && authority !== undefined) return ServerTls.issuer(issuer, authority);
  return ServerTls.none(plainTextBecause);
}
