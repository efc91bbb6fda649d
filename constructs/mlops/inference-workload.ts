import { type ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import {
  atStep,
  type Component,
  contentHash,
  dnsLabel,
  type ImageReference,
  k8s,
  lazily,
  READY_LATER,
  type SelectorLabels,
} from '../platform';
import { CONFIGURATION_FILE, inferencePod, SPOOL_VOLUME } from './inference-pods';
import { configurationOf, type InferenceSettings, MANAGEMENT_PORT, PORT } from './inference-settings';
import type { SelectionSetting } from './model-selection';

/**
 * When Kubernetes gives up a version that does not become ready: half of its own default, since Argo CD holds the commit that takes the
 * version back until then. Longer than to pull the image and to fetch a model of hundreds of megabytes.
 */
const PROGRESS_SECONDS = 300;

/** What runs, in the labels of its Pods. */
export const SOFTWARE = 'fasttext-inference';

export interface InferenceWorkloadProps {
  /** `server`, or `canary`. */
  readonly role: string;
  /** Name of its objects. */
  readonly name: string;
  readonly image: ImageReference;
  readonly serviceAccountName: string;
  /** Labels that the NetworkPolicy selects by: replicas of every role carry them. */
  readonly podLabels: SelectorLabels;
  readonly settings: InferenceSettings;
  /** The version that answers. */
  readonly select: SelectionSetting;
  /** Pods. @default - something else says how many */
  readonly replicas?: number;
  /** Of the volumes for records. @default - the cluster's class */
  readonly storageClassName?: string;
  /** Asked for at synthesis: throws what is wrong by then. @default - nothing can be */
  readonly check?: () => void;
}

/**
 * The replicas that answer with one version of a model, behind a Service: a Deployment, or a StatefulSet where records wait on volumes of
 * their own. The name of the ConfigMap holds a hash of the configuration, so that another configuration makes other Pods.
 */
export class InferenceWorkload extends Construct {
  readonly kind: 'Deployment' | 'StatefulSet';
  /** Labels of exactly these Pods. */
  readonly matchLabels: Readonly<Record<string, string>>;

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: InferenceWorkloadProps,
  ) {
    super(component, id);
    const { role, settings } = props;
    const { records } = settings;
    this.kind = records?.durability === 'volume' ? 'StatefulSet' : 'Deployment';
    this.matchLabels = { ...props.podLabels, 'app.kubernetes.io/component': role };
    new k8s.KubeConfigMap(this, 'configuration', {
      metadata: this.metadata(lazily(() => this.configMapName)),
      immutable: true,
      data: lazily(() => ({ [CONFIGURATION_FILE]: this.configuration.file })),
    });
    atStep(this.workload(), 1);
    atStep(
      new k8s.KubeService(this, 'service', {
        metadata: this.metadata(props.name),
        spec: {
          type: 'ClusterIP',
          selector: this.matchLabels,
          ports: [
            { name: 'http', port: PORT, targetPort: k8s.IntOrString.fromString('http'), protocol: 'TCP' },
            {
              name: 'management',
              port: MANAGEMENT_PORT,
              targetPort: k8s.IntOrString.fromString('management'),
              protocol: 'TCP',
            },
          ],
        },
      }),
      1,
    );
  }

  /** What its objects are called, and where they stand. */
  metadata(name: string): k8s.ObjectMeta {
    return { name, namespace: this.component.namespace.name, labels: this.labels };
  }

  private workload(): ApiObject {
    const { name, replicas, settings } = this.props;
    const metadata = {
      ...this.metadata(dnsLabel('name', name)),
      annotations: { [READY_LATER]: 'when the registry has the version that it serves' },
    };
    const template: k8s.PodTemplateSpec = {
      metadata: {
        labels: this.labels,
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(MANAGEMENT_PORT) },
      },
      spec: lazily(() => this.podSpec()),
    };
    const common = {
      ...(replicas === undefined ? {} : { replicas }),
      revisionHistoryLimit: 3,
      selector: { matchLabels: { ...this.matchLabels } },
      template,
    };
    if (this.kind === 'Deployment') {
      const rollingUpdate = {
        maxSurge: k8s.IntOrString.fromNumber(1),
        maxUnavailable: k8s.IntOrString.fromNumber(0),
      };
      return new k8s.KubeDeployment(this, 'replicas', {
        metadata,
        spec: {
          ...common,
          progressDeadlineSeconds: PROGRESS_SECONDS,
          strategy: { type: 'RollingUpdate', rollingUpdate },
        },
      });
    }
    const { storageClassName } = this.props;
    return new k8s.KubeStatefulSet(this, 'replicas', {
      metadata,
      spec: {
        ...common,
        serviceName: name,
        podManagementPolicy: 'Parallel',
        updateStrategy: { type: 'RollingUpdate' },
        volumeClaimTemplates: [
          {
            metadata: { name: SPOOL_VOLUME, labels: this.labels },
            spec: {
              accessModes: ['ReadWriteOnce'],
              ...(storageClassName === undefined ? {} : { storageClassName }),
              resources: { requests: { storage: k8s.Quantity.fromString(settings.records?.spoolSize ?? '1Gi') } },
            },
          },
        ],
      },
    });
  }

  private podSpec(): k8s.PodSpec {
    const { check, image, serviceAccountName, settings } = this.props;
    check?.();
    return inferencePod({
      image: image.reference,
      serviceAccountName,
      configMapName: this.configMapName,
      secrets: this.configuration.secrets,
      settings,
      matchLabels: this.matchLabels,
    });
  }

  /** Known at synthesis only: users may still be added. */
  private get configuration(): ReturnType<typeof configurationOf> {
    return configurationOf(this.props.settings, this.props.select);
  }

  private get configMapName(): string {
    return `${this.props.name}-${contentHash(this.configuration.file)}`;
  }

  private get labels(): Record<string, string> {
    const { role, image, podLabels } = this.props;
    return { ...this.component.labels(SOFTWARE, role, image.version), ...podLabels };
  }
}
