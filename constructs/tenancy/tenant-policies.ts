import type { Construct } from 'constructs';
import { dnsDomain } from '../delivery/hosts';
import { Component, Layer } from '../platform';
import { applyPolicy } from './admission-policy';
import type { PlatformAccount } from './platform-account';
import type { PolicyContext, SpaceExposure } from './policies/context';
import { devices } from './policies/devices';
import { ingresses } from './policies/ingresses';
import { isolationFirst } from './policies/isolation-first';
import { keeperScope } from './policies/keeper-scope';
import { managedObjects } from './policies/managed-objects';
import { networkEgress } from './policies/network-egress';
import { noExposure } from './policies/no-exposure';
import { type PodPlacement, pods } from './policies/pods';
import { privateImages } from './policies/private-images';
import { reclaimScope } from './policies/reclaim-scope';
import { registries } from './policies/registries';
import { routes } from './policies/routes';
import { services } from './policies/services';
import { spaceMembers } from './policies/space-members';
import { spaceNames } from './policies/space-names';
import { volumes } from './policies/volumes';
import type { UserSpaces } from './user-spaces';

export interface TenantPoliciesProps extends PodPlacement {
  /** Whose spaces they guard. */
  readonly spaces: UserSpaces;
  /** How people's services are reached: the same that Onyxia's region says. @default - from inside the cluster only */
  readonly exposure?: SpaceExposure;
  /** Onyxia's service account: it makes spaces and their members, and is no administrator here whatever rights it has. @default - administrators make spaces */
  readonly onyxia?: PlatformAccount;
  /** Who else manages the platform's objects in spaces and is no administrator of the cluster. @default - nobody */
  readonly managers?: readonly PlatformAccount[];
  /** Who pauses people's services, such as `GpuReclaim`: they are kept inside spaces, and to zero. @default - nobody */
  readonly reclaimers?: readonly PlatformAccount[];
  /** Registries that people's images come from: hosts with an optional path. @default - every registry */
  readonly registries?: readonly string[];
  /**
   * Registries whose images are not for everybody: hosts with an optional path. Pods pull them at every start, so that a node gives nobody
   * what it has pulled for others. Not needed where the API server runs with the admission plugin `AlwaysPullImages`.
   *
   * @default - none: whatever a node has, every Pod may start
   */
  readonly privateRegistries?: readonly string[];
}

/**
 * What RBAC cannot say of people's spaces. Users are administrators of their namespace by the ClusterRole `admin`; these policies of the
 * API server keep the platform's guards from them, and others' hosts, volumes, nodes and namespaces. Whoever may delete the policies
 * themselves is not judged by them.
 *
 * The API server evaluates them itself, from Kubernetes 1.30 on: there is no webhook that could be down.
 *
 * @throws Error when the domain is none, a registry is none, or the greatest priority is no whole number below 1,000,000,000
 *
 * @example
 * import { TenantPolicies, UserSpaces } from 'bouture';
 * const spaces = new UserSpaces(platform, 'spaces');
 * new TenantPolicies(platform, 'tenant-policies', {
 *   spaces,
 *   exposure: { domain: 'lab.example.org', ingressClassName: 'traefik' },
 *   tolerations: ['nvidia.com/gpu'],
 * });
 */
export class TenantPolicies extends Component {
  constructor(scope: Construct, id: string, props: TenantPoliciesProps) {
    super(scope, id, Layer.NAMESPACES, { namespace: props.spaces.namespace });
    const { spaces, exposure, maximumPriority = 0, reclaimers = [] } = props;
    if (exposure !== undefined) dnsDomain("domain of people's services", exposure.domain);
    if (!Number.isInteger(maximumPriority) || maximumPriority >= 1_000_000_000) {
      throw new RangeError(
        `maximumPriority is a whole number below 1,000,000,000, where the system's own begin; given ${maximumPriority}`,
      );
    }
    const context: PolicyContext = {
      spaces,
      names: spaces.names,
      subjects: spaces.subjects,
      onyxia: props.onyxia === undefined ? [] : [props.onyxia],
      managers: [spaces.keeper, ...(props.managers ?? [])],
    };
    for (const policy of [
      managedObjects(context),
      spaceNames(context),
      spaceMembers(context),
      keeperScope(context),
      isolationFirst(context),
      networkEgress(context),
      services(context),
      ...(exposure === undefined ? [noExposure(context)] : [ingresses(context, exposure), routes(context, exposure)]),
      volumes(context),
      pods(context, props),
      devices(context),
      ...(reclaimers.length === 0 ? [] : [reclaimScope(context, reclaimers)]),
      ...(props.registries === undefined ? [] : [registries(context, props.registries)]),
      ...(props.privateRegistries === undefined ? [] : [privateImages(context, props.privateRegistries)]),
    ]) {
      applyPolicy(this, policy);
    }
  }
}
