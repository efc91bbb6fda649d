import type { ImageReference } from '../../platform';
import { allOf, choose, fallback, isSet, release, text, unless, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { renewalOf } from '../parts/credentials';
import { readingOf } from '../parts/password';
import { START } from '../parts/start-script';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { nginxConf, RENDER_SCRIPT, SITE, WORK } from './dashboard-start';

/** Port of the web server. */
const PORT = 8080;
/** User and group of the image. */
const UID = 1000;
const GID = 100;
const FILES = '/etc/bouture/dashboard';

/** A page with bars and a line. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<rect x="6" y="10" width="52" height="44" rx="4" fill="#f0fdfa" stroke="#0f766e" stroke-width="3"/>' +
  '<path d="M6 20h52" stroke="#0f766e" stroke-width="3"/>' +
  '<path d="M16 48V36M26 48V30M36 48V40M46 48V26" stroke="#14b8a6" stroke-width="6"/>' +
  '<path d="M14 33l12-7 10 8 12-11" fill="none" stroke="#f59e0b" stroke-width="3"/></svg>\n';

export interface DashboardProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with Observable Framework, its libraries, Python with DuckDB, and nginx, such as `images/dashboard`. */
  readonly image: ImageReference;
}

/**
 * Dashboards of a person or project: pages of Observable Framework from a Git repository or a bucket, or a static site. They are rendered
 * again and again, with data that programs compute from the person's bucket, and served as files: readers run no program and have no
 * access to the data behind. Readers give a password unless whoever launches it decides otherwise.
 *
 * @example
 * import { buildCatalog, dashboardService } from 'bouture';
 * const catalog = buildCatalog([dashboardService({ image: images.get('dashboard') })]);
 */
export function dashboardService({ version = '1.0.0', image }: DashboardProps): CatalogService {
  return defineService({
    name: 'dashboard',
    version,
    appVersion: image.version,
    description: {
      en: 'A dashboard from your Git repository or your bucket, rendered on a schedule and served as pages.',
      fr: 'Un tableau de bord depuis votre dépôt Git ou votre bucket, calculé régulièrement et servi en pages.',
    },
    icon: ICON,
    home: 'https://observablehq.com/framework/',
    keywords: ['dashboard', 'report', 'datavisualisation', 'observable', 'duckdb'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 100, limit: 2000, max: 8000 }, memory: { request: 1, limit: 4, max: 32 } }),
      parts.s3(),
      parts.vault(),
      parts.git(),
      parts.discovery(['postgres']),
      parts.personalInit(),
      parts.password({ variable: 'DASHBOARD_PASSWORD' }),
      parts.ingress({ port: 'web' }),
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
      dashboard: value.group(
        { title: { en: 'Dashboard', fr: 'Tableau de bord' } },
        {
          source: value.choice(['example', 'git', 'bucket'], {
            default: 'example',
            title: { en: 'Where its pages come from', fr: 'D’où viennent ses pages' },
            description: {
              en: 'The example shows the Parquet files of your bucket. The repository is the one of Git below.',
              fr: 'L’exemple montre les fichiers Parquet de votre bucket. Le dépôt est celui de Git ci-dessous.',
            },
          }),
          folder: value.text({
            default: '',
            title: { en: 'Bucket and folder of the pages', fr: 'Bucket et dossier des pages' },
            pattern: '^([a-z0-9][a-z0-9.-]*(/[A-Za-z0-9._=-]+)*)?$',
            hiddenIf: { sibling: 'source', is: 'git' },
          }),
          data: value.text({
            default: '',
            title: { en: 'Bucket and folder of the data', fr: 'Bucket et dossier des données' },
            description: {
              en: 'Your programs read it from DASHBOARD_DATA. It is your bucket when empty.',
              fr: 'Vos programmes le lisent dans DASHBOARD_DATA. Si vide : votre bucket.',
            },
            pattern: '^([a-z0-9][a-z0-9.-]*(/[A-Za-z0-9._=-]+)*)?$',
          }),
          minutes: value.whole({
            default: 60,
            minimum: 5,
            title: { en: 'Rendered again after so many minutes', fr: 'Calculé à nouveau après tant de minutes' },
          }),
          open: value.flag({
            default: false,
            title: { en: 'Readers need no password', fr: 'Les lecteurs n’ont pas besoin de mot de passe' },
          }),
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { dashboard, ingress, s3 } = values;
      const french = language === 'fr';
      const isOpen = allOf(ingress.enabled, isSet(ingress.hostname));
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            gid: GID,
            container: {
              command: [...START, 'bash', `${FILES}/render.sh`],
              env: [
                { name: 'SOURCE', value: dashboard.source },
                { name: 'FOLDER', value: dashboard.folder },
                { name: 'DASHBOARD_DATA', value: fallback(dashboard.data, s3.workingDirectoryPath) },
                { name: 'MINUTES', value: text`${dashboard.minutes}` },
                { name: 'PROTECTED', value: choose<string>(dashboard.open, 'false', 'true') },
                { name: 'GIT_CONFIG_GLOBAL', value: '/tmp/gitconfig' },
                { name: 'MC_CONFIG_DIR', value: '/tmp/mc' },
              ],
              workingDir: WORK,
              ports: { web: PORT },
              probe: { httpGet: { path: '/health', port: 'web' } },
              mounts: [
                { name: 'files', mountPath: FILES, readOnly: true },
                { name: 'site', mountPath: SITE },
                { name: 'work', mountPath: WORK },
                { name: 'secrets', mountPath: '/home/onyxia/.duckdb/stored_secrets' },
              ],
            },
            volumes: [
              { name: 'files', configMap: { name: objectName('files') } },
              { name: 'site', emptyDir: { sizeLimit: '5Gi' } },
              { name: 'work', emptyDir: { sizeLimit: '5Gi' } },
              { name: 'secrets', emptyDir: { medium: 'Memory' } },
            ],
          }),
          object('ConfigMap', 'files', {
            data: {
              'render.sh': RENDER_SCRIPT,
              'nginx.conf': when(
                dashboard.open,
                nginxConf(''),
                nginxConf('auth_basic "Dashboard"; auth_basic_user_file /tmp/readers; '),
              ),
            },
          }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            command: [
              ...['curl', '--fail', '--silent', '--max-time', '20'],
              text`http://${BASE_NAME}.${release.namespace}:${PORT}/health`,
            ],
          }),
        ],
        notes: [
          when(isOpen, [
            french
              ? text`Votre tableau de bord : [https://${ingress.hostname}](https://${ingress.hostname})`
              : text`Your dashboard: [https://${ingress.hostname}](https://${ingress.hostname})`,
            '',
          ]),
          unless(dashboard.open, [
            french
              ? 'Les lecteurs s’identifient comme `dashboard`, avec le mot de passe du service :'
              : 'Readers sign in as `dashboard`, with the password of the service:',
            readingOf(),
          ]),
          renewalOf(s3.enabled, language),
        ],
      };
    },
  });
}
