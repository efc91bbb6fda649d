import { Construct } from 'constructs';
import { Component, Connections, DeclaredJob, env, type ImageReference, k8s, MANAGED_BY } from '../platform';
import { postgresJobPod, type SuperuserAccess } from './postgres-job';
import { type ProvisioningPlan, provisioningScript, provisioningSql } from './postgres-provisioning-script';
import type { PostgresRole } from './postgres-role';

const ROLE = 'provisioning';
const FILES = '/etc/bouture-provisioning';
const PASSWORDS = '/run/secrets/roles';

export interface PostgresProvisioningProps {
  readonly image: ImageReference;
  readonly access: SuperuserAccess;
  /** What the server must hold, asked for at synthesis. */
  readonly plan: () => Omit<ProvisioningPlan, 'mark'>;
  /** Whether the account of `access` is a superuser. A cloud's administrator is none. @default true */
  readonly isSuperuser?: boolean;
  /** Every role with its password, asked for at synthesis. */
  readonly roles: () => readonly PostgresRole[];
}

/**
 * The Job that brings roles, databases and rights to what the blueprint declares, once the server is ready; each try waits up to two
 * minutes for it.
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
    new DeclaredJob(this, component, {
      role: ROLE,
      labels: component.labels('postgresql', ROLE, props.image.version),
      filesId: 'files',
      files: () => this.files(),
      pod: (configMapName) => this.podSpec(configMapName),
    });
  }

  private files(): Record<string, string> {
    const { plan, isSuperuser = true } = this.props;
    const mark = `${MANAGED_BY}/${this.component.componentName}`;
    return {
      'provision.sh': provisioningScript(isSuperuser),
      'provision.sql': provisioningSql({ mark, ...plan() }, isSuperuser),
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
