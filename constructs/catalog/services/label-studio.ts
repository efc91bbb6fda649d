import type { ImageReference } from '../../platform';
import { allOf, isSet, kept, release, text, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { renewalOf } from '../parts/credentials';
import { readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { ownerEmail, ownerOf } from './owner';
import { PREPARE_SCRIPT, SERVER, START_SCRIPT } from './label-studio-start';

/** Port of Label Studio. */
const PORT = 8080;
/** User of the image. */
const UID = 1000;
/** Folder of the volume: what people upload, exports, and the database where there is no PostgreSQL. */
const DATA = '/var/lib/label-studio';
const FILES = '/etc/bouture/label-studio';

/** Ids of Secrets, and the keys in them. */
const KEYS = { id: 'keys', secretKey: 'secret-key' } as const;
const TOKEN = { id: 'token', token: 'token' } as const;
/** Most characters that a token of Label Studio has. */
const TOKEN_LENGTH = 40;

/** A page with a picture of which one part is marked. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<rect x="8" y="8" width="48" height="48" rx="4" fill="#fff7ed" stroke="#9a3412" stroke-width="3"/>' +
  '<path d="M12 50l12-16 9 10 7-7 12 13z" fill="#fdba74"/>' +
  '<rect x="30" y="15" width="19" height="15" fill="none" stroke="#dc2626" stroke-width="3" stroke-dasharray="5 3"/>' +
  '<circle cx="39.500" cy="22.500" r="4" fill="#f59e0b"/></svg>\n';

export interface LabelStudioProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with Label Studio and gunicorn for user 1000, such as `images/label-studio`. */
  readonly image: ImageReference;
}

/**
 * Label Studio for one person or project: texts, images and sounds are annotated together, in the browser. Its data are in a database of
 * their own in the PostgreSQL of the same namespace, or else in SQLite on its volume; what it began with, it stays with. Nobody signs up
 * without a link of its owner, who was removed is out, and it tells nothing to its makers. Whoever is in sees all projects: another team has
 * a service of its own.
 *
 * @example
 * import { buildCatalog, labelStudioService } from 'bouture';
 * const catalog = buildCatalog([labelStudioService({ image: images.get('label-studio') })]);
 */
export function labelStudioService({ version = '1.0.0', image }: LabelStudioProps): CatalogService {
  return defineService({
    name: 'label-studio',
    version,
    appVersion: image.version,
    description: {
      en: 'Label Studio: annotate texts, images and sounds together, to train and to check models.',
      fr: 'Label Studio : annotez ensemble textes, images et sons, pour entraîner et vérifier des modèles.',
    },
    icon: ICON,
    home: 'https://labelstud.io',
    keywords: ['annotation', 'labelling', 'machine learning', 'label-studio'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 100, limit: 2000, max: 8000 }, memory: { request: 1, limit: 4, max: 16 } }),
      parts.persistence({ mountPath: DATA }),
      parts.s3(),
      parts.discovery(['postgres']),
      parts.password({ variable: 'LABEL_STUDIO_PASSWORD' }),
      parts.ingress({ port: 'web', instanceSchema: 'label-studio/ingress.json' }),
      parts.networkPolicy(),
      parts.proxy(),
      parts.caBundle(),
      parts.extraEnv(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      account: value.group(
        { title: { en: 'Account', fr: 'Compte' } },
        {
          email: ownerEmail(),
          token: value.flag({
            default: false,
            title: { en: 'A token for programs', fr: 'Un jeton pour les programmes' },
            description: {
              en: 'One that does not expire, in a Secret. Tokens that you make in the web pages need none.',
              fr: 'Un jeton qui n’expire pas, dans un Secret. Ceux que vous créez dans les pages web n’en ont pas besoin.',
            },
          }),
        },
      ),
      uploads: value.choice(['volume', 'bucket'], {
        default: 'volume',
        title: { en: 'Where uploaded files are kept', fr: 'Où sont gardés les fichiers déposés' },
        description: {
          en: 'In your bucket they can be read for as long as the access that you were given at launch.',
          fr: 'Dans votre bucket, ils sont lisibles tant que dure l’accès reçu au lancement.',
        },
      }),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { account, ingress } = values;
      const email = ownerOf(account.email);
      const isOpen = allOf(ingress.enabled, isSet(ingress.hostname));
      const address = text`https://${ingress.hostname}`;
      const service = text`${BASE_NAME}.${release.namespace}`;
      const french = language === 'fr';
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            container: {
              command: ['sh', `${FILES}/start.sh`],
              env: [
                { name: 'LABEL_STUDIO_BASE_DATA_DIR', value: DATA },
                { name: 'LABEL_STUDIO_USERNAME', value: email },
                {
                  name: 'SECRET_KEY',
                  valueFrom: { secretKeyRef: { name: objectName(KEYS.id), key: KEYS.secretKey } },
                },
                when(account.token, {
                  name: 'LABEL_STUDIO_USER_TOKEN',
                  valueFrom: { secretKeyRef: { name: objectName(TOKEN.id), key: TOKEN.token } },
                }),
                { name: 'DATABASE', value: release.name },
                { name: 'UPLOADS', value: values.uploads },
                { name: 'LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK', value: 'true' },
                { name: 'SSRF_PROTECTION_ENABLED', value: 'true' },
                { name: 'CORS_ALLOW_ALL_ORIGINS', value: 'false' },
                // Otherwise it serves files of the server where a folder has the right name.
                { name: 'LOCAL_FILES_SERVING_ENABLED', value: 'false' },
                // No nginx stands before it to send files.
                { name: 'USE_NGINX_FOR_UPLOADS', value: 'false' },
                // Nothing goes to the makers: no statistics, no errors, no question for a newer version.
                { name: 'COLLECT_ANALYTICS', value: 'false' },
                { name: 'LATEST_VERSION_CHECK', value: 'false' },
                { name: 'SENTRY_DSN', value: '' },
                { name: 'FRONTEND_SENTRY_DSN', value: '' },
                when(isOpen, [
                  { name: 'LABEL_STUDIO_HOST', value: address },
                  { name: 'CSRF_TRUSTED_ORIGINS', value: address },
                  { name: 'SESSION_COOKIE_SECURE', value: '1' },
                  { name: 'CSRF_COOKIE_SECURE', value: '1' },
                ]),
              ],
              ports: { web: PORT },
              probe: { httpGet: { path: '/health', port: 'web' } },
              mounts: [{ name: 'files', mountPath: FILES, readOnly: true }],
            },
            volumes: [{ name: 'files', configMap: { name: objectName('files') } }],
          }),
          object('ConfigMap', 'files', {
            data: { 'start.sh': START_SCRIPT, 'prepare.py': PREPARE_SCRIPT, 'bouture_wsgi.py': SERVER },
          }),
          object('Secret', KEYS.id, {
            stringData: { [KEYS.secretKey]: kept(objectName(KEYS.id), KEYS.secretKey, 64) },
          }),
          when(
            account.token,
            object('Secret', TOKEN.id, {
              stringData: { [TOKEN.token]: kept(objectName(TOKEN.id), TOKEN.token, TOKEN_LENGTH) },
            }),
          ),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            command: [
              'python3',
              '-c',
              text`import urllib.request as u; u.urlopen("http://${service}:${PORT}/health", timeout=20)`,
            ],
          }),
        ],
        notes: [
          when(isOpen, [`${french ? 'Vos annotations' : 'Your annotations'} :`, text`[${address}](${address})`, '']),
          text`${french ? 'Connectez-vous avec' : 'Sign in with'} \`${email}\` ${french ? 'et le mot de passe du service' : 'and the password of the service'}:`,
          readingOf(),
          renewalOf(values.s3.enabled, language),
        ],
      };
    },
  });
}
