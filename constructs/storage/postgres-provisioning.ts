import { Construct } from 'constructs';
import {
  atStep,
  Component,
  Connections,
  contentHash,
  env,
  type ImageReference,
  k8s,
  lazily,
  MANAGED_BY,
} from '../platform';
import { postgresJobPod, type SuperuserAccess } from './postgres-job';
import { POSTGRES_PROVISIONING_SCRIPT, type ProvisioningPlan, provisioningSql } from './postgres-provisioning-script';
import type { PostgresRole } from './postgres-role';

const ROLE = 'provisioning';
const FILES = '/etc/bouture-provisioning';
const PASSWORDS = '/run/secrets/roles';
/** The tries that the back-off limit allows take less; each waits up to two minutes for the server. */
const DEADLINE_SECONDS = 3600;

export interface PostgresProvisioningProps {
  readonly image: ImageReference;
  readonly access: SuperuserAccess;
  /** What the server must hold, asked for at synthesis. */
  readonly plan: () => Omit<ProvisioningPlan, 'mark'>;
  /** Every role with its password, asked for at synthesis. */
  readonly roles: () => readonly PostgresRole[];
}

/**
 * The Job that brings roles, databases and rights to what the blueprint declares, once the server is ready. Its name holds a hash of
 * all that it does, so that a change makes another Job and an unchanged blueprint makes none; it has no time to live, for a Job
 * that vanished would be made again.
 */
export class PostgresProvisioning extends Construct {
  readonly connections: Connections;

  constructor(
    private readonly component: Component,
    id: string,
    private readonly props: PostgresProvisioningProps,
  ) {
    super(component, id);
    const { componentName, namespace } = component;
    this.connections = new Connections(this, 'connections', {
      namespace,
      name: `${componentName}-${ROLE}`,
      podLabels: component.selector('postgresql', ROLE),
    });
    const labels = component.labels('postgresql', ROLE, props.image.version);
    const metadata = (): k8s.ObjectMeta => ({
      name: lazily(() => this.objectName()),
      namespace: namespace.name,
      labels,
    });
    const files = new k8s.KubeConfigMap(this, 'files', {
      metadata: metadata(),
      immutable: true,
      data: lazily(() => this.files()),
    });
    const job = new k8s.KubeJob(this, 'job', {
      metadata: metadata(),
      spec: {
        backoffLimit: 10,
        activeDeadlineSeconds: DEADLINE_SECONDS,
        template: { metadata: { labels }, spec: lazily(() => this.podSpec(this.objectName())) },
      },
    });
    atStep(files, 1);
    atStep(job, 1);
  }

  private objectName(): string {
    return `${this.component.componentName}-${ROLE}-${contentHash([this.files(), this.podSpec('')])}`;
  }

  private files(): Record<string, string> {
    const mark = `${MANAGED_BY}/${this.component.componentName}`;
    return {
      'provision.sh': POSTGRES_PROVISIONING_SCRIPT,
      'provision.sql': provisioningSql({ mark, ...this.props.plan() }),
    };
  }

  private podSpec(configMapName: string): k8s.PodSpec {
    const passwords = [...this.props.roles()]
      .sort((a, b) => (a.role < b.role ? -1 : 1))
      .map(({ role, password: { name, key } }) => ({ secret: { name, items: [{ key, path: role }] } }));
    return postgresJobPod({
      name: ROLE,
      image: this.props.image,
      command: ['sh', `${FILES}/provision.sh`],
      access: this.props.access,
      env: [env('PROVISIONING', FILES), env('ROLE_PASSWORDS', PASSWORDS)],
      resources: { cpu: { request: '50m', limit: '500m' }, memory: { request: '64Mi', limit: '256Mi' } },
      mounts: [
        { volume: { name: 'files', configMap: { name: configMapName } }, mountPath: FILES, readOnly: true },
        {
          volume: { name: 'passwords', projected: { defaultMode: 0o440, sources: passwords } },
          mountPath: PASSWORDS,
          readOnly: true,
        },
      ],
    });
  }
}
