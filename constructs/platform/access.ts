import type { SecretRef } from './secret-ref';

/** How a person reaches one part of the platform. */
export interface Access {
  /** What it is, for people: `MLflow`. */
  readonly title: string;
  /** Address inside the cluster, and from outside where the part is exposed. */
  readonly url: string;
  /** Service to forward a port to from a workstation. @default - none: the address is reachable from outside */
  readonly service?: { readonly namespace: string; readonly name: string; readonly port: number };
  /** User name. @default - no credentials */
  readonly username?: string;
  /** Where the password stands. @default - no credentials */
  readonly password?: SecretRef;
}
