import {
  Component,
  type ContainerResources,
  containerSecurityContext,
  contentHash,
  env,
  type ImageReference,
  k8s,
  podSecurityContext,
  quantities,
  resourceRequirements,
  secretFile,
  type SecretRef,
} from '../platform';
import { Construct } from 'constructs';
import { bytesOf } from './byte-quantity';
import type { PostgresConfiguration } from './postgres-configuration';
import { POSTGRES_PORT, POSTGRES_UID, postgresServerFiles, SERVER_PATHS } from './postgres-server-files';

/** Part of the component that the server's Pod is. */
export const SERVER_ROLE = 'server';

/** Seconds in which the server ends its sessions and writes everything, before it is killed. */
const TERMINATION_SECONDS = 120;

export interface PostgresServerProps {
  readonly image: ImageReference;
  /** Of the volume, a Kubernetes quantity. */
  readonly volumeSize: string;
  /** @default - the cluster's default class */
  readonly storageClassName?: string;
  readonly resources: ContainerResources;
  /** Memory for parallel queries, a Kubernetes quantity; counts towards the memory limit. */
  readonly sharedMemory: string;
  readonly configuration: PostgresConfiguration;
  readonly superuserPassword: SecretRef;
  /** Name of a Secret of type `kubernetes.io/tls` in the server's namespace. @default - no TLS */
  readonly tlsSecretName?: string;
}

/** The Pod that runs PostgreSQL, its volume, its configuration and its Services. */
export class PostgresServer extends Construct {
  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: PostgresServerProps,
  ) {
    super(component, id);
    const { componentName: name } = component;
    bytesOf(`volume size of database server "${name}"`, props.volumeSize);
    bytesOf(`shared memory of database server "${name}"`, props.sharedMemory);
    const files = postgresServerFiles({
      tls: props.tlsSecretName !== undefined,
      memoryLimit: props.resources.memory.limit,
      configuration: props.configuration,
    });
    const configMap = new k8s.KubeConfigMap(this, 'configuration', {
      metadata: this.metadata(`${name}-${SERVER_ROLE}-${contentHash(files)}`),
      immutable: true,
      data: files,
    });
    const ports = [{ name: 'postgresql', port: POSTGRES_PORT, targetPort: k8s.IntOrString.fromString('postgresql') }];
    new k8s.KubeService(this, 'service', {
      metadata: this.metadata(name),
      spec: { selector: { ...this.selector }, ports },
    });
    new k8s.KubeService(this, 'headless-service', {
      metadata: this.metadata(`${name}-headless`),
      spec: { clusterIp: 'None', selector: { ...this.selector }, ports },
    });
    new k8s.KubeStatefulSet(this, 'stateful-set', {
      metadata: this.metadata(name),
      spec: {
        replicas: 1,
        serviceName: `${name}-headless`,
        selector: { matchLabels: { ...this.selector } },
        // Under OrderedReady, a template that cannot start blocks its own correction until someone deletes the Pod by hand.
        podManagementPolicy: 'Parallel',
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
        template: { metadata: { labels: this.labels }, spec: this.podSpec(configMap.name) },
        volumeClaimTemplates: [this.volumeClaim()],
      },
    });
  }

  private podSpec(configMapName: string): k8s.PodSpec {
    const { sharedMemory, superuserPassword, tlsSecretName } = this.props;
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: podSecurityContext(POSTGRES_UID),
      terminationGracePeriodSeconds: TERMINATION_SECONDS,
      containers: [this.container()],
      volumes: [
        { name: 'configuration', configMap: { name: configMapName } },
        secretFile('superuser', superuserPassword, 'password'),
        // The server accepts a key that is root's own and that its group reads, which is what the kubelet makes of this.
        ...(tlsSecretName === undefined
          ? []
          : [{ name: 'tls', secret: { secretName: tlsSecretName, defaultMode: 0o440 } }]),
        { name: 'socket', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('1Mi') } },
        { name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString(sharedMemory) } },
        { name: 'tmp', emptyDir: { sizeLimit: k8s.Quantity.fromString('256Mi') } },
      ],
    };
  }

  private container(): k8s.Container {
    const { image, resources, tlsSecretName } = this.props;
    return {
      name: 'postgres',
      image: image.reference,
      imagePullPolicy: 'IfNotPresent',
      command: ['sh', `${SERVER_PATHS.configuration}/start.sh`],
      env: [
        env('PGDATA', SERVER_PATHS.data),
        env('PGHOST', SERVER_PATHS.socket),
        env('PGPORT', String(POSTGRES_PORT)),
        env('POSTGRES_CONFIG', SERVER_PATHS.configuration),
        env('SUPERUSER_PASSWORD_FILE', `${SERVER_PATHS.superuser}/password`),
        env('TLS_CERTIFICATE_FILE', tlsSecretName === undefined ? '' : `${SERVER_PATHS.tls}/tls.crt`),
      ],
      ports: [{ name: 'postgresql', containerPort: POSTGRES_PORT }],
      securityContext: containerSecurityContext(),
      resources: resourceRequirements(resources),
      // Replaying the log after a crash may take long, and a kill would begin it anew: an hour.
      startupProbe: { ...exec('test -f "$PGHOST/ready" && pg_isready -q'), periodSeconds: 5, failureThreshold: 720 },
      readinessProbe: { ...exec('pg_isready -q'), periodSeconds: 5, timeoutSeconds: 5 },
      // Status 2 is no answer at all; 1 is a server that says it is busy starting or stopping.
      livenessProbe: {
        ...exec('pg_isready -q; [ $? -ne 2 ]'),
        periodSeconds: 20,
        timeoutSeconds: 10,
        failureThreshold: 6,
      },
      volumeMounts: [
        { name: 'data', mountPath: SERVER_PATHS.volume },
        { name: 'configuration', mountPath: SERVER_PATHS.configuration, readOnly: true },
        { name: 'superuser', mountPath: SERVER_PATHS.superuser, readOnly: true },
        ...(tlsSecretName === undefined ? [] : [{ name: 'tls', mountPath: SERVER_PATHS.tls, readOnly: true }]),
        { name: 'socket', mountPath: SERVER_PATHS.socket },
        { name: 'shared-memory', mountPath: '/dev/shm' },
        { name: 'tmp', mountPath: '/tmp' },
      ],
    };
  }

  /** A claim template cannot be changed: its labels carry no version. */
  private volumeClaim(): k8s.KubePersistentVolumeClaimProps {
    const { storageClassName, volumeSize } = this.props;
    return {
      metadata: { name: 'data', labels: { ...this.selector } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        ...(storageClassName === undefined ? {} : { storageClassName }),
        resources: { requests: quantities({ storage: volumeSize }) },
      },
    };
  }

  private get selector() {
    return this.component.selector('postgresql', SERVER_ROLE);
  }

  private get labels() {
    return this.component.labels('postgresql', SERVER_ROLE, this.props.image.version);
  }

  private metadata(name: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels };
  }
}

function exec(script: string): { exec: k8s.ExecAction } {
  return { exec: { command: ['sh', '-c', script] } };
}
