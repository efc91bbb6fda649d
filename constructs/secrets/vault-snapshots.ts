import { Construct } from 'constructs';
import {
  authorityFile,
  type Component,
  Connections,
  containerSecurityContext,
  contentHash,
  cronSchedule,
  env,
  k8s,
  podSecurityContext,
  resourceRequirements,
  scheduledJob,
  secretFile,
  type SecretRef,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import type { IBucket } from '../storage';
import { rcloneEnvironment, rcloneFolder } from '../storage/rclone';
import {
  ACCESS_FOLDER,
  authorityMounts,
  clientEnvironment,
  SCRIPTS_FOLDER,
  UID,
  type VaultClientProps,
} from './vault-client';
import { VAULT_CLIENT_SCRIPT } from './vault-keys-script';
import type { Seal } from './vault-seal';
import { SNAPSHOT_SCRIPT } from './vault-snapshot-script';

const ROLE = 'snapshots';
const STAGE = '/var/lib/snapshots';
const STORE_CA_FOLDER = '/etc/store-ca';
const DEADLINE_SECONDS = 3600;

export interface VaultSnapshotProps {
  /** Where snapshots are kept: best a bucket of a store that does not fail together with the servers. */
  readonly bucket: IBucket;
  /** When, in UTC, as five fields of cron. @default '30 2 * * *', each night at half past two */
  readonly schedule?: string;
  /** Days after which a snapshot is removed. @default 30 */
  readonly retentionDays?: number;
  /** Newest snapshots that stay however old they are: 1 or more. @default 3 */
  readonly keepAtLeast?: number;
  /** Local disk for one snapshot, twice its size, a Kubernetes quantity. @default - the size of a server's volume */
  readonly scratchSize?: string;
}

export interface VaultSnapshotJobProps extends VaultSnapshotProps, VaultClientProps {
  readonly url: string;
  readonly access: SecretRef;
  readonly seal: Seal;
  readonly scratchSize: string;
}

/**
 * The CronJob that takes snapshots. What it uploads is encrypted as the storage is, and so is the key beside it: a restore needs the generated
 * Secret that the deployment makes, or the key service.
 *
 * @throws Error when the schedule or the retention cannot be
 */
export class VaultSnapshots extends Construct {
  readonly connections: Connections;

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: VaultSnapshotJobProps,
  ) {
    super(component, id);
    const { componentName: name, namespace } = component;
    const retentionDays = wholeNumber('snapshots.retentionDays', props.retentionDays ?? 30, 1);
    const keepAtLeast = wholeNumber('snapshots.keepAtLeast', props.keepAtLeast ?? 3, 1);
    this.connections = new Connections(this, 'connections', {
      namespace,
      name: `${name}-${ROLE}`,
      podLabels: component.selector(props.flavour, ROLE),
    });
    const files = { 'client.sh': VAULT_CLIENT_SCRIPT, 'snapshot.sh': SNAPSHOT_SCRIPT };
    const filesName = `${name}-${ROLE}-${contentHash(files)}`;
    new k8s.KubeConfigMap(this, 'files', { metadata: this.metadata(filesName), immutable: true, data: files });
    scheduledJob(this, component, {
      id: 'cronjob',
      role: ROLE,
      labels: this.labels,
      backoffLimit: 2,
      deadlineSeconds: DEADLINE_SECONDS,
      schedule: cronSchedule(`snapshot schedule of secret store "${name}"`, props.schedule ?? '30 2 * * *'),
      pod: this.podSpec(filesName, retentionDays, keepAtLeast),
    });
  }

  private get labels() {
    return this.component.labels(this.props.flavour, ROLE, this.props.image.version);
  }

  private metadata(name: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels };
  }

  private podSpec(filesName: string, retentionDays: number, keepAtLeast: number): k8s.PodSpec {
    const { props } = this;
    const { connections } = this;
    const bucket = props.bucket.grantReadWrite({
      connections,
      consumerName: `${this.component.componentName}-${ROLE}`,
    });
    const authority = authorityMounts(props);
    const storeCa = bucket.endpoint.certificateAuthority;
    return {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: ROLE,
          image: props.image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SCRIPTS_FOLDER}/snapshot.sh`],
          env: [
            ...clientEnvironment(props, props.url, ROLE),
            ...rcloneEnvironment(bucket, storeCa === undefined ? undefined : `${STORE_CA_FOLDER}/ca.crt`),
            env('SCRIPTS', SCRIPTS_FOLDER),
            env('KEEPER', props.seal.keeper),
            env('STAGE', STAGE),
            env('REMOTE', rcloneFolder(bucket, this.component.componentName)),
            env('RETENTION_DAYS', String(retentionDays)),
            env('KEEP_AT_LEAST', String(keepAtLeast)),
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements({
            cpu: { request: '50m', limit: '1' },
            memory: { request: '128Mi', limit: '512Mi' },
            ephemeralStorage: { request: '128Mi', limit: props.scratchSize },
          }),
          volumeMounts: [
            { name: 'files', mountPath: SCRIPTS_FOLDER, readOnly: true },
            { name: 'access', mountPath: ACCESS_FOLDER, readOnly: true },
            { name: 'scratch', mountPath: STAGE },
            ...(storeCa === undefined ? [] : [{ name: 'store-ca', mountPath: STORE_CA_FOLDER, readOnly: true }]),
            ...authority.volumeMounts,
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'files', configMap: { name: filesName } },
        secretFile('access', props.access, 'snapshots'),
        { name: 'scratch', emptyDir: { sizeLimit: k8s.Quantity.fromString(props.scratchSize) } },
        ...(storeCa === undefined ? [] : [authorityFile('store-ca', storeCa)]),
        ...authority.volumes,
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('16Mi') } },
      ],
    };
  }
}
