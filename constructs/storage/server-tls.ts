import type { Platform } from '../platform';
import type { CertificateAuthority } from './certificate-authority';

/** A certificate issuer of cert-manager. */
export interface CertificateIssuer {
  readonly name: string;
  /** @default 'ClusterIssuer' */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
}

/** Where the certificate of a server inside the cluster comes from: one of `ServerTls.none()`, `.secret()` and `.issuer()`. */
export type ServerTls =
  | { readonly mode: 'none'; readonly acceptedBecause?: string }
  | { readonly mode: 'secret'; readonly secretName: string; readonly certificateAuthority?: CertificateAuthority }
  | {
      readonly mode: 'issuer';
      readonly issuer: CertificateIssuer;
      readonly certificateAuthority: CertificateAuthority;
    };

/** The ways to give a server its certificate. */
export const ServerTls = {
  /**
   * Plain text inside the cluster, where NetworkPolicies say who may connect.
   *
   * @param acceptedBecause why plain text is right here, for example because the cluster's network encrypts. Production demands it.
   */
  none(acceptedBecause?: string): ServerTls {
    return { mode: 'none', ...(acceptedBecause === undefined ? {} : { acceptedBecause }) };
  },

  /**
   * A Secret of type `kubernetes.io/tls` that stands in the server's namespace. Its certificate must cover the Service's names.
   *
   * @param secretName name of the Secret
   * @param certificateAuthority who signed it. @default - an authority that every system trusts
   */
  secret(secretName: string, certificateAuthority?: CertificateAuthority): ServerTls {
    return { mode: 'secret', secretName, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) };
  },

  /**
   * A certificate that cert-manager issues and renews.
   *
   * @param issuer who issues it; for names inside the cluster that is an office's own authority
   * @param certificateAuthority the authority behind the issuer, which clients must trust
   */
  issuer(issuer: CertificateIssuer, certificateAuthority: CertificateAuthority): ServerTls {
    return { mode: 'issuer', issuer, certificateAuthority };
  },
};

/**
 * Says that the given Secret with a server's certificate must exist.
 *
 * @param what the server, for people
 */
export function expectCertificate(platform: Platform, namespace: string, what: string, tls: ServerTls): void {
  if (tls.mode !== 'secret') return;
  platform.expectSecret({
    namespace,
    name: tls.secretName,
    keys: ['tls.crt', 'tls.key'],
    purpose: `certificate of ${what}`,
  });
}

/**
 * Holds a server to the production profile: no plain text without a written reason.
 *
 * @param what the server, used in the error
 */
export function refusePlainTextInProduction(platform: Platform, what: string, tls: ServerTls): void {
  if (!platform.isProduction || tls.mode !== 'none' || (tls.acceptedBecause ?? '').trim() !== '') return;
  throw new Error(
    `${what} would speak plain text in production: give tls as ServerTls.issuer() or ServerTls.secret(), ` +
      'or say why plain text is right: ServerTls.none("the cluster network encrypts")',
  );
}
