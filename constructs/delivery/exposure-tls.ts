/** An issuer of cert-manager, as an exposure names it. */
interface Issuer {
  readonly name: string;
  /** @default 'ClusterIssuer' */
  readonly kind?: 'Issuer' | 'ClusterIssuer';
}

/**
 * Where the certificates of exposed hosts come from: one of `ExposureTls.none()`, `.secret()`, `.issuer()` and, for an Ingress,
 * `.controller()`.
 */
export type ExposureTls =
  | { readonly mode: 'none' }
  | { readonly mode: 'controller' }
  | { readonly mode: 'secret'; readonly secretName: string }
  | { readonly mode: 'issuer'; readonly issuer: Issuer };

/** The ways to give exposed hosts their certificates. */
export const ExposureTls = {
  /** Plain HTTP. The production profile refuses it. */
  none(): ExposureTls {
    return { mode: 'none' };
  },

  /** The certificate that the Ingress controller has for hosts that name none: one wildcard certificate in its own configuration. */
  controller(): ExposureTls {
    return { mode: 'controller' };
  },

  /**
   * A Secret of type `kubernetes.io/tls`, for example with a wildcard certificate. A Gateway reads it in its own namespace. An
   * Ingress reads it in the namespace of each service: something else, such as a reflector, must keep a copy in each of
   * `exposure.requiredSecrets`; where nothing does, use `controller()` or `issuer()`.
   *
   * @param secretName name of the Secret
   */
  secret(secretName: string): ExposureTls {
    return { mode: 'secret', secretName };
  },

  /**
   * Certificates that cert-manager issues and renews. An issuer that proves hosts over HTTP (ACME HTTP-01) starts Pods in the namespace of the
   * certificate, which is closed here: use one that proves them over DNS, or an authority of the office.
   *
   * @param issuer a ClusterIssuer, or an Issuer that stands in each namespace that certificates are made in
   */
  issuer(issuer: Issuer): ExposureTls {
    return { mode: 'issuer', issuer };
  },
};
