import { ACCOUNTS_PY, PROXIED_ARTIFACTS_ENTRY_POINTS, PROXIED_ARTIFACTS_PY } from '../../mlops/mlflow-scripts';
import type { ImageReference } from '../../platform';
import { allOf, choose, isSet, kept, release, text, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { renewalOf } from '../parts/credentials';
import { discoverable } from '../parts/discovery';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { ACCOUNTS, ADMINISTRATOR, DATA, FILES, PORT, START_PY, TEST_PY } from './mlflow-start';
import { databaseName, databaseOf } from './own-database';

/** User of the image. */
const UID = 1000;
/** Whom notebooks and other services of the namespace sign in as: it may do everything but administer users. */
const SERVICES = 'services';
/** Id of the Secret by which they find this one, with their password. */
const DISCOVERY = 'discovery';
/** Id of the Secret with what MLflow signs and encrypts with. */
const KEYS = 'keys';

/** A curve that falls, and the models that come of it. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M10 8v46h46" fill="none" stroke="#374151" stroke-width="3"/>' +
  '<path d="M16 14c6 24 16 30 38 32" fill="none" stroke="#0369a1" stroke-width="3"/>' +
  '<rect x="36" y="12" width="18" height="8" rx="2" fill="#bae6fd" stroke="#0369a1" stroke-width="2"/>' +
  '<rect x="36" y="24" width="18" height="8" rx="2" fill="#e0f2fe" stroke="#0369a1" stroke-width="2"/></svg>\n';

export interface MlflowServiceProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with MLflow, its extra `auth`, boto3 and psycopg2 for user 1000, such as `images/mlflow`. */
  readonly image: ImageReference;
}

/**
 * MLflow for one person or project: experiments, runs and a registry of models. They are in a database of their own in the PostgreSQL of the
 * same namespace, or else in SQLite on its volume; what it began with, it stays with. Artifacts go through the server into the person's
 * bucket, or onto the volume without one. The person is the administrator; notebooks find it with an account of their own.
 *
 * @example
 * import { buildCatalog, mlflowService } from 'bouture';
 * const catalog = buildCatalog([mlflowService({ image: images.get('mlflow') })]);
 */
