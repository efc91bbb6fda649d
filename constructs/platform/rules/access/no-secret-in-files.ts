import type { ObjectRule } from '../rule';

export const noSecretInFiles: ObjectRule = {
  id: 'no-secret-in-files',
  level: 'error',
  scope: 'object',
  filesOnly: true,
  why: 'Rendered manifests are committed; base64 hides nothing.',
  source: 'https://kubernetes.io/docs/concepts/security/secrets-good-practices/',
  fix: 'declare a PlatformSecret: whoever deploys makes the value and keeps it encrypted',
  *check({ kind, apiVersion, root }) {
    if (kind !== 'Secret' || apiVersion !== 'v1') return;
    for (const key of ['data', 'stringData']) {
      const field = root.at(key);
      if (field.entries().length > 0) yield { field: field.path, message: 'holds values' };
    }
  },
};
