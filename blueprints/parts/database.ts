import type { z } from 'zod';
import type { Platform } from '../../constructs/platform';
import {
  ExternalDatabase,
  type IDatabaseServer,
  type IObjectStore,
  postgresConfiguration,
  PostgresDatabase,
} from '../../constructs/storage';
import type { database } from '../sections/database';
import { cloudDatabase } from './cloud';
import { authorityOf, tlsOf } from './tls';

type Section = z.output<typeof database>;

/**
 * The database server of a section, or that of the cloud; undefined where there is none.
 *
 * @param objectStore where backups go
 * @param namespaceOf namespace in which the password of a database of an external server stands
 */
export function makeDatabase(
  platform: Platform,
  section: Section | undefined,
  objectStore: IObjectStore | undefined,
  namespaceOf: (database: string) => string,
): IDatabaseServer | undefined {
  if (section?.external !== undefined) return externalServer(platform, section.external, namespaceOf);
  return section?.postgres === undefined ? cloudDatabase(platform) : postgres(platform, section.postgres, objectStore);
}

function postgres(
  platform: Platform,
  section: NonNullable<Section['postgres']>,
  objectStore: IObjectStore | undefined,
): PostgresDatabase {
  const { tls, backup, configuration, ...props } = section;
  return new PostgresDatabase(platform, 'postgres', {
    ...props,
    ...(configuration === undefined ? {} : { configuration: postgresConfiguration(configuration) }),
    ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
    ...(backup === undefined || objectStore === undefined
      ? {}
      : { backup: { ...backup, bucket: objectStore.addBucket(backup.bucket) } }),
  });
}

function externalServer(
  platform: Platform,
  section: NonNullable<Section['external']>,
  namespaceOf: (database: string) => string,
): ExternalDatabase {
  const { certificateAuthority, databases, ...props } = section;
  return new ExternalDatabase(platform, 'database', {
    ...props,
    databases: Object.fromEntries(
      Object.entries(databases).map(([name, { password, ...existing }]) => [
        name,
        {
          ...existing,
          ...(password === undefined
            ? {}
            : { passwords: [{ namespace: namespaceOf(name), name: password.secret, key: password.key }] }),
        },
      ]),
    ),
    ...(certificateAuthority === undefined ? {} : { certificateAuthority: authorityOf(certificateAuthority) }),
  });
}
