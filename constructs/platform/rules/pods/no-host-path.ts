import type { ObjectRule } from '../rule';

/** Volume types that the standard allows. */
const ALLOWED = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

export const noHostPath: ObjectRule = {
  id: 'no-host-path',
  level: 'error',
  scope: 'object',
  why: 'A volume of the node’s own file system is a way to the node; other old types bring their own credentials.',
  source: 'Pod Security Standards, restricted: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'use a persistentVolumeClaim for data, an emptyDir for scratch files',
  *check({ pod }) {
    for (const volume of pod?.spec.at('volumes').items() ?? []) {
      for (const [type, field] of volume.entries()) {
        if (type !== 'name' && !ALLOWED.has(type)) yield { field: field.path, message: `volume of type ${type}` };
      }
    }
  },
};
