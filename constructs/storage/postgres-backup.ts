import { Construct } from 'constructs';
import {
  Component,
  Connections,
  type ContainerResources,
  contentHash,
  cronSchedule,
  env,
  type ImageReference,
  k8s,
  scheduledJob,
  secretFile,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { bytesOf } from './byte-quantity';
import type { BucketAccess, IBucket } from './object-store';
import { POSTGRES_BACKUP_SCRIPT } from './postgres-backup-script';
import { postgresJobPod, type SuperuserAccess } from './postgres-job';
import { POSTGRES_RESTORE_SCRIPT } from './postgres-restore-script';
import { rcloneEnvironment, rcloneFolder } from './rclone';

const FILES = '/etc/bouture-backup';
const STAGE = '/var/lib/bouture-backup';
const STORE_CA = '/etc/bouture-store-ca';

/** Seconds that one backup or restore may take: half a day. */
const DEADLINE_SECONDS = 12 * 3600;

export interface PostgresBackupProps {
  /** Where backups are kept: best a bucket of a store that does not fail together with the server. */
  readonly bucket: IBucket;
  /** When, in UTC, as five fields of cron. @default '0 2 * * *', each night at two */
  readonly schedule?: string;
  /** Days after which a backup is removed. @default 30 */
  readonly retentionDays?: number;
  /** Newest complete backups that stay however old they are: 1 or more. @default 3 */
  readonly keepAtLeast?: number;
  /** Folder in the bucket. @default - the component's name */
  readonly folder?: string;
  /** Local disk for the compressed dump of the largest database, a Kubernetes quantity. @default - the size of the server's volume */
  readonly scratchSize?: string;
  /** Of the Pod that makes or restores a backup. @default - 100m to 1 CPU, 128Mi to 512Mi */
  readonly resources?: Omit<ContainerResources, 'ephemeralStorage'>;
}

export interface PostgresBackupJobsProps extends PostgresBackupProps {
  readonly image: ImageReference;
  readonly access: SuperuserAccess;
  readonly scratchSize: string;
}

/**
 * The CronJob that backs a server up, and the one, always suspended, that people start a restore from. Both work as the superuser: nobody
 * else may read every large object and every owner.
 *
 * @throws Error when the schedule, the retention, the folder or the scratch size cannot be
 */
export class PostgresBackup extends Construct {
  /** Pods that connect to the server. */
  readonly clients: readonly Connections[];

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: PostgresBackupJobsProps,
  ) {
    super(component, id);
    const { componentName: name } = component;
    const retentionDays = wholeNumber('backup.retentionDays', props.retentionDays ?? 30, 1);
    const keepAtLeast = wholeNumber('backup.keepAtLeast', props.keepAtLeast ?? 3, 1);
    const folder = props.folder ?? name;
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/.test(folder)) {
      throw new Error(
        `backup folder "${folder}" is no path of letters, digits, dots, dashes and underscores, such as "postgres/main"`,
      );
    }
    bytesOf(`backup scratch size of database server "${name}"`, props.scratchSize);

    const backup = this.connect('backup');
    const restore = this.connect('restore');
    this.clients = [backup, restore];
    const writer = props.bucket.grantReadWrite({ connections: backup, consumerName: `${name}-backup` });
    const reader = props.bucket.grantRead({ connections: restore, consumerName: `${name}-restore` });

    const files = { 'backup.sh': POSTGRES_BACKUP_SCRIPT, 'restore.sh': POSTGRES_RESTORE_SCRIPT };
    const configMapName = `${name}-backup-${contentHash(files)}`;
    new k8s.KubeConfigMap(this, 'files', {
      metadata: this.metadata(configMapName, 'backup'),
      immutable: true,
      data: files,
    });
    scheduledJob(this, component, {
      role: 'backup',
      labels: this.labels('backup'),
      deadlineSeconds: DEADLINE_SECONDS,
      schedule: cronSchedule(`backup schedule of database server "${name}"`, props.schedule ?? '0 2 * * *'),
      suspend: false,
      backoffLimit: 2,
      pod: this.podSpec('backup', configMapName, writer, [
        env('BACKUP_REMOTE', rcloneFolder(writer, folder)),
        env('BACKUP_RETENTION_DAYS', String(retentionDays)),
        env('BACKUP_KEEP_AT_LEAST', String(keepAtLeast)),
      ]),
    });
    scheduledJob(this, component, {
      role: 'restore',
      labels: this.labels('restore'),
      deadlineSeconds: DEADLINE_SECONDS,
      schedule: 'never',
      suspend: true,
      // A restore that failed has changed nothing, and a person should look first.
      backoffLimit: 0,
      pod: this.podSpec('restore', configMapName, reader, [
        env('BACKUP_REMOTE', rcloneFolder(reader, folder)),
        env('RESTORE_BACKUP', 'latest'),
        env('RESTORE_DATABASES', ''),
      ]),
    });
  }

  private connect(role: string): Connections {
    const { component } = this;
    return new Connections(this, `${role}-connections`, {
      namespace: component.namespace,
      name: `${component.componentName}-${role}`,
      podLabels: component.selector('postgresql', role),
    });
  }

  private podSpec(
    role: string,
    configMapName: string,
    bucket: BucketAccess,
    variables: readonly k8s.EnvVar[],
  ): k8s.PodSpec {
    const { image, access, scratchSize, resources } = this.props;
    const ca = bucket.endpoint.certificateAuthority;
    return postgresJobPod({
      name: role,
      image,
      command: ['sh', `${FILES}/${role}.sh`],
      access,
      env: [
        ...rcloneEnvironment(bucket, ca === undefined ? undefined : `${STORE_CA}/ca.crt`),
        env('BACKUP_STAGE', STAGE),
        ...variables,
      ],
      resources: {
        cpu: resources?.cpu ?? { request: '100m', limit: '1' },
        memory: resources?.memory ?? { request: '128Mi', limit: '512Mi' },
        ephemeralStorage: { request: '256Mi', limit: scratchSize },
      },
      mounts: [
        { volume: { name: 'files', configMap: { name: configMapName } }, mountPath: FILES, readOnly: true },
        {
          volume: { name: 'scratch', emptyDir: { sizeLimit: k8s.Quantity.fromString(scratchSize) } },
          mountPath: STAGE,
        },
        ...(ca === undefined
          ? []
          : [{ volume: secretFile('store-ca', ca, 'ca.crt'), mountPath: STORE_CA, readOnly: true }]),
      ],
    });
  }

  private labels(role: string) {
    return this.component.labels('postgresql', role, this.props.image.version);
  }

  private metadata(name: string, role: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels(role) };
  }
}
