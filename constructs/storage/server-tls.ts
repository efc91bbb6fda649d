import { ApiObject } from 'cdk8s';
import type { Component, Platform } from '../platform';
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

/** A server inside the cluster that speaks TLS. */
export interface CertifiedServer {
  /** The server, for people: `database server postgres`. */
  readonly what: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names beside those of the Service that is called as its component. @default - none */
  readonly furtherNames?: readonly string[];
  /** @default - none */
  readonly ipAddresses?: readonly string[];
  /** The servers also show the certificate as clients, to each other. @default false */
  readonly isClient?: boolean;
}

/**
 * Gives a component the certificate of its server: asks cert-manager for it, or expects the Secret that is given.
 *
 * @returns name of the Secret of type `kubernetes.io/tls`; undefined for plain text
 */
export function serverCertificate(component: Component, tls: ServerTls, server: CertifiedServer): string | undefined {
  if (tls.mode === 'none') return undefined;
  const { componentName, namespace, platform } = component;
  if (tls.mode === 'secret') {
    const { secretName } = tls;
    const purpose = `certificate of ${server.what}`;
    platform.expectSecret({ namespace: namespace.name, name: secretName, keys: ['tls.crt', 'tls.key'], purpose });
    return secretName;
  }
  const { name, kind = 'ClusterIssuer' } = tls.issuer;
  const { labels, furtherNames = [], ipAddresses, isClient = false } = server;
  const secretName = `${componentName}-tls`;
  const service = `${componentName}.${namespace.name}`;
  new ApiObject(component, 'certificate', {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: secretName, namespace: namespace.name, labels: { ...labels } },
    spec: {
      secretName,
      dnsNames: [`${service}.svc.${platform.clusterDomain}`, `${service}.svc`, service, componentName, ...furtherNames],
      ...(ipAddresses === undefined ? {} : { ipAddresses }),
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      usages: ['digital signature', 'key encipherment', 'server auth', ...(isClient ? ['client auth'] : [])],
      issuerRef: { group: 'cert-manager.io', kind, name },
    },
  });
  return secretName;
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
