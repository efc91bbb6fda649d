import { compare } from '../../platform';
import { type AdmissionPolicy, cel, celList, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/** What people's Pods may ask of the scheduler. */
export interface PodPlacement {
  /** Keys of taints that Pods may tolerate beside those that Kubernetes adds itself, such as `nvidia.com/gpu`. @default - none */
  readonly tolerations?: readonly string[];
  /**
   * Keys of taints that a Pod may tolerate which asks for a device: for each, the extended resources of which it must ask for one. That of
   * `GpuNodes.deviceTolerations`.
   *
   * @default - none
   */
  readonly deviceTolerations?: Readonly<Record<string, readonly string[]>>;
  /** Greatest priority of a Pod: raise it where the cluster's default PriorityClass is above 0. @default 0 */
  readonly maximumPriority?: number;
  /** RuntimeClasses that Pods may name, such as `nvidia`. @default - none */
  readonly runtimeClasses?: readonly string[];
}

/** A Pod asks for one of some extended resources. Of those a limit is a request too, and nobody may ask for more than the limit. */
const asksFor = (resources: readonly string[]): string =>
  'variables.containers.exists(c, has(c.resources) && has(c.resources.limits) && ' +
  `c.resources.limits.exists(r, r in ${celList(resources)} && string(c.resources.limits[r]) != "0"))`;

/** Taints by which Kubernetes tells the state of a node; its controllers let Pods tolerate them. */
const OWN_TAINTS = 'node.kubernetes.io/';

/**
 * Where a Pod runs and whom it displaces is the scheduler's to decide. What a Pod may do on its node is Pod Security's to say. Pods that a
 * Deployment or a Job makes are judged like any other.
 */
export function pods({ names, onyxia }: PolicyContext, placement: PodPlacement): AdmissionPolicy {
  const { tolerations = [], deviceTolerations = {}, maximumPriority = 0, runtimeClasses = [] } = placement;
  const devices = Object.entries(deviceTolerations).sort(([a], [b]) => compare(a, b));
  const isTolerated = [
    `t.key.startsWith(${cel(OWN_TAINTS)})`,
    `t.key in ${celList(tolerations)}`,
    ...devices.map(([key, resources]) => `(t.key == ${cel(key)} && ${asksFor(resources)})`),
  ].join(' || ');
  const known = [
    ...tolerations,
    ...devices.map(([key, resources]) => `${key} where it asks for ${resources.join(' or ')}`),
  ];
  return {
    id: 'pods',
    resources: [{ apiGroups: [''], resources: ['pods'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      isNew: 'request.operation == "CREATE"',
      tolerations: 'has(object.spec.tolerations) ? object.spec.tolerations : []',
      hadTolerations: 'oldObject != null && has(oldObject.spec.tolerations) ? oldObject.spec.tolerations : []',
      ...(devices.length === 0
        ? {}
        : {
            containers: 'object.spec.containers + (has(object.spec.initContainers) ? object.spec.initContainers : [])',
          }),
      refused: `variables.tolerations.filter(t, !(has(t.key) && (${isTolerated})) && !(t in variables.hadTolerations))`,
      priority: 'has(object.spec.priority) ? object.spec.priority : 0',
    },
    validations: [
      {
        expression: '!variables.isNew || !has(object.spec.nodeName) || object.spec.nodeName == ""',
        message:
          'A Pod that names its node (spec.nodeName) goes round the scheduler, quotas of nodes and their taints. Leave it out, or use a ' +
          'nodeSelector.',
      },
      {
        expression: 'variables.refused.size() == 0',
        message:
          'This Pod tolerates taints of nodes that are kept for others. Remove spec.tolerations; services for GPUs bring the ones they need.',
        messageExpression:
          '"this Pod tolerates the taint \\"" + (has(variables.refused[0].key) ? variables.refused[0].key : "(every one)") + "\\" of nodes that are ' +
          `kept for others. Remove it from spec.tolerations; people may use: ${known.length === 0 ? 'none' : known.join(', ')}."`,
      },
      {
        expression:
          `!variables.isNew || (variables.priority <= ${maximumPriority} && ` +
          '!(has(object.spec.priorityClassName) && object.spec.priorityClassName.startsWith("system-")))',
        message:
          `This Pod would displace others: its priority is above ${maximumPriority}, the greatest that people's Pods have. ` +
          'Leave priorityClassName out.',
      },
      {
        expression:
          '!variables.isNew || !has(object.spec.runtimeClassName) || ' +
          `object.spec.runtimeClassName in ${celList(runtimeClasses)}`,
        message:
          `runtimeClassName chooses what holds containers apart; people's Pods may name: ` +
          `${runtimeClasses.length === 0 ? 'none' : runtimeClasses.join(', ')}. Leave it out.`,
      },
    ],
  };
}
