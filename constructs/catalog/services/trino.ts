import type { ImageReference } from '../../platform';
import { allOf, choose, isSet, json, kept, release, sha256, text, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { discoverable } from '../parts/discovery';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload, type WorkloadContainer } from '../workload';
import {
  COORDINATOR_PROPERTIES,
  HIVE_PROPERTIES,
  JVM_CONFIG,
  NODE_PROPERTIES,
  PASSWORD_PROPERTIES,
  POSTGRESQL_PROPERTIES,
  SHARED_PROPERTIES,
  TPCH_PROPERTIES,
  TRINO_FILES as FILES,
  TRINO_PORTS as PORTS,
  TRINO_SCRIPT,
  TRINO_SECRET,
} from './trino-conf';

/** User of the image. */
const UID = 1000;
/** Id of the Secret by which coordinator and workers know each other, and its key. */
const INTERNAL = { id: 'internal', key: 'shared-secret' } as const;

/** Three sources that one lens brings together. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M12 12l18 18M32 8v20M52 12L34 30" stroke="#9d174d" stroke-width="3"/>' +
  '<g fill="#fbcfe8" stroke="#9d174d" stroke-width="3"><circle cx="11" cy="11" r="6"/><circle cx="32" cy="8" r="6"/>' +
  '<circle cx="53" cy="11" r="6"/></g>' +
  '<circle cx="32" cy="40" r="15" fill="#fdf2f8" stroke="#9d174d" stroke-width="4"/>' +
  '<path d="M43 51l11 10" stroke="#9d174d" stroke-width="5"/></svg>\n';

export interface TrinoProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with Trino in `/opt/trino` for user 1000, htpasswd, openssl and curl, such as `images/trino`. */
  readonly image: ImageReference;
}

/**
 * Trino for one person or project: SQL over the Parquet files of the person's bucket (catalog `hive`), the PostgreSQL of the same namespace
 * (`postgresql`) and generated data (`tpch`), in one query if wanted. The definitions of tables are kept in the bucket, so that the service
 * has no volume and may be deleted and made again. People and programs log in with a password: through the Ingress, or over TLS in the
 * namespace, where others find it by its discovery Secret.
 *
 * @example
 * import { buildCatalog, trinoService } from 'bouture';
 * const catalog = buildCatalog([trinoService({ image: images.get('trino') })]);
 */
