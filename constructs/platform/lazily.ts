import { Lazy } from 'cdk8s';

/**
 * A field of an API object whose value is known at synthesis only, because other constructs may still add to it: the list of a
 * server's databases, say, and the hash of that list in a name.
 *
 * @param produce gives the value; called for each synthesis
 */
export function lazily<T>(produce: () => T): T {
  return Lazy.any({ produce }) as T;
}
