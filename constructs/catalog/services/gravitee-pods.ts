import { containerSecurityContext, type ImageReference, type k8s } from '../../platform';
import type { Expression } from '../expression';
import { kept } from '../functions';
import { object, objectName, type ObjectTemplate } from '../object';
import type { Contributions } from '../part';
import type { TemplateItem, TemplateMap } from '../template';
import { workload, type WorkloadProps } from '../workload';
import { FILES, PORTS } from './gravitee-config';
import { CONFIG } from './gravitee-start';

/** User and group of the images of the management API and of the gateway. */
const UID = 1001;
const GID = 1000;
/** User of the image of the console. */
const NGINX_UID = 101;

/** What pages and small programs need. */
const SMALL = {
  requests: { cpu: '50m', memory: '64Mi', 'ephemeral-storage': '16Mi' },
  limits: { cpu: '500m', memory: '256Mi', 'ephemeral-storage': '64Mi' },
} as const;

/** Id of the Secret with what Gravitee signs and encrypts with. */
const KEYS = 'keys';
/** Its keys by the variables that they stand in, and the lengths that Gravitee wants. */
const SECRETS = {
  JWT_SECRET: { key: 'jwt', length: 64 },
  REFERENCE_SECRET: { key: 'reference', length: 32 },
  PROPERTIES_SECRET: { key: 'properties', length: 32 },
} as const;

const FILES_VOLUME = { name: 'files', configMap: { name: objectName('files') } };
const FILES_MOUNT = { name: 'files', mountPath: FILES, readOnly: true };

/** The Secret with what Gravitee signs and encrypts with, which upgrades keep. */
export function graviteeKeys(): ObjectTemplate {
  const values = Object.values(SECRETS).map(({ key, length }) => [key, kept(objectName(KEYS), key, length)] as const);
  return object('Secret', KEYS, { stringData: Object.fromEntries(values) });
}

/** A variable with one of those. */
export function secretVariable(name: keyof typeof SECRETS) {
  return { name, valueFrom: { secretKeyRef: { name: objectName(KEYS), key: SECRETS[name].key } } };
}

/** What the management API and the gateway have in common. */
interface JavaPod {
  readonly role: 'api' | 'gateway';
  readonly chart: string;
  readonly shared: Contributions;
  /** @default - the one that a part offers */
  readonly image?: ImageReference;
  /** An image with psql. */
  readonly postgres: ImageReference;
  /** Name of the database in the PostgreSQL of the namespace. */
  readonly database: Expression<string>;
  readonly email: Expression<string>;
  /** @default - none besides those of both */
  readonly env?: readonly TemplateItem<k8s.EnvVar>[];
}

/** The management API, the main workload of the chart, or the gateway; each has its database made before it starts. */
export function javaPod({ role, chart, shared, image, postgres, database, email, env = [] }: JavaPod) {
  const variable = { name: 'DATABASE', value: database };
  const props: WorkloadProps = {
    chart,
    ...(role === 'api' ? {} : { id: role }),
    parts: {
      ...shared,
      initContainers: [
        {
          name: 'database',
          image: postgres.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['sh', `${FILES}/database.sh`],
          env: [...shared.env, variable],
          resources: SMALL,
          securityContext: containerSecurityContext() as TemplateMap<k8s.SecurityContext>,
          volumeMounts: [FILES_MOUNT, { name: 'tmp', mountPath: '/tmp' }],
        },
      ],
    },
    uid: UID,
    gid: GID,
    terminationGracePeriodSeconds: 60,
    container: {
      ...(image === undefined ? {} : { image: image.reference }),
      command: ['sh', `${FILES}/start.sh`, role],
      env: [
        variable,
        { name: 'EMAIL', value: email },
        { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
        secretVariable('PROPERTIES_SECRET'),
        ...env,
      ],
      ports: { [role]: PORTS[role] },
      probe: { tcpSocket: { port: role } },
      mounts: [FILES_MOUNT, { name: 'config', mountPath: CONFIG }],
      // It unpacks its plugins beside them.
      writesToRoot: true,
    },
    volumes: [FILES_VOLUME, { name: 'config', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
  };
  return workload(props);
}

/** The pages of the console, which ask the management API from the browser and need nothing else. */
export function consolePod(chart: string, shared: Contributions, image: ImageReference) {
  return workload({
    chart,
    id: 'console',
    parts: { ...shared, env: [], mounts: [], volumes: [], resources: SMALL },
    uid: NGINX_UID,
    container: {
      image: image.reference,
      command: ['nginx', '-e', 'stderr', '-c', `${FILES}/nginx.conf`, '-g', 'daemon off;'],
      ports: { console: PORTS.console },
      probe: { httpGet: { path: '/constants.json', port: 'console' } },
      mounts: [FILES_MOUNT],
    },
    volumes: [FILES_VOLUME],
  });
}
