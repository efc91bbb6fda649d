import { type AdmissionPolicy, celList, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';

/**
 * Images come from these registries alone.
 *
 * @param registries hosts with an optional path, `registry.example.org/datalab`; `docker.io` must be named like any other
 * @throws Error when one is empty or has a scheme or a last slash
 */
export function registries({ names, onyxia }: PolicyContext, allowed: readonly string[]): AdmissionPolicy {
  const wrong = allowed.find((registry) => !/^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9._-]+)*$/.test(registry));
  if (wrong !== undefined) {
    throw new Error(
      `registry "${wrong}": expected a host with an optional path, such as "registry.example.org/datalab"`,
    );
  }
  const known = celList(allowed.map((registry) => `${registry}/`));
  const containers = ['containers', 'initContainers', 'ephemeralContainers'];
  const list = (kind: string) => `(has(object.spec.${kind}) ? object.spec.${kind}.map(c, c.image) : [])`;
  return {
    id: 'registries',
    resources: [{ apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      images: containers.map(list).join(' + '),
      had: `oldObject == null ? [] : ${containers.map((kind) => list(kind).replaceAll('object.', 'oldObject.')).join(' + ')}`,
      refused: `variables.images.filter(i, !(i in variables.had) && !${known}.exists(r, i.startsWith(r)))`,
    },
    validations: [
      {
        expression: 'variables.refused.size() == 0',
        message: `Images come from ${allowed.join(', ')}. Push the image there, or ask the platform team to mirror it.`,
        messageExpression:
          '"image \\"" + variables.refused[0] + "\\" is not from a registry that people may use: ' +
          `${allowed.join(', ')}. Push it there, or ask the platform team to mirror it."`,
      },
    ],
  };
}
