import type { ImageReference } from '../../platform';
import { choose, isSet, kept, release, text } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { discoverable } from '../parts/discovery';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { ACCOUNTS_JS, DATA, FILES, MONGOSH_CONF, PORT, ROOT, SECRETS, START_SCRIPT, TEST_JS } from './mongodb-start';
import { accountNames } from './own-database';

/** User of the image. */
const UID = 999;
/** Where mongosh looks for settings of everybody. */
const MONGOSH_FILE = '/etc/mongosh.conf';

/** Pages of several shapes, one over the other. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<g fill="#ecfdf5" stroke="#065f46" stroke-width="3"><rect x="8" y="8" width="30" height="36" rx="3"/>' +
  '<rect x="17" y="14" width="30" height="36" rx="3"/><rect x="26" y="20" width="30" height="36" rx="3"/></g>' +
  '<path d="M33 30h16M37 37h12M37 44h8" stroke="#059669" stroke-width="3"/></svg>\n';

export interface MongodbProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** The image that MongoDB publishes, with mongod and mongosh for user 999. */
  readonly image: ImageReference;
}

/**
 * MongoDB for one person or project, one server without an Ingress: other services of the namespace find it, with an account for its one
 * database, through its discovery Secret. The passwords are random unless given, and upgrades keep them.
 *
 * @example
 * import { buildCatalog, mongodbService } from 'bouture';
 * const catalog = buildCatalog([mongodbService({ image: images.get('mongodb') })]);
 */
export function mongodbService({ version = '1.0.0', image }: MongodbProps): CatalogService {
  return defineService({
    name: 'mongodb',
    version,
    appVersion: image.version,
    description: {
      en: 'MongoDB, a database of documents that your other services find by themselves.',
      fr: 'MongoDB, une base de documents que vos autres services trouvent d’eux-mêmes.',
    },
    icon: ICON,
    home: 'https://www.mongodb.com',
    keywords: ['database', 'documents', 'nosql', 'mongodb'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({
        cpu: { request: 100, limit: 2000, max: 8000 },
        memory: { request: 1, limit: 4, max: 32 },
        scratch: 1,
      }),
      parts.persistence({ mountPath: DATA }),
      parts.password(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.networkPolicy(),
      parts.autosuspend(),
    ],
    values: {
      database: value.group(
        { title: { en: 'Database', fr: 'Base de données' } },
        {
          ...accountNames({ user: 'user', pattern: '^[A-Za-z_][A-Za-z0-9_-]{0,62}$' }),
          password: value.text({
            default: '',
            title: { en: 'Password of this user', fr: 'Mot de passe de cet utilisateur' },
            description: {
              en: 'Random when empty. Letters, digits and - . _ ~ only, so that it fits into an address.',
              fr: 'Aléatoire si vide. Lettres, chiffres et - . _ ~ seulement, pour tenir dans une adresse.',
            },
            render: 'password',
            pattern: '^[A-Za-z0-9._~-]*$',
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { database } = values;
      const discovery = objectName('discovery');
      const password = { name: discovery, key: 'mongodb-password' };
      const host = text`${BASE_NAME}.${release.namespace}`;
      const account = [
        { name: 'DATABASE', value: database.name },
        { name: 'DATABASE_USER', value: database.user },
      ];
      const french = language === 'fr';
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            terminationGracePeriodSeconds: 120,
            container: {
              command: ['sh', `${FILES}/start.sh`],
              // The image's own home is the folder of the data.
              env: [...account, { name: 'HOME', value: '/tmp' }],
              ports: { mongodb: PORT },
              probe: {
                exec: {
                  command: [
                    'mongosh',
                    '--norc',
                    '--quiet',
                    '--port',
                    String(PORT),
                    '--eval',
                    'db.adminCommand({ ping: 1 })',
                  ],
                },
              },
              // mongosh takes half a second of a CPU to ask.
              liveness: { tcpSocket: { port: 'mongodb' } },
              mounts: [
                { name: 'files', mountPath: FILES, readOnly: true },
                { name: 'files', mountPath: MONGOSH_FILE, subPath: 'mongosh.conf', readOnly: true },
                { name: 'passwords', mountPath: SECRETS, readOnly: true },
              ],
            },
            volumes: [
              { name: 'files', configMap: { name: objectName('files') } },
              {
                name: 'passwords',
                projected: {
                  defaultMode: 0o440,
                  sources: [
                    { secret: { name: PASSWORD.name, items: [{ key: PASSWORD.key, path: 'root' }] } },
                    { secret: { name: password.name, items: [{ key: password.key, path: 'user' }] } },
                  ],
                },
              },
            ],
          }),
          object('ConfigMap', 'files', {
            data: { 'start.sh': START_SCRIPT, 'accounts.js': ACCOUNTS_JS, 'mongosh.conf': MONGOSH_CONF },
          }),
          discoverable('mongodb', {
            'mongodb-service': BASE_NAME,
            'mongodb-port': String(PORT),
            'mongodb-database': database.name,
            'mongodb-username': database.user,
            'mongodb-password': choose<string>(
              isSet(database.password),
              database.password,
              kept(password.name, password.key),
            ),
          }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            env: [
              ...account,
              { name: 'HOME', value: '/tmp' },
              { name: 'HOST', value: text`${host}:${PORT}` },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: password } },
            ],
            command: ['mongosh', '--nodb', '--norc', '--quiet', '--eval', TEST_JS],
          }),
        ],
        notes: [
          french ? '## Votre base de documents' : '## Your database of documents',
          '',
          text`- ${french ? 'hôte' : 'host'}: \`${host}\`, port ${PORT}`,
          text`- ${french ? 'base' : 'database'}: \`${database.name}\`, ${french ? 'utilisateur' : 'user'}: \`${database.user}\``,
          text`- ${french ? 'mot de passe' : 'password'}: ${readingOf(password)}`,
          text`- ${french ? 'mot de passe de' : 'password of'} \`${ROOT}\`, ${french ? 'qui peut tout :' : 'who may do everything:'} ${readingOf()}`,
          '',
          french ? 'Une session, qui demande le mot de passe :' : 'A session, which asks for the password:',
          text`\`kubectl exec -it statefulset/${BASE_NAME} -- mongosh --username ${database.user} ${database.name}\``,
          '',
          french
            ? 'Dans un notebook lancé ensuite, après `pip install pymongo` :'
            : 'In a notebook that you launch from now on, after `pip install pymongo`:',
          '',
          '```python',
          'import os',
          'from pymongo import MongoClient',
          '',
          'name = os.environ["MONGODB_DATABASE"]',
          'client = MongoClient(os.environ["MONGODB_HOST"], username=os.environ["MONGODB_USERNAME"],',
          '                     password=os.environ["MONGODB_PASSWORD"], authSource=name)',
          'database = client[name]',
          '```',
        ],
      };
    },
  });
}
