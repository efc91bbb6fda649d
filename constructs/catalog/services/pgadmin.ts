import type { ImageReference } from '../../platform';
import { allOf, choose, isSet, release, text, when } from '../functions';
import { BASE_NAME, object, objectName } from '../object';
import { parts } from '../parts';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest, workload } from '../workload';
import { ownerEmail, ownerOf } from './owner';
import { CONFIG_PY, DATA, FILES, MEMORY, PORT, START_PY, TEST_PY } from './pgadmin-start';

/** User of the image. */
const UID = 5050;

/** A drum, as databases are drawn, under a glass. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M8 14v28c0 4 8 8 18 8s18-4 18-8V14" fill="#dbeafe" stroke="#1e40af" stroke-width="3"/>' +
  '<ellipse cx="26" cy="14" rx="18" ry="8" fill="#eff6ff" stroke="#1e40af" stroke-width="3"/>' +
  '<circle cx="42" cy="40" r="11" fill="#f8fafc" stroke="#334155" stroke-width="3"/>' +
  '<path d="M50 48l9 9" stroke="#334155" stroke-width="4" stroke-linecap="round"/></svg>\n';

export interface PgadminProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  /** An image with pgAdmin 4, gunicorn and PostgreSQL's clients for user 5050, such as `images/pgadmin`. */
  readonly image: ImageReference;
}

/**
 * pgAdmin for one person or project: databases are looked at, queried and backed up in the browser. The PostgreSQL of the same namespace is
 * in its list of servers from the start, and connects without a question. Its owner signs in with an e-mail address and the password of the
 * service.
 *
 * @example
 * import { buildCatalog, pgadminService } from 'bouture';
 * const catalog = buildCatalog([pgadminService({ image: images.get('pgadmin') })]);
 */
export function pgadminService({ version = '1.0.0', image }: PgadminProps): CatalogService {
  return defineService({
    name: 'pgadmin',
    version,
    appVersion: image.version,
    description: {
      en: 'pgAdmin: look at your PostgreSQL databases, query and back them up, in the browser.',
      fr: 'pgAdmin : consultez, interrogez et sauvegardez vos bases PostgreSQL, dans le navigateur.',
    },
    icon: ICON,
    home: 'https://www.pgadmin.org',
    keywords: ['database', 'sql', 'postgresql', 'pgadmin'],
    sources: [image.source],
    parts: [
      parts.image({ choices: [image] }),
      parts.resources({ cpu: { request: 100, limit: 1000, max: 4000 }, memory: { request: 1, limit: 2, max: 8 } }),
      parts.persistence({ mountPath: DATA, size: 2 }),
      parts.discovery(['postgres']),
      parts.password({ variable: 'PGADMIN_SETUP_PASSWORD' }),
      parts.ingress({ port: 'web' }),
      parts.networkPolicy(),
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
        },
      ),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { hostname, enabled } = values.ingress;
      const isOpen = allOf(enabled, isSet(hostname));
      const email = ownerOf(values.account.email);
      const french = language === 'fr';
      return {
        objects: [
          ...workload({
            chart,
            parts: shared,
            uid: UID,
            container: {
              command: ['python', `${FILES}/start.py`],
              env: [
                { name: 'PGADMIN_SETUP_EMAIL', value: email },
                { name: 'IS_EXPOSED', value: choose<string>(isOpen, 'true', 'false') },
                { name: 'HOME', value: '/tmp' },
                { name: 'PYTHONUNBUFFERED', value: '1' },
                { name: 'PYTHONDONTWRITEBYTECODE', value: '1' },
              ],
              workingDir: '/tmp',
              ports: { web: PORT },
              probe: { httpGet: { path: '/misc/ping', port: 'web' } },
              mounts: [
                { name: 'files', mountPath: FILES, readOnly: true },
                { name: 'memory', mountPath: MEMORY },
              ],
            },
            volumes: [
              { name: 'files', configMap: { name: objectName('files') } },
              { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
            ],
          }),
          object('ConfigMap', 'files', { data: { 'config_system.py': CONFIG_PY, 'start.py': START_PY } }),
          helmTest({
            chart,
            image: values.service.image.version,
            uid: UID,
            env: [
              { name: 'ADDRESS', value: text`http://${BASE_NAME}.${release.namespace}:${PORT}` },
              { name: 'EMAIL', value: email },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
            ],
            command: ['python', '-c', TEST_PY],
          }),
        ],
        notes: [
          when(isOpen, [text`pgAdmin: [https://${hostname}](https://${hostname})`, '']),
          text`${french ? 'Connectez-vous avec' : 'Sign in with'} \`${email}\` ${french ? 'et le mot de passe du service :' : 'and the password of the service:'}`,
          readingOf(),
          '',
          french
            ? 'Un PostgreSQL de votre espace, lancé avant, est déjà dans la liste des serveurs.'
            : 'A PostgreSQL of your namespace that was launched before is in the list of servers already.',
        ],
      };
    },
  });
}
