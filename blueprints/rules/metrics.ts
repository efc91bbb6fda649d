import type { Conflict } from '../config/check';
import type { Sections } from '../sections/platform';

/** Who watches has something to watch, and links have a page to stand on. */
export function* metricsHaveTargets(config: Sections): Iterable<Conflict> {
  const { metrics, objectStore, database, mlflow, identity, secrets, coding, onyxia } = config;
  if (metrics === undefined) return;
  const watched = [objectStore?.minio, database?.postgres, mlflow, identity?.keycloak, secrets, coding];
  if (watched.every((part) => part === undefined)) {
    yield {
      path: ['metrics'],
      reads: [['objectStore'], ['database'], ['mlflow'], ['identity'], ['secrets'], ['coding']],
      message: 'no part of this platform has metrics',
      expected: 'objectStore.minio, database.postgres, mlflow, identity.keycloak, secrets or coding; or no metrics',
    };
  }
  if (metrics.servicesUrl !== undefined && onyxia === undefined) {
    yield {
      path: ['metrics', 'servicesUrl'],
      reads: [['onyxia']],
      message: 'the link stands on pages of Onyxia, and there is none',
      expected: 'onyxia; or no servicesUrl',
    };
  }
}
