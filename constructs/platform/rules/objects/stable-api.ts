import type { ObjectRule } from '../rule';

export const stableApi: ObjectRule = {
  id: 'stable-api',
  level: 'error',
  scope: 'object',
  why: 'An alpha or beta API may be absent from the next cluster and is removed a few minors later.',
  source: 'https://kubernetes.io/docs/reference/using-api/deprecation-policy/',
  fix: 'use the stable version of the API',
  *check({ apiVersion }) {
    if (/v\d+(alpha|beta)\d+$/.test(apiVersion)) yield { field: 'apiVersion', message: `${apiVersion} is not stable` };
  },
};