export function mlflowService({ version = '1.0.0', image }: MlflowServiceProps): CatalogService {
  return defineService({
    name: 'mlflow',
    version,
    appVersion: image.version,
    description: {
      en: 'MLflow: keep track of experiments and models, which your notebooks find by themselves.',
      fr: 'MLflow : suivez expériences et modèles, que vos notebooks trouvent d’eux-mêmes.',
    },
    icon: ICON,
    home: 'https://mlflow.org',
    keywords: ['mlops', 'machine learning', 'experiments', 'models', 'mlflow'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 100, limit: 2000, max: 8000 }, memory: { request: 1, limit: 3, max: 16 } }),
      parts.persistence({ mountPath: DATA }),
      parts.s3(),
      parts.discovery(['postgres']),
      parts.password(),
      parts.ingress({ port: 'http', instanceSchema: 'mlflow/ingress.json' }),
      parts.networkPolicy(),
      parts.caBundle(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      tracking: value.group(
        { title: { en: 'Experiments and models', fr: 'Expériences et modèles' } },
        {
          database: databaseName('MLflow'),
          prefix: value.text({
            default: 'mlflow',
            title: { en: 'Folder of artifacts in your bucket', fr: 'Dossier des artefacts dans votre bucket' },
            description: {
              en: 'They can be read and written for as long as the access to the object store that you give at launch.',
              fr: 'Ils sont accessibles tant que dure l’accès au stockage objet que vous donnez au lancement.',
            },
            pattern: '^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$',
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { hostname, enabled } = values.ingress;
      const isOpen = allOf(enabled, isSet(hostname));
      const address = text`http://${BASE_NAME}.${release.namespace}:${PORT}`;
      const found = objectName(DISCOVERY);
      const key = (name: string, variable: string) => ({
        name: variable,
        valueFrom: { secretKeyRef: { name: objectName(KEYS), key: name } },
      });
      const fromDiscovery = (variable: string, of = variable) => ({
        name: variable,
        valueFrom: { secretKeyRef: { name: found, key: of } },
      });
      const account = (name: ReturnType<typeof objectName>, of: string, user: string) => ({
        secret: { name, items: [{ key: of, path: user }] },
      });
      const french = language === 'fr';
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            terminationGracePeriodSeconds: 60,
            container: {
              command: ['python', `${FILES}/start.py`],
              env: [
                { name: 'DATABASE', value: databaseOf(values.tracking.database) },
                { name: 'PREFIX', value: values.tracking.prefix },
                { name: 'SERVICE', value: BASE_NAME },
                { name: 'NAMESPACE', value: release.namespace },
                { name: 'INGRESS_HOST', value: choose<string>(isOpen, hostname, '') },
                { name: 'HOME', value: '/tmp' },
                { name: 'PYTHONUNBUFFERED', value: '1' },
                // The server's own way to artifacts: proxied_artifacts.py.
                { name: 'PYTHONPATH', value: `${FILES}/plugins` },
                { name: 'MLFLOW_AUTH_CONFIG_PATH', value: '/tmp/basic_auth.ini' },
                { name: 'MLFLOW_DISABLE_TELEMETRY', value: 'true' },
                { name: 'DO_NOT_TRACK', value: 'true' },
                // Optional features, at 260 MB a process.
                { name: 'MLFLOW_SERVER_ENABLE_JOB_EXECUTION', value: 'false' },
                key('signing', 'MLFLOW_FLASK_SERVER_SECRET_KEY'),
                key('gateway', 'MLFLOW_CRYPTO_KEK_PASSPHRASE'),
              ],
              workingDir: '/tmp',
              ports: { http: PORT },
              // Answers without credentials and to any Host, and says nothing.
              probe: { httpGet: { path: '/health', port: 'http' } },
              mounts: [
                { name: 'files', mountPath: FILES, readOnly: true },
                { name: 'accounts', mountPath: ACCOUNTS, readOnly: true },
              ],
            },
            volumes: [
              {
                name: 'files',
                configMap: {
                  name: objectName('files'),
                  items: [
                    { key: 'start.py', path: 'start.py' },
                    { key: 'accounts.py', path: 'accounts.py' },
                    { key: 'proxied_artifacts.py', path: 'plugins/proxied_artifacts.py' },
                    { key: 'METADATA', path: 'plugins/proxied_artifacts-1.dist-info/METADATA' },
                    { key: 'entry_points.txt', path: 'plugins/proxied_artifacts-1.dist-info/entry_points.txt' },
                  ],
                },
              },
              {
                name: 'accounts',
                projected: {
                  defaultMode: 0o440,
                  sources: [
                    account(PASSWORD.name, PASSWORD.key, ADMINISTRATOR),
                    account(found, 'MLFLOW_TRACKING_PASSWORD', SERVICES),
                  ],
                },
              },
            ],
          }),
          object('ConfigMap', 'files', {
            data: {
              'start.py': START_PY,
              'accounts.py': ACCOUNTS_PY,
              'proxied_artifacts.py': PROXIED_ARTIFACTS_PY,
              'entry_points.txt': PROXIED_ARTIFACTS_ENTRY_POINTS,
              METADATA: 'Metadata-Version: 2.1\nName: proxied-artifacts\nVersion: 1\n',
            },
          }),
          object('Secret', KEYS, {
            stringData: {
              signing: kept(objectName(KEYS), 'signing'),
              gateway: kept(objectName(KEYS), 'gateway'),
            },
          }),
          discoverable('mlflow', {
            uri: address,
            MLFLOW_TRACKING_USERNAME: SERVICES,
            MLFLOW_TRACKING_PASSWORD: kept(found, 'MLFLOW_TRACKING_PASSWORD'),
          }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            env: [
              fromDiscovery('MLFLOW_TRACKING_URI', 'uri'),
              fromDiscovery('MLFLOW_TRACKING_USERNAME'),
              fromDiscovery('MLFLOW_TRACKING_PASSWORD'),
            ],
            command: ['python', '-c', TEST_PY],
          }),
        ],
        notes: [
          when(isOpen, [text`MLflow: [https://${hostname}](https://${hostname})`, '']),
          french
            ? `Connectez-vous avec \`${ADMINISTRATOR}\` et le mot de passe du service :`
            : `Sign in as \`${ADMINISTRATOR}\` with the password of the service:`,
          readingOf(),
          '',
          french
            ? text`Les notebooks lancés ensuite dans votre espace le trouvent à \`${address}\`, avec un compte à eux.`
            : text`Notebooks that you launch from now on find it at \`${address}\`, with an account of their own.`,
          renewalOf(values.s3.enabled, language),
        ],
      };
    },
  });
}
