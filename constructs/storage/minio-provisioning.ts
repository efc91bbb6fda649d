import { Construct } from 'constructs';
import {
  authorityFile,
  Component,
  Connections,
  containerSecurityContext,
  DeclaredJob,
  env,
  type ImageReference,
  k8s,
  podSecurityContext,
  resourceRequirements,
  type SecretRef,
} from '../platform';
import { bucketLifecycle } from './minio-lifecycle';
import { PROVISIONING_FILES, PROVISIONING_SCRIPT } from './minio-provisioning-script';
import type { S3Policy } from './minio-policy';
import type { MinioUser } from './minio-users';
import { bytesOf } from './byte-quantity';
import type { BucketProps } from './object-store';

const SPEC_FOLDER = '/etc/provisioning';
const SECRETS_FOLDER = '/run/secrets/minio';
const CA_FOLDER = '/etc/provisioning-ca';
const ROLE = 'provisioning';
/** User of the image. */
const UID = 1000;

export interface MinioProvisioningProps {
  readonly image: ImageReference;
  /** `http://minio.demo-minio.svc.cluster.local:9000` */
  readonly storeUrl: string;
  readonly root: { readonly user: SecretRef; readonly password: SecretRef };
  /** In the store's namespace. @default - an authority that every system trusts, or no TLS */
  readonly certificateAuthority?: SecretRef;
  /** Every user, asked for at synthesis. */
  readonly users: () => readonly MinioUser[];
}

/**
 * The Job that brings buckets, users and policies to what the blueprint declares, once the servers are ready; one try waits up to five
 * minutes for them.
 */
export class MinioProvisioning extends Construct {
  readonly connections: Connections;
  private readonly buckets = new Map<string, BucketProps>();
  private readonly peoplePolicies = new Map<string, S3Policy>();
  private readonly component: Component;

  constructor(
    scope: Component,
    id: string,
    private readonly props: MinioProvisioningProps,
  ) {
    super(scope, id);
    this.component = scope;
    const { componentName, namespace } = scope;
    this.connections = new Connections(this, 'connections', {
      namespace,
      name: `${componentName}-${ROLE}`,
      podLabels: scope.selector('minio', ROLE),
    });
    new DeclaredJob(this, scope, {
      role: ROLE,
      labels: scope.labels('minio', ROLE, props.image.version),
      files: () => this.files(),
      pod: (configMapName) => this.podSpec(configMapName),
    });
  }

  /** @throws Error when the name is declared twice, the quota is no size, or the lifecycle cannot work */
  addBucket(name: string, bucket: BucketProps): void {
    if (this.buckets.has(name)) {
      throw new Error(
        `bucket "${name}" of store "${this.component.componentName}" is asked for twice: pass the first one on`,
      );
    }
    bucketLifecycle(name, bucket);
    quotaBytes(name, bucket);
    this.buckets.set(name, bucket);
  }

  /** A policy for people whose token names it. @param name of the policy: a DNS label */
  addPeoplePolicy(name: string, policy: S3Policy): void {
    this.peoplePolicies.set(name, policy);
  }

  private files(): Record<string, string> {
    const buckets = [...this.buckets].sort(([a], [b]) => (a < b ? -1 : 1));
    const users = this.users();
    const people = [...this.peoplePolicies].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      [PROVISIONING_FILES.script]: PROVISIONING_SCRIPT,
      [PROVISIONING_FILES.buckets]: lines(
        buckets.map(([name, props]) =>
          [name, props.versioning === true ? 'on' : 'off', quotaBytes(name, props)].join('\t'),
        ),
      ),
      [PROVISIONING_FILES.users]: lines(users.map(({ name }) => name)),
      [PROVISIONING_FILES.people]: lines(people.map(([name]) => name)),
      ...Object.fromEntries(people.map(([name, policy]) => [PROVISIONING_FILES.peoplePolicy(name), json(policy)])),
      ...Object.fromEntries(
        buckets.flatMap(([name, props]) => {
          const lifecycle = bucketLifecycle(name, props);
          return lifecycle === undefined ? [] : [[PROVISIONING_FILES.lifecycle(name), json(lifecycle)]];
        }),
      ),
      ...Object.fromEntries(
        users.flatMap(({ name, policy }) =>
          policy === undefined ? [] : [[PROVISIONING_FILES.policy(name), json(policy)]],
        ),
      ),
    };
  }

  private podSpec(stateName: string): k8s.PodSpec {
    const { image, storeUrl, certificateAuthority: ca } = this.props;
    return {
      // the log of a failed try stays
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(UID),
      containers: [
        {
          name: ROLE,
          image: image.reference,
          imagePullPolicy: 'IfNotPresent',
          command: ['bash', `${SPEC_FOLDER}/${PROVISIONING_FILES.script}`],
          env: [
            env('STORE_URL', storeUrl),
            env('SPEC', SPEC_FOLDER),
            env('SECRETS', SECRETS_FOLDER),
            env('CA_FILE', ca === undefined ? '' : `${CA_FOLDER}/ca.crt`),
            env('MC_CONFIG_DIR', '/tmp/mc'),
            env('HOME', '/tmp'),
          ],
          securityContext: containerSecurityContext(),
          resources: resourceRequirements({
            cpu: { request: '50m', limit: '1' },
            memory: { request: '64Mi', limit: '256Mi' },
          }),
          volumeMounts: [
            { name: 'state', mountPath: SPEC_FOLDER, readOnly: true },
            { name: 'secrets', mountPath: SECRETS_FOLDER, readOnly: true },
            ...(ca === undefined ? [] : [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }]),
            { name: 'tmp', mountPath: '/tmp' },
          ],
        },
      ],
      volumes: [
        { name: 'state', configMap: { name: stateName } },
        { name: 'secrets', projected: { defaultMode: 0o440, sources: this.secretFiles() } },
        ...(ca === undefined ? [] : [authorityFile('ca', ca)]),
        // mc keeps the credentials that it is given in its configuration: in memory, never on a disk
        { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('64Mi') } },
      ],
    };
  }

  private secretFiles(): k8s.VolumeProjection[] {
    const { root } = this.props;
    const files: [SecretRef, string][] = [
      [root.user, 'root/rootUser'],
      [root.password, 'root/rootPassword'],
      ...this.users().map(({ name, secretAccessKey }): [SecretRef, string] => [
        secretAccessKey,
        `users/${name}/secretAccessKey`,
      ]),
    ];
    return files.map(([ref, path]) => ({ secret: { name: ref.name, items: [{ key: ref.key, path }] } }));
  }

  private users(): MinioUser[] {
    return [...this.props.users()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function quotaBytes(bucket: string, { quota }: BucketProps): number {
  return quota === undefined ? 0 : bytesOf(`quota of bucket "${bucket}"`, quota);
}

function lines(values: readonly string[]): string {
  return values.map((value) => `${value}\n`).join('');
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
