import type { ApiSubjects, UserSpaces } from '../user-spaces';
import type { SpaceNames } from '../../platform';
import type { PlatformAccount } from '../platform-account';

/** A Gateway that people's routes may attach to; every `IGateway` is one. */
export interface SpaceGateway {
  readonly gatewayNamespace: string;
  readonly gatewayName: string;
}

/** How people's services are reached: what Onyxia's region says of it too. */
export interface SpaceExposure {
  /** Hosts of services stand directly below it: `lab.example.org`. */
  readonly domain: string;
  /** IngressClass of people's Ingresses. @default - none: people make no Ingress */
  readonly ingressClassName?: string;
  /** Gateways that people's routes may attach to. @default - none: people make no routes */
  readonly gateways?: readonly SpaceGateway[];
  /** People may bring certificates of their own, Secrets named in their Ingresses; a controller may then serve them for any host. @default false */
  readonly ownCertificates?: boolean;
}

/** What the policies read. */
export interface PolicyContext {
  readonly names: SpaceNames;
  readonly subjects: Required<ApiSubjects>;
  readonly spaces: UserSpaces;
  /** Onyxia's service account, where it makes spaces. @default - nobody makes spaces but administrators */
  readonly onyxia: readonly PlatformAccount[];
  /** Who manages the platform's objects in spaces beside administrators: the keeper, and whoever was given. */
  readonly managers: readonly PlatformAccount[];
}
