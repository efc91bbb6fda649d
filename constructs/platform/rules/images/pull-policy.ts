import type { ObjectRule } from '../rule';

export const pullPolicy: ObjectRule = {
  id: 'pull-policy',
  level: 'error',
  scope: 'object',
  why: 'With Always a Pod cannot restart while the registry is away, although the node has the image.',
  source: 'https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy',
  fix: 'set imagePullPolicy: IfNotPresent',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const policy = container.at('imagePullPolicy');
      if (policy.text !== 'IfNotPresent') yield { field: policy.path, message: `is ${policy.text ?? 'not given'}` };
    }
  },
};
