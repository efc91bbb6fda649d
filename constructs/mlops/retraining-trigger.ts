import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  Connections,
  type ContainerResources,
  cronSchedule,
  type ExternalHosts,
  type ImageReference,
  k8s,
  Layer,
  type PlatformNamespace,
  scheduledJob,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { annotationProgram } from './annotation-program';
import type { ICodingService } from './coding-service';
import { programPod } from './cron-programs';

/** A workflow that can be started by its name: a WorkflowTemplate of Argo Workflows. */
export interface IWorkflowTemplate {
  /** Where it stands, and where it runs. */
  readonly namespace: PlatformNamespace;
  /** Name of the WorkflowTemplate. */
  readonly componentName: string;
}

/** The accuracy that the version in production must have, by what people said. */
export interface RequiredAccuracy {
  /** Of what is coded automatically, which nobody sees, or of everything. @default 'automatic' */
  readonly of?: 'automatic' | 'all';
  /** From 0 to 1. */
  readonly required: number;
  /** Days back. @default 28 */
  readonly days?: number;
  /** Annotated rows below which nothing is said. @default 200 */
  readonly minimumRows?: number;
  /** How sure it must be that the accuracy is below: above 0.5, below 1. @default 0.95 */
  readonly confidence?: number;
}

export interface RetrainingTriggerProps extends ComponentProps {
  /** Whose drift, annotations and accuracy are looked at. */
  readonly service: ICodingService;
  /** What is started. */
  readonly training: IWorkflowTemplate;
  /** Values for the workflow's parameters. @default - its own */
  readonly parameters?: Readonly<Record<string, string>>;
  /** When it is decided, as five fields of cron, in UTC. @default '0 6 * * *', after the checks of drift */
  readonly schedule?: string;
  /** Days in a row that drift must be seen on. @default 3 */
  readonly sustainedDays?: number;
  readonly accuracy: RequiredAccuracy;
  /** New annotations that speak for a retraining by themselves. @default 1000 */
  readonly minimumAnnotations?: number;
  /** Days after a start in which there is no other. @default 14 */
  readonly coolDownDays?: number;
  /** Starts in a month, at most. @default 2 */
  readonly runsPerMonth?: number;
  /** The account by which the registry knows it. @default - one of its own, which the registry must let read */
  readonly registryAccount?: string;
  /** Where the API server of Kubernetes is. @default - every IPv4 address but the cloud's metadata service, on ports 443 and 6443 */
  readonly apiServer?: ExternalHosts & { readonly ports?: readonly number[] };
  /** @default - 100m to 1 CPU; 256Mi to 1Gi of memory */
  readonly resources?: ContainerResources;
}

const RBAC = 'rbac.authorization.k8s.io';
const ROLE = 'decide';
const WHY_TOKEN = 'It creates the workflow that trains, through the API server of Kubernetes.';

/**
 * Decides each day whether the model is trained anew: sustained drift with lost accuracy speaks for it, and so do enough new annotations; a
 * cool-down and a budget speak against it. Each decision is kept with its reasons. Its account may create workflows in the namespace of the
 * training, and nothing else anywhere. Image: key `nace-annotation`.
 *
 * @throws Error when the service keeps no records, or when a schedule or a number is out of range
 *
 * @example
 * import { type FastTextInferenceService, type IWorkflowTemplate, RetrainingTrigger } from 'bouture';
 * declare const service: FastTextInferenceService, training: IWorkflowTemplate;
 * new RetrainingTrigger(platform, 'retraining', { service, training, accuracy: { required: 0.8 } });
 */
export class RetrainingTrigger extends Component {
  private readonly connections: Connections;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RetrainingTriggerProps,
  ) {
    super(scope, id, Layer.WORKLOADS, props);
    const { componentName: name, namespace } = this;
    const image = this.platform.images.get('nace-annotation');
    this.connections = new Connections(this, 'connections', { namespace, name, podLabels: this.selector(ROLE, ROLE) });
    const { cidrs, ports = [443, 6443] } = props.apiServer ?? {};
    for (const port of ports) this.connections.allowToExternal(cidrs === undefined ? {} : { cidrs }, port);
    const account = this.account(image);
    this.job(image, account);
  }

  /** The right to create one kind in one namespace. */
  private account(image: ImageReference): k8s.KubeServiceAccount {
    const { componentName: name, namespace } = this;
    const labels = this.labels(ROLE, ROLE, image.version);
    const account = new k8s.KubeServiceAccount(this, 'account', {
      metadata: { name, namespace: namespace.name, labels },
      automountServiceAccountToken: false,
    });
    const metadata = { name: `${namespace.name}-${name}`, namespace: this.props.training.namespace.name, labels };
    const role = new k8s.KubeRole(this, 'role', {
      metadata,
      rules: [{ apiGroups: ['argoproj.io'], resources: ['workflows'], verbs: ['create'] }],
    });
    new k8s.KubeRoleBinding(this, 'binding', {
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: role.name },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: namespace.name }],
    });
    return account;
  }

  private job(image: ImageReference, account: k8s.KubeServiceAccount): void {
    const { service, registryAccount } = this.props;
    const labels = this.labels(ROLE, ROLE, image.version);
    const program = annotationProgram(this, 'settings', {
      ...{ service, registryAccount, labels, settings: { retraining: this.settings() } },
      consumer: { consumerName: this.componentName, connections: this.connections },
      rights: { read: ['drift', 'gold'], write: ['retraining'] },
    });
    scheduledJob(this, this, {
      role: ROLE,
      labels,
      annotations: { 'bouture.dev/suppress.no-account-token': WHY_TOKEN },
      schedule: cronSchedule('schedule of retraining', this.props.schedule ?? '0 6 * * *'),
      backoffLimit: 2,
      deadlineSeconds: 1800,
      pod: {
        restartPolicy: 'Never',
        serviceAccountName: account.name,
        automountServiceAccountToken: true,
        ...programPod(ROLE, {
          image,
          command: program.command(ROLE),
          env: program.env,
          resources: this.props.resources ?? {
            cpu: { request: '100m', limit: '1' },
            memory: { request: '256Mi', limit: '1Gi' },
          },
          mounts: program.mounts,
        }),
      },
    });
  }

  private settings(): object {
    const { accuracy, parameters = {}, training } = this.props;
    const { required, confidence = 0.95 } = accuracy;
    if (!(required >= 0 && required <= 1)) {
      throw new RangeError(`accuracy.required is a number from 0 to 1, given ${required}`);
    }
    if (!(confidence > 0.5 && confidence < 1)) {
      throw new RangeError(`accuracy.confidence is a number above 0.5 and below 1, given ${confidence}`);
    }
    return {
      sustainedDays: wholeNumber('sustainedDays', this.props.sustainedDays ?? 3, 1, 365),
      accuracy: {
        of: accuracy.of ?? 'automatic',
        required,
        days: wholeNumber('accuracy.days', accuracy.days ?? 28, 1, 3650),
        minimumRows: wholeNumber('accuracy.minimumRows', accuracy.minimumRows ?? 200, 1, 1_000_000),
        confidence,
      },
      minimumAnnotations: wholeNumber('minimumAnnotations', this.props.minimumAnnotations ?? 1000, 1, 10_000_000),
      coolDownDays: wholeNumber('coolDownDays', this.props.coolDownDays ?? 14, 0, 3650),
      runsPerMonth: wholeNumber('runsPerMonth', this.props.runsPerMonth ?? 2, 1, 1000),
      workflow: { namespace: training.namespace.name, template: training.componentName, parameters },
    };
  }
}
