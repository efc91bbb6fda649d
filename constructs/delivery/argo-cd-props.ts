import type { Construct } from 'constructs';
import type {
  ComponentProps,
  ContainerResources,
  ExternalHosts,
  IExposure,
  IIdentityProvider,
  PlatformNamespace,
  SecretRef,
} from '../platform';
import type { ExposureTls } from './exposure-tls';

/** Authorities that can be had in the namespace of whoever trusts them: `CertificateAuthority` is one. */
export interface AuthoritySource {
  /**
   * The certificates in one namespace.
   *
   * @param secretName name of a Secret that is made, where one is
   */
  refIn(scope: Construct, namespace: PlatformNamespace, secretName: string): SecretRef;
}

/** Who logs in to Argo CD. */
export interface ArgoCdPeople {
  readonly identityProvider: IIdentityProvider;
  /** Groups whose members may do everything that Argo CD may. */
  readonly administrators: readonly string[];
  /** Groups whose members see every Application. @default - none */
  readonly readers?: readonly string[];
  /** Id that the identity provider is asked for a client by. @default - the component's name */
  readonly clientId?: string;
  /** Seconds after which people log in again: nobody can end their session before. @default 3600 */
  readonly sessionSeconds?: number;
  /** Where the issuer's public name leads: Argo CD asks it there. @default - every IPv4 address but the cloud's metadata service */
  readonly issuerHosts?: ExternalHosts;
}

export interface ArgoCdProps extends ComponentProps {
  /** The namespaces that it may deploy to: it has rights in these, and none in the cluster. */
  readonly namespaces: readonly PlatformNamespace[];
  /** Who logs in, by the identity provider. Needs `exposure`. @default - the administrator alone */
  readonly people?: ArgoCdPeople;
  /** The local account `admin`, with a password of the platform. @default false */
  readonly administrator?: boolean;
  /** The way in for people. @default - none from outside */
  readonly exposure?: IExposure;
  /** First label of the host. @default - the component's name */
  readonly subdomain?: string;
  /**
   * Certificate by which the server itself speaks TLS: `secret`, a Secret `argocd-server-tls` that somebody else makes, or an issuer of
   * cert-manager. @default - plain HTTP behind the exposure
   */
  readonly serverTls?: 'secret' | Extract<ExposureTls, { mode: 'issuer' }>;
  /** Authorities that it trusts beside the system's own: of the hosts of Git, and of the identity provider. @default - the system's own */
  readonly trust?: AuthoritySource;
  /** Where the API server is. @default - every IPv4 address but the cloud's metadata service, ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
  /**
   * Further ways out, one hole for each. Argo CD asks the issuer by its public name: where that leads back into the cluster, to another
   * port of the Ingress controller's Pods, open it here. @default - none
   */
  readonly furtherHosts?: readonly (ExternalHosts & { readonly port: number })[];
  /** Seconds between two looks at a repository, 10 to 86400. @default 120 */
  readonly pollSeconds?: number;
  /** `existing`: another part of the platform, or somebody else, makes the definitions of Argo CD's kinds. @default 'own' */
  readonly definitions?: 'own' | 'existing';
  /** Key of an image with the makers' web pages. @default - `argo-cd`, which has the API alone */
  readonly serverImage?: string;
  /** @default - server 50m to 500m CPU and 128Mi to 512Mi; repositories 100m to 1 and 128Mi to 1Gi; controller 100m to 1 and 256Mi to 1Gi */
  readonly resources?: Partial<Record<'server' | 'repositories' | 'controller', ContainerResources>>;
}
