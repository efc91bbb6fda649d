import type { PlatformRule } from '../rule';
import { isClusterScoped } from './cluster-scoped';

export const explicitNamespace: PlatformRule = {
  id: 'explicit-namespace',
  level: 'error',
  scope: 'platform',
  why: 'Without a namespace an object lands wherever the person who applies it happens to stand; in one that nobody makes, nowhere.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/',
  fix: 'set metadata.namespace to a PlatformNamespace’s name; leave it out for kinds that live in no namespace',
  *check(platform) {
    for (const object of platform.objects) {
      const { path } = object.root.at('metadata', 'namespace');
      const { namespace } = object;
      if (isClusterScoped(object.group, object.kind)) {
        if (namespace !== undefined) yield { object, field: path, message: `a ${object.kind} lives in no namespace` };
      } else if (namespace === undefined) {
        yield { object, field: path, message: 'is not given' };
      } else if (!platform.namespaces.has(namespace)) {
        yield { object, field: path, message: `the platform does not make the namespace "${namespace}"` };
      }
    }
  },
};
