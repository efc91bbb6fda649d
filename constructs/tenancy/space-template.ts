import { contentHash, MANAGED_BY } from '../platform';
import { TEMPLATE_LABEL } from './space-keeper-script';
import type { SpaceNetworkPolicy } from './space-network';

/** What a container that states nothing gets in a space. */
export interface ContainerDefaults {
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
}

/**
 * Name of the LimitRange of a space. It is written last, so that a space that has it has everything. It is a LimitRange because API
 * servers read those for themselves: a kind that only a policy reads is forgotten for good once the policy has had no binding for a
 * second (kubernetes/kubernetes#130887), and no space would ever start a Pod again.
 */
export const SEAL = 'platform';

/** Names of all that a template writes: an account needs no more than these. */
export const TEMPLATE_NAMES = {
  ResourceQuota: ['platform'],
  LimitRange: [SEAL],
  ServiceAccount: ['default'],
  NetworkPolicy: ['default-deny', 'allow-dns', 'allow-within', 'allow-in', 'allow-out'],
} as const;

type PlainObject = Readonly<Record<string, unknown>>;

/** The objects that every space of one kind holds. */
export interface SpaceTemplate {
  /** Changes with what the templates say. */
  readonly version: string;
  /** As `kubectl apply` reads it; the last two objects are the network's default-deny and the seal. */
  readonly list: { readonly apiVersion: 'v1'; readonly kind: 'List'; readonly items: readonly PlainObject[] };
}

export interface SpaceTemplateProps {
  /** Name of the platform. */
  readonly partOf: string;
  readonly quota: Readonly<Record<string, string>>;
  readonly containerDefaults: ContainerDefaults;
  /** `default-deny` and `allow-dns`. */
  readonly guards: readonly SpaceNetworkPolicy[];
  readonly holes: readonly SpaceNetworkPolicy[];
}

/**
 * The guards of a space as plain objects: the same that `PlatformNamespace` makes where this library makes the namespace itself.
 *
 * @param version of this template, and of others that are written with it
 */
export function spaceTemplate(props: SpaceTemplateProps, version: string): SpaceTemplate {
  const labels = {
    'app.kubernetes.io/part-of': props.partOf,
    'app.kubernetes.io/managed-by': MANAGED_BY,
    [TEMPLATE_LABEL]: version,
  };
  const object = (apiVersion: string, kind: string, name: string, rest: object): PlainObject => ({
    apiVersion,
    kind,
    metadata: { name, labels },
    ...rest,
  });
  const policy = ({ name, spec }: SpaceNetworkPolicy) =>
    object('networking.k8s.io/v1', 'NetworkPolicy', name, { spec });
  const [last, ...before] = props.guards.map(policy);
  if (last === undefined) throw new Error('a space without guards');
  const { requests, limits } = props.containerDefaults;
  return {
    version,
    list: {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        object('v1', 'ResourceQuota', 'platform', { spec: { hard: props.quota } }),
        object('v1', 'ServiceAccount', 'default', { automountServiceAccountToken: false }),
        ...before,
        ...props.holes.map(policy),
        last,
        object('v1', 'LimitRange', SEAL, {
          spec: { limits: [{ type: 'Container', defaultRequest: requests, default: limits }] },
        }),
      ],
    },
  };
}

/** The version that templates have together: another where any of them says something else. */
export function templateVersion(templates: readonly SpaceTemplateProps[]): string {
  return contentHash(templates);
}
