import type { ImageReference } from '../../platform';
import { allOf, choose, discovered, isSet, not, release, text, when } from '../functions';
import { object, objectName } from '../object';
import { parts } from '../parts';
import { PASSWORD, readingOf } from '../parts/password';
import { value } from '../schema';
import { type CatalogService, defineService } from '../service';
import { helmTest } from '../workload';
import { API_PATH, API_YML, GATEWAY_YML, NGINX_CONF, PORTS } from './gravitee-config';
import { consolePod, graviteeKeys, javaPod, secretVariable } from './gravitee-pods';
import { ADMINISTRATOR, DATABASE_SCRIPT, DATABASE_SQL, START_SCRIPT, TEST_SCRIPT } from './gravitee-start';
import { databaseName, databaseOf } from './own-database';
import { ownerEmail, ownerOf } from './owner';

/** User of the toolbox. */
const TOOLBOX_UID = 65532;

/** A gate that two ways lead through. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img">' +
  '<path d="M14 56V26a18 18 0 0 1 36 0v30" fill="#fef3c7" stroke="#92400e" stroke-width="4"/>' +
  '<path d="M4 56h56" stroke="#92400e" stroke-width="4"/>' +
  '<path d="M24 56V32M32 56V28M40 56V32" stroke="#b45309" stroke-width="3"/></svg>\n';

/** The images of Gravitee API Management, which its makers publish, and two of the platform. */
export interface GraviteeImages {
  /** `graviteeio/apim-management-api`, 4.11 or later: with the driver of PostgreSQL. */
  readonly api: ImageReference;
  /** `graviteeio/apim-gateway`, of the same version. */
  readonly gateway: ImageReference;
  /** `graviteeio/apim-management-ui`, of the same version. */
  readonly console: ImageReference;
  /** An image with psql for user 999, such as `images/postgres`. */
  readonly postgres: ImageReference;
  /** An image with curl, such as `images/toolbox`. */
  readonly toolbox: ImageReference;
}

export interface GraviteeProps {
  /** Version of the chart. @default '1.0.0' */
  readonly version?: string;
  readonly images: GraviteeImages;
}

/**
 * Gravitee API Management for one person or project: a gateway before the services of the namespace, on a host of its own, and on another
 * one the console and the management API, in which APIs, plans and keys are made. All of it is kept in a database of its own in the
 * PostgreSQL of the same namespace. The developer portal is not part of it, nor are figures of the traffic, for which Gravitee wants
 * Elasticsearch.
 *
 * @example
 * import { buildCatalog, graviteeService } from 'bouture';
 * const catalog = buildCatalog([
 *   graviteeService({
 *     images: {
 *       api: images.get('gravitee-api'),
 *       gateway: images.get('gravitee-gateway'),
 *       console: images.get('gravitee-console'),
 *       postgres: images.get('postgres'),
 *       toolbox: images.get('toolbox'),
 *     },
 *   }),
 * ]);
 */
export function graviteeService({ version = '1.0.0', images }: GraviteeProps): CatalogService {
  return defineService({
    name: 'gravitee',
    version,
    appVersion: images.api.version,
    description: {
      en: 'Gravitee: publish your APIs through a gateway, with plans and keys.',
      fr: 'Gravitee : publiez vos API par une passerelle, avec offres et clés.',
    },
    icon: ICON,
    home: 'https://www.gravitee.io',
    keywords: ['api', 'gateway', 'api management', 'gravitee'],
    sources: [images.api.source],
    parts: [
      parts.image({ choices: [images.api] }),
      parts.resources({
        cpu: { request: 200, limit: 2000, max: 4000 },
        memory: { request: 1, limit: 2, max: 8 },
        scratch: 2,
      }),
      parts.discovery(['postgres']),
      parts.password(),
      parts.ingress({
        port: 'console',
        service: 'console',
        paths: [{ path: API_PATH, service: '', port: 'api' }],
        second: { service: 'gateway', port: 'gateway' },
      }),
      parts.caBundle(),
      parts.nodeSelector(),
      parts.tolerations(),
      parts.startupProbe(),
      parts.autosuspend(),
    ],
    values: {
      account: value.group({ title: { en: 'Account', fr: 'Compte' } }, { email: ownerEmail() }),
      database: value.group({ title: { en: 'Database', fr: 'Base de données' } }, { name: databaseName('Gravitee') }),
    },
    render: ({ values, parts: shared, chart, language }) => {
      const { ingress } = values;
      const { hostname, userHostname } = ingress;
      const isOpen = allOf(ingress.enabled, isSet(hostname), isSet(userHostname));
      const java = {
        shared,
        postgres: images.postgres,
        database: databaseOf(values.database.name),
        email: ownerOf(values.account.email),
      };
      const service = (id: string, port: number) => text`http://${objectName(id)}.${release.namespace}:${port}`;
      const address = text`https://${hostname}`;
      const french = language === 'fr';
      return {
        objects: [
          ...javaPod({
            ...java,
            role: 'api',
            chart,
            env: [
              { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
              secretVariable('JWT_SECRET'),
              secretVariable('REFERENCE_SECRET'),
              { name: 'IS_OPEN', value: choose<string>(isOpen, 'true', 'false') },
              { name: 'CONSOLE_HOST', value: hostname },
              { name: 'GATEWAY_HOST', value: userHostname },
            ],
          }),
          ...javaPod({ ...java, role: 'gateway', chart: `${chart}-gateway`, image: images.gateway }),
          ...consolePod(`${chart}-console`, shared, images.console),
          graviteeKeys(),
          object('ConfigMap', 'files', {
            data: {
              'start.sh': START_SCRIPT,
              'api.yml': API_YML,
              'gateway.yml': GATEWAY_YML,
              'database.sh': DATABASE_SCRIPT,
              'database.sql': DATABASE_SQL,
              'nginx.conf': NGINX_CONF,
              'constants.json': text`{"baseURL": "${choose<string>(isOpen, address, '')}${API_PATH}"}\n`,
            },
          }),
          helmTest({
            chart,
            image: images.toolbox.reference,
            uid: TOOLBOX_UID,
            env: [
              { name: 'API', value: service('', PORTS.api) },
              { name: 'GATEWAY', value: service('gateway', PORTS.gateway) },
              { name: 'CONSOLE', value: service('console', PORTS.console) },
              { name: 'PASSWORD', valueFrom: { secretKeyRef: PASSWORD } },
            ],
            command: ['sh', '-c', TEST_SCRIPT],
          }),
        ],
        notes: [
          when(not(isSet(discovered('postgres'))), [
            french
              ? '**Il n’y a pas de PostgreSQL dans votre espace : lancez-en un, puis relancez ce service.**'
              : '**There is no PostgreSQL in your namespace: launch one, then this service again.**',
            '',
          ]),
          when(isOpen, [
            text`- ${french ? 'console et API de gestion' : 'console and management API'}: [${address}](${address}), ${address}${API_PATH}`,
            text`- ${french ? 'passerelle' : 'gateway'}: https://${userHostname}`,
            '',
          ]),
          french
            ? `Connectez-vous avec \`${ADMINISTRATOR}\` et le mot de passe du service :`
            : `Sign in as \`${ADMINISTRATOR}\` with the password of the service:`,
          readingOf(),
          '',
          french
            ? text`Dans votre espace, la passerelle est à \`${service('gateway', PORTS.gateway)}\`.`
            : text`In your namespace the gateway is at \`${service('gateway', PORTS.gateway)}\`.`,
        ],
      };
    },
  });
}
