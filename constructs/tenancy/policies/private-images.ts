import { type AdmissionPolicy, cel, celList, inSpace, isAdministrator } from '../admission-policy';
import type { PolicyContext } from './context';
import { podImages } from './pod-images';
import { mustBeRegistry } from './registries';

/** Names of Docker Hub; the last one is none at all. */
const DOCKER_HUB = ['docker.io/', 'index.docker.io/', ''];

/**
 * An image by its content: containerd takes it for an image of the node, whatever registry that came from (`LocalResolve` in its
 * internal/cri/server/images). The letters of a content are those of hexadecimal digits.
 */
const BY_CONTENT = '^(sha(256|384|512):)?[0-9a-f]+$';

/**
 * A node keeps images after the Pod that they were pulled for, and starts them for everybody: credentials are asked for by the registry,
 * so a node that does not ask it lets everybody have them. So images of private registries are pulled `Always`, which costs one question
 * and no download where the node has them, and no Pod names an image by its content. Images of other registries are as before:
 * services of catalogs say `IfNotPresent`, and start while their registry is away.
 *
 * @param privates hosts with an optional path, `registry.example.org/secret`
 * @throws Error when one is empty, has a scheme or a last slash, or is the whole of Docker Hub
 */
export function privateImages({ names, onyxia }: PolicyContext, privates: readonly string[]): AdmissionPolicy {
  privates.forEach(mustBeRegistry);
  if (privates.includes('docker.io')) {
    throw new Error('private registry "docker.io": expected an account of it, such as "docker.io/office"');
  }
  const prefixes = privates.flatMap((registry) =>
    registry.startsWith('docker.io/')
      ? DOCKER_HUB.map((hub) => `${hub}${registry.slice('docker.io/'.length)}/`)
      : [`${registry}/`],
  );
  const isPrivate = `${celList(prefixes)}.exists(r, i.startsWith(r)) || i.matches(${cel(BY_CONTENT)})`;
  return {
    id: 'private-images',
    resources: [{ apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [inSpace(names), `!(${isAdministrator(onyxia)})`],
    variables: {
      images: podImages('object', 'notAlways'),
      had: `oldObject == null ? [] : ${podImages('oldObject', 'notAlways')}`,
      refused: `variables.images.filter(i, !(i in variables.had) && (${isPrivate}))`,
    },
    validations: [
      {
        expression: 'variables.refused.size() == 0',
        message:
          `Images of ${privates.join(', ')} are private: set imagePullPolicy: Always, so that the registry is asked whether you may have ` +
          'them. An image is named by its registry, never by its content alone.',
        messageExpression:
          '"image \\"" + variables.refused[0] + "\\" is private, or named by its content alone, and the node may have it from somebody else: ' +
          'name it by its registry and set imagePullPolicy: Always, so that the registry is asked whether you may have it."',
      },
    ],
  };
}
