import type { Conflict } from '../config/check';
import type { Path } from '../config/problems';
import type { Sections } from '../sections/platform';
import { nodesOf } from './clouds';

const ENCRYPTED = 'a certificate, or plainTextBecause with the reason why plain text is right here';

/** Production speaks no plain text without a reason, and reaches no further than it must. */
export function* productionIsClosed(config: Sections): Iterable<Conflict> {
  if (config.profile !== 'production') return;
  const own: readonly (readonly [unknown, Path])[] = [
    [config.objectStore?.minio, ['objectStore', 'minio']],
    [config.database?.postgres, ['database', 'postgres']],
    [config.identity?.keycloak, ['identity', 'keycloak']],
    [config.secrets, ['secrets']],
  ];
  for (const [section, path] of own) {
    if (section === undefined || (section as { readonly tls?: unknown }).tls !== undefined) continue;
    yield { path: [...path, 'tls'], message: 'production speaks no plain text', expected: ENCRYPTED };
  }
  const store = config.objectStore?.external;
  if (store?.endpoint?.startsWith('http://') === true && store.plainTextBecause === undefined) {
    const expected = 'https://, or plainTextBecause with the reason why plain text is right here';
    yield { path: ['objectStore', 'external', 'endpoint'], message: 'production speaks no plain text', expected };
  }
  const server = config.database?.external;
  if (server?.tlsMode === 'disable' && server.plainTextBecause === undefined) {
    const expected = 'verify-full, or plainTextBecause with the reason why plain text is right here';
    yield { path: ['database', 'external', 'tlsMode'], message: 'production speaks no plain text', expected };
  }
  const open: readonly (readonly [readonly string[] | undefined, Path])[] = [
    [store?.cidrs, ['objectStore', 'external', 'cidrs']],
    [server?.cidrs, ['database', 'external', 'cidrs']],
    [config.identity?.external?.cidrs, ['identity', 'external', 'cidrs']],
    [config.gpu?.reclaim?.idle?.cidrs, ['gpu', 'reclaim', 'idle', 'cidrs']],
  ];
  for (const [cidrs, path] of open) {
    for (const [index, cidr] of (cidrs ?? []).entries()) {
      if (!cidr.endsWith('/0')) continue;
      yield {
        path: [...path, index],
        message: 'production opens no way to everywhere',
        expected: 'the networks that it answers from',
      };
    }
  }
}

/** Replicas stand on nodes of their own: on one node they all fail together. */
export function* replicasHaveNodes(config: Sections): Iterable<Conflict> {
  const { profile, mlflow, objectStore } = config;
  const nodes = nodesOf(config);
  if (profile !== 'production' || nodes > 1) return;
  const parts = [
    ...((mlflow === undefined ? 1 : (mlflow.replicas ?? 2)) > 1 ? ['MLflow'] : []),
    ...((objectStore?.minio?.servers ?? 1) > 1 ? ['MinIO'] : []),
  ];
  if (parts.length === 0) return;
  yield {
    path: ['cluster', 'nodes'],
    message: `production keeps replicas of ${parts.join(' and ')}, which on one node all fail together`,
    expected: 'the number of nodes, 2 or more; or a single replica of each',
  };
}
