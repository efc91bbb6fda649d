import type { Construct } from 'constructs';
import type { MlflowServer } from '../mlops';
import { Component, Layer } from '../platform';
import { openMlflow, projectPolicy } from './mlflow-hole';

export interface ProjectProps {
  /** CPU of all its Pods together, a Kubernetes quantity. @default '8' */
  readonly cpu?: string;
  /** Memory of all its Pods together. @default '32Gi' */
  readonly memory?: string;
  /** Size of all its volumes together. @default '100Gi' */
  readonly storage?: string;
  /** Pods at the same time. @default 50 */
  readonly pods?: number;
  /** GPUs, `nvidia.com/gpu`, of all its Pods together. @default 0 */
  readonly gpus?: number;
}

/**
 * A namespace for the work of a team: its Pods reach each other, the cluster's DNS and what the project is connected to, and
 * nothing else; nobody outside reaches them. Pods that break Pod Security `baseline` are refused, those that break `restricted`
 * are warned of. Nobody is bound to it: for a group of people who log in, see `PeopleProject`.
 *
 * @example
 * import { type MlflowServer, Project } from 'bouture';
 * declare const mlflow: MlflowServer;
 * const surveys = new Project(platform, 'surveys', { cpu: '16', memory: '64Gi' });
 * surveys.useMlflow(mlflow);
 */
export class Project extends Component {
  /** @param id name of the project; its namespace is `<platform>-<id>` */
  constructor(scope: Construct, id: string, props: ProjectProps = {}) {
    super(scope, id, Layer.NAMESPACES, {}, { podSecurity: 'baseline', quota: quotaOf(props) });
    const everyPod = { podSelector: {} };
    projectPolicy(
      this,
      'allow-within',
      { policyTypes: ['Ingress', 'Egress'], ingress: [{ from: [everyPod] }], egress: [{ to: [everyPod] }] },
      { 'bouture.dev/suppress.holes-lead-somewhere': 'The Pods are those that people start here later.' },
    );
  }

  /** Lets the project's Pods find and reach an MLflow, with an account of the project's own. */
  useMlflow(mlflow: MlflowServer): void {
    openMlflow(this, mlflow);
  }
}

function quotaOf({
  cpu = '8',
  memory = '32Gi',
  storage = '100Gi',
  pods = 50,
  gpus = 0,
}: ProjectProps): Record<string, string> {
  return {
    'requests.cpu': cpu,
    'limits.cpu': cpu,
    'requests.memory': memory,
    'limits.memory': memory,
    'requests.storage': storage,
    'requests.nvidia.com/gpu': String(gpus),
    pods: String(pods),
  };
}
