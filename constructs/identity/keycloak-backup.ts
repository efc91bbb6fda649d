import { Construct } from 'constructs';
import {
  authorityFile,
  type Component,
  Connections,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  cronSchedule,
  env,
  GeneratedValue,
  type ImageReference,
  k8s,
  PlatformSecret,
  podSecurityContext,
  resourceRequirements,
  scheduledJob,
  secretFile,
  type SecretRef,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { BucketAccess, IBucket, IDatabase } from '../storage';
import { rcloneEnvironment, rcloneFolder } from '../storage/rclone';
import { ENCRYPTED_REMOTE, KEYCLOAK_BACKUP_SCRIPTS } from './keycloak-backup-script';
import { databaseReach, KC_SH, SCRATCH, SOFTWARE, UID } from './keycloak-server';

const SCRIPTS_FOLDER = '/etc/keycloak-backup';
const KEY_FOLDER = '/run/secrets/backup';
const STAGE = '/var/lib/keycloak-backup';
const STORE_CA_FOLDER = '/etc/store-ca';
const DEADLINE_SECONDS = 2 * 3600;

export interface KeycloakBackupProps {
  /** Where backups are kept: a bucket of their own, best of a store that does not fail together with the database. */
  readonly bucket: IBucket;
  /** When, in UTC, as five fields of cron. @default '15 1 * * *', each night at a quarter past one */
  readonly schedule?: string;
  /** Days after which a backup is removed: 1 to 3650. @default 30 */
  readonly retentionDays?: number;
  /** Newest backups that stay however old they are: 1 to 1000. @default 3 */
  readonly keepAtLeast?: number;
  /** Of the Pod that makes or restores a backup, which holds the whole realm in memory. @default - 100m to 1 CPU, 256Mi to 1Gi */
  readonly resources?: Omit<ContainerResources, 'ephemeralStorage'>;
}

export interface KeycloakBackupJobsProps extends KeycloakBackupProps {
  readonly image: ImageReference;
  readonly database: IDatabase;
  /** Name of the realm. */
  readonly realm: string;
  /** Where servers answer while they run: a restore must not find any. */
  readonly server: { readonly host: string; readonly port: number };
}

/**
 * The CronJob that exports the realm to a bucket, and the one, always suspended, that people start a restore from.
 *
 * An export holds everything that the realm is: people with their hashed passwords and second factors, secrets of clients, the keys that
 * tokens are signed with. So rclone encrypts it before it leaves the Pod, with a generated value in Secret `<name>-backup`: whoever reads the
 * bucket alone reads nothing, and without that value no backup can be read.
 *
 * @throws Error when the schedule or the retention cannot be
 */
export class KeycloakBackup extends Construct {
  /** Pods that look whether a server runs. */
  readonly restore: Connections;
  private readonly encryptionKey: SecretRef;

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: KeycloakBackupJobsProps,
  ) {
    super(component, id);
    const { componentName: name, namespace } = component;
    const retentionDays = wholeNumber('backup.retentionDays', props.retentionDays ?? 30, 1, 3650);
    const keepAtLeast = wholeNumber('backup.keepAtLeast', props.keepAtLeast ?? 3, 1, 1000);
    this.encryptionKey = new PlatformSecret(this, 'key', {
      namespace,
      name: `${name}-backup`,
      data: { key: new GeneratedValue(`${name}-backup`, 43, 'the backups there are could not be read any more') },
    }).ref('key');
    const backup = this.connect('backup');
    this.restore = this.connect('restore');
    const filesName = `${name}-backup-${contentHash(KEYCLOAK_BACKUP_SCRIPTS)}`;
    new k8s.KubeConfigMap(this, 'files', {
      metadata: this.metadata(filesName, 'backup'),
      immutable: true,
      data: { ...KEYCLOAK_BACKUP_SCRIPTS },
    });
    scheduledJob(this, component, {
      role: 'backup',
      labels: this.labels('backup'),
      deadlineSeconds: DEADLINE_SECONDS,
      schedule: cronSchedule(`backup schedule of Keycloak "${name}"`, props.schedule ?? '15 1 * * *'),
      suspend: false,
      backoffLimit: 2,
      pod: this.podSpec('backup', filesName, {
        connections: backup,
        bucket: props.bucket.grantReadWrite({ connections: backup, consumerName: `${name}-backup` }),
        variables: [env('RETENTION_DAYS', String(retentionDays)), env('KEEP_AT_LEAST', String(keepAtLeast))],
      }),
    });
    scheduledJob(this, component, {
      role: 'restore',
      labels: this.labels('restore'),
      deadlineSeconds: DEADLINE_SECONDS,
      schedule: 'never',
      suspend: true,
      // After a restore that failed a person should look first.
      backoffLimit: 0,
      pod: this.podSpec('restore', filesName, {
        connections: this.restore,
        bucket: props.bucket.grantRead({ connections: this.restore, consumerName: `${name}-restore` }),
        variables: [
          env('RESTORE_BACKUP', 'latest'),
          env('KEYCLOAK_HOST', props.server.host),
          env('KEYCLOAK_PORT', String(props.server.port)),
        ],
      }),
    });
  }

  private connect(role: string): Connections {
    const { component } = this;
    return new Connections(this, `${role}-connections`, {
      namespace: component.namespace,
      name: `${component.componentName}-${role}`,
      podLabels: component.selector(SOFTWARE, role),
    });
  }

  private labels(role: string) {
    return this.component.labels(SOFTWARE, role, this.props.image.version);
  }

  private metadata(name: string, role: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels(role) };
  }

  private podSpec(
    role: string,
    filesName: string,
    {
      connections,
      bucket,
      variables,
    }: {
      readonly connections: Connections;
      readonly bucket: BucketAccess;
      readonly variables: readonly k8s.EnvVar[];
    },
  ): k8s.PodSpec {
    const { image, resources, realm } = this.props;
    const database = databaseReach(
      this.props.database.grantConnect({ consumerName: this.component.componentName, connections }),
    );
    const storeCa = bucket.endpoint.certificateAuthority;
    return {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: role,
          image: image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SCRIPTS_FOLDER}/${role}.sh`],
          env: [
            env('HOME', '/tmp'),
            env('ROLE', role),
            env('REALM', realm),
            env('SCRIPTS', SCRIPTS_FOLDER),
            env('STAGE', STAGE),
            env('KC_SH', KC_SH),
            env('JAVA_OPTS_KC_HEAP', '-XX:MaxRAMPercentage=60'),
            // It joins no cluster of servers.
            env('KC_CACHE', 'local'),
            ...database.env,
            ...rcloneEnvironment(bucket, storeCa === undefined ? undefined : `${STORE_CA_FOLDER}/ca.crt`),
            ...this.encryption(bucket),
            ...variables,
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements({
            cpu: resources?.cpu ?? { request: '100m', limit: '1' },
            memory: resources?.memory ?? { request: '256Mi', limit: '1Gi' },
            ephemeralStorage: { request: '128Mi', limit: '2Gi' },
          }),
          volumeMounts: [
            { name: 'files', mountPath: SCRIPTS_FOLDER, readOnly: true },
            { name: 'key', mountPath: KEY_FOLDER, readOnly: true },
            { name: 'stage', mountPath: STAGE },
            ...(storeCa === undefined ? [] : [{ name: 'store-ca', mountPath: STORE_CA_FOLDER, readOnly: true }]),
            ...SCRATCH.mounts,
            ...database.mounts,
          ],
        },
      ],
      volumes: [
        { name: 'files', configMap: { name: filesName } },
        secretFile('key', this.encryptionKey, 'key'),
        { name: 'stage', emptyDir: { sizeLimit: k8s.Quantity.fromString('1Gi') } },
        ...(storeCa === undefined ? [] : [authorityFile('store-ca', storeCa)]),
        ...SCRATCH.volumes,
        ...database.volumes,
      ],
    };
  }

  /** The remote that encrypts what goes to the folder of the bucket: https://rclone.org/crypt/. Names stay readable. */
  private encryption(bucket: BucketAccess): k8s.EnvVar[] {
    const option = (name: string) => `RCLONE_CONFIG_${ENCRYPTED_REMOTE.toUpperCase()}_${name}`;
    return [
      env(option('TYPE'), 'crypt'),
      env(option('REMOTE'), rcloneFolder(bucket, this.component.componentName)),
      env(option('FILENAME_ENCRYPTION'), 'off'),
      env(option('DIRECTORY_NAME_ENCRYPTION'), 'false'),
      env('KEY_FILE', `${KEY_FOLDER}/key`),
    ];
  }
}