export function trinoService({ version = '1.0.0', image }: TrinoProps): CatalogService {
  return defineService({
    name: 'trino',
    version,
    appVersion: image.version,
    description: {
      en: 'Trino: one SQL for the files of your bucket and for your databases.',
      fr: 'Trino : un seul SQL pour les fichiers de votre bucket et pour vos bases de données.',
    },
    icon: ICON,
    home: 'https://trino.io',
    keywords: ['sql', 'database', 'parquet', 'trino'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 200, limit: 2000, max: 16_000 }, memory: { request: 2, limit: 4, max: 64 } }),
      parts.s3(),
      parts.discovery(['postgres']),
      parts.password(),
      parts.ingress({ port: 'http' }),
      parts.networkPolicy(),
      parts.caBundle(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      trino: value.group(
        { title: 'Trino' },
        {
          user: value.text({
            default: 'trino',
            title: { en: 'Name to log in with', fr: 'Nom de connexion' },
            pattern: '^[a-z0-9][a-z0-9._-]{0,62}$',
          }),
          workers: value.whole({
            default: 0,
            minimum: 0,
            title: { en: 'Workers', fr: 'Nœuds de calcul' },
            description: {
              en: 'Each has the resources below. Without any, the coordinator computes itself.',
              fr: 'Chacun a les ressources indiquées. Sans eux, le coordinateur calcule lui-même.',
            },
          }),
          folder: value.text({
            default: 'trino',
            title: { en: 'Folder of your bucket for tables', fr: 'Dossier de votre bucket pour les tables' },
            pattern: '^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$',
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { trino } = values;
      const french = language === 'fr';
      const host = text`${BASE_NAME}.${release.namespace}`;
      const pods = {
        ...shared,
        podAnnotations: { ...shared.podAnnotations, 'bouture.dev/trino': sha256(json(trino)) },
      };
      const container = (role: 'coordinator' | 'worker'): WorkloadContainer => ({
        command: ['sh', `${FILES}/start.sh`, role],
        env: [
          {
            name: 'SHARED_SECRET',
            valueFrom: { secretKeyRef: { name: objectName(INTERNAL.id), key: INTERNAL.key } },
          },
        ],
        ports: { http: PORTS.http },
        probe: {
          exec: {
            command: [
              'sh',
              '-c',
              `curl --fail --silent --max-time 4 http://127.0.0.1:${PORTS.http}/v1/info | grep -q '"starting":false'`,
            ],
          },
        },
        mounts: [{ name: 'files', mountPath: FILES, readOnly: true }],
      });
      const files = { name: 'files', configMap: { name: objectName('files') } };
      const coordinator = container('coordinator');
      const [workers] = workload({
        chart: `${chart}-worker`,
        id: 'worker',
        parts: { ...pods, replicas: choose<number>(values.global.suspend, 0, trino.workers) },
        uid: UID,
        container: container('worker'),
        volumes: [files],
      });
      return {
        objects: [
          ...workload({
            chart,
            parts: pods,
            uid: UID,
            container: {
              ...coordinator,
              env: [
                ...(coordinator.env ?? []),
                { name: 'TRINO_USER', value: trino.user },
                { name: 'TRINO_SERVICE', value: BASE_NAME },
                { name: 'TRINO_NAMESPACE', value: release.namespace },
              ],
              ports: PORTS,
              mounts: [...(coordinator.mounts ?? []), { name: 'password', mountPath: TRINO_SECRET, readOnly: true }],
            },
            volumes: [
              files,
              {
                name: 'password',
                secret: {
                  secretName: PASSWORD.name,
                  defaultMode: 0o440,
                  items: [{ key: PASSWORD.key, path: 'password' }],
                },
              },
            ],
          }),
          when(isSet(trino.workers), workers),
          object('Secret', INTERNAL.id, {
            stringData: { [INTERNAL.key]: kept(objectName(INTERNAL.id), INTERNAL.key, 64) },
          }),
          object('ConfigMap', 'files', {
            data: {
              'start.sh': TRINO_SCRIPT,
              'jvm.config': JVM_CONFIG,
              'node.properties': NODE_PROPERTIES,
              'coordinator.properties': text`${COORDINATOR_PROPERTIES}${SHARED_PROPERTIES}discovery.uri=http://${host}:${PORTS.http}\nnode-scheduler.include-coordinator=${choose<string>(isSet(trino.workers), 'false', 'true')}\n`,
              'worker.properties': text`coordinator=false\n${SHARED_PROPERTIES}discovery.uri=http://${host}:${PORTS.http}\n`,
              'password-authenticator.properties': PASSWORD_PROPERTIES,
              'catalog-tpch.properties': TPCH_PROPERTIES,
              'catalog-hive.properties': text`${HIVE_PROPERTIES}hive.metastore.catalog.dir=s3://\${ENV:AWS_WORKING_DIRECTORY_PATH}/${trino.folder}\n`,
              'catalog-postgresql.properties': POSTGRESQL_PROPERTIES,
            },
          }),
          discoverable('trino', { trinoService: BASE_NAME, trinoPort: String(PORTS.https) }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            env: [
              { name: 'TRINO_USER', value: trino.user },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
            ],
            command: [
              'sh',
              '-c',
              // As the Ingress asks, which has ended TLS.
              text`curl --fail --silent --show-error --max-time 20 --user "$TRINO_USER:$PASSWORD" --header 'X-Forwarded-Proto: https' --data 'SELECT 1' http://${host}:${PORTS.http}/v1/statement`,
            ],
          }),
        ],
        notes: [
          when(allOf(values.ingress.enabled, isSet(values.ingress.hostname)), [
            french
              ? text`Trino : [https://${values.ingress.hostname}](https://${values.ingress.hostname}), aussi pour les programmes d’ailleurs (port 443, HTTPS).`
              : text`Trino: [https://${values.ingress.hostname}](https://${values.ingress.hostname}), also for programs elsewhere (port 443, HTTPS).`,
            '',
          ]),
          french
            ? text`Dans votre espace : \`https://${host}:${PORTS.https}\`, dont le certificat est le sien (\`verify=False\`).`
            : text`In your namespace: \`https://${host}:${PORTS.https}\`, whose certificate is its own (\`verify=False\`).`,
          '',
          french
            ? text`Le nom est \`${trino.user}\`, et le mot de passe :`
            : text`The name is \`${trino.user}\`, and the password:`,
          readingOf(),
          '',
          french ? 'Des fichiers Parquet de votre bucket :' : 'Parquet files of your bucket:',
          '',
          '```sql',
          'CREATE SCHEMA hive.work;',
          text`CREATE TABLE hive.work.prices (item varchar, price double) WITH (format = 'PARQUET', external_location = 's3://${values.s3.workingDirectoryPath}/prices');`,
          '```',
        ],
      };
    },
  });
}
