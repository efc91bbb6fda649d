/** Kinds of containers, each with a list of its own in a Pod. */
const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * Every image that a Pod names, also as a volume, as a list in CEL.
 *
 * @param pod `object` or `oldObject`
 * @param pulled `notAlways` leaves out those that the node asks the registry for at every start
 */
export function podImages(
  pod: 'object' | 'oldObject',
  pulled: 'always or not' | 'notAlways' = 'always or not',
): string {
  const filter = (owner: string, field: string) =>
    pulled === 'notAlways' ? ` && (!has(${owner}.${field}) || ${owner}.${field} != "Always")` : '';
  const ofContainers = CONTAINERS.map(
    (kind) =>
      `(has(${pod}.spec.${kind}) ? ${pod}.spec.${kind}.filter(c, has(c.image)${filter('c', 'imagePullPolicy')}).map(c, c.image) : [])`,
  );
  const ofVolumes =
    `(has(${pod}.spec.volumes) ? ${pod}.spec.volumes.filter(v, has(v.image) && has(v.image.reference)` +
    `${filter('v.image', 'pullPolicy')}).map(v, v.image.reference) : [])`;
  return [...ofContainers, ofVolumes].join(' + ');
}
