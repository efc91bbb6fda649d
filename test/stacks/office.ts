import {
  atStep,
  Component,
  Connections,
  DeployTimeValue,
  env,
  envFromSecret,
  GeneratedValue,
  k8s,
  Layer,
  type Platform,
  PlatformSecret,
  type Synthesis,
  synthesize,
} from '../../constructs';
import { Construct } from 'constructs';
import { testPlatform } from '../support/platform';

export const ROLE = new DeployTimeValue('backup-role', 'role that writes backups');

/** A store with a claim, and a Job that prepares it once it is ready. */
export class Store extends Component {
  readonly password = new GeneratedValue('store-root');

  constructor(scope: Construct, id: string) {
    super(scope, id, Layer.FOUNDATIONS);
    const namespace = this.namespace;
    const metadata = (name: string) => ({ name, namespace: namespace.name });
    const secret = new PlatformSecret(this, 'root', {
      namespace,
      name: 'root',
      data: { user: 'admin', password: this.password },
    });
    const labels = this.selector('store', 'server');
    new Connections(this, 'connections', { namespace, name: 'store', podLabels: labels });
    const template = (name: string) => ({
      metadata: { labels },
      spec: { containers: [{ name, env: [envFromSecret('PASSWORD', secret.ref('password'))] }] },
    });
    new k8s.KubeStatefulSet(this, 'server', {
      metadata: metadata('store'),
      spec: {
        serviceName: 'store',
        selector: { matchLabels: labels },
        template: template('server'),
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
      },
    });
    new k8s.KubeService(this, 'service', { metadata: metadata('store'), spec: { selector: labels } });
    atStep(new k8s.KubeJob(this, 'job', { metadata: metadata('prepare'), spec: { template: template('job') } }), 1);
  }
}

/** A server without data, that knows a role by a name that the deployment gives. */
export class Server extends Component {
  constructor(scope: Construct, id: string) {
    super(scope, id, Layer.PLATFORM);
    const labels = this.selector('server', 'server');
    new k8s.KubeDeployment(this, 'deployment', {
      metadata: { name: 'server', namespace: this.namespace.name, annotations: { 'pulumi.com/timeoutSeconds': '900' } },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'server', env: [env('ROLE', `arn:${ROLE.token}:x`), env('PLAIN', 'text')] }] },
        },
      },
    });
  }
}

/** A platform with both. @param place where the store stands: on the platform itself, or inside another construct */
export function office(place: (platform: Platform) => Construct = (platform) => platform): Synthesis {
  const platform = testPlatform();
  new Store(place(platform), 'store');
  new Server(platform, 'server');
  return synthesize(platform);
}
