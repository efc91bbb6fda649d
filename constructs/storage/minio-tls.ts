import type { CertificateAuthority } from './certificate-authority';

/** A certificate issuer of cert-manager. */
export interface MinioCertificateIssuer {
  readonly name: string;
  /** @default 'ClusterIssuer' */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
}

interface NoTls {
  readonly mode: 'none';
  readonly acceptedBecause?: string;
}

interface GivenTls {
  readonly mode: 'secret';
  readonly secretName: string;
  readonly certificateAuthority?: CertificateAuthority;
}

interface IssuedTls {
  readonly mode: 'issuer';
  readonly issuer: MinioCertificateIssuer;
  readonly certificateAuthority: CertificateAuthority;
}

/** Where the certificate of a MinIO comes from: one of `MinioTls.none()`, `.secret()` and `.issuer()`. */
export type MinioTls = NoTls | GivenTls | IssuedTls;

/** The ways to give a MinIO its certificate. */
export const MinioTls = {
  /**
   * Plain text inside the cluster, where NetworkPolicies say who may connect.
   *
   * @param acceptedBecause why plain text is right here, for example because the cluster's network encrypts. Production demands it.
   */
  none(acceptedBecause?: string): MinioTls {
    return { mode: 'none', ...(acceptedBecause === undefined ? {} : { acceptedBecause }) };
  },

  /**
   * A Secret of type `kubernetes.io/tls` that stands in the store's namespace. Its certificate must cover the Service's names and, for
   * a distributed store, `*.<component>-headless.<namespace>.svc.<cluster domain>`.
   *
   * @param secretName name of the Secret
   * @param certificateAuthority who signed it. @default - an authority that every system trusts
   */
  secret(secretName: string, certificateAuthority?: CertificateAuthority): MinioTls {
    return { mode: 'secret', secretName, ...(certificateAuthority === undefined ? {} : { certificateAuthority }) };
  },

  /**
   * A certificate that cert-manager issues and renews. MinIO takes up a renewed one by itself.
   *
   * @param issuer who issues it; for names inside the cluster that is an office's own authority
   * @param certificateAuthority the authority behind the issuer, which clients must trust
   */
  issuer(issuer: MinioCertificateIssuer, certificateAuthority: CertificateAuthority): MinioTls {
    return { mode: 'issuer', issuer, certificateAuthority };
  },
};
