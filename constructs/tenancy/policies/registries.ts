import { type AdmissionPolicy, celList, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';
import { podImages } from './pod-images';

/**
 * Images come from these registries alone.
 *
 * @param registries hosts with an optional path, `registry.example.org/datalab`; `docker.io` must be named like any other
 * @throws Error when one is empty or has a scheme or a last slash
 */
export function registries({ names, onyxia }: PolicyContext, allowed: readonly string[]): AdmissionPolicy {
  allowed.forEach(mustBeRegistry);
  const known = celList(allowed.map((registry) => `${registry}/`));
  return {
    id: 'registries',
    resources: [{ apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      images: podImages('object'),
      had: `oldObject == null ? [] : ${podImages('oldObject')}`,
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

/** @throws Error when a text is no host with an optional path */
export function mustBeRegistry(registry: string): void {
  if (/^[a-z0-9][a-z0-9.:-]*(\/[a-z0-9._-]+)*$/.test(registry)) return;
  throw new Error(
    `registry "${registry}": expected a host with an optional path, such as "registry.example.org/datalab"`,
  );
}
