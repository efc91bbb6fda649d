import { ApiObject } from 'cdk8s';
import {
  Component,
  Connections,
  GeneratedValue,
  type KubernetesManifest,
  Layer,
  type Platform,
  PlatformSecret,
  type Profile,
  containerSecurityContext,
  envFromSecret,
  podSecurityContext,
  synthesize,
} from '../../constructs';
import type { RuleInput } from '../../constructs/platform/rules';
import { testPlatform } from '../support/platform';

const RESOURCES = {
  requests: { cpu: '100m', memory: '64Mi', 'ephemeral-storage': '64Mi' },
  limits: { cpu: '1', memory: '128Mi', 'ephemeral-storage': '1Gi' },
};

class Part extends Component {
  constructor(platform: Platform, id: string, layer = Layer.PLATFORM) {
    super(platform, id, layer);
  }
}

function container(name: string, extra: object = {}): object {
  return {
    name,
    image: 'registry.example.org/web:1.0',
    imagePullPolicy: 'IfNotPresent',
    securityContext: containerSecurityContext(),
    resources: RESOURCES,
    ...extra,
  };
}

function podSpec(extra: object): object {
  return { automountServiceAccountToken: false, securityContext: podSecurityContext(1000), ...extra };
}

/** A platform of every kind that the rules speak of; it breaks none of them. */
function flawless(profile: Profile): RuleInput {
  const platform = testPlatform({ profile });
  const db = new Part(platform, 'db', Layer.FOUNDATIONS);
  const web = new Part(platform, 'web');
  const secret = new PlatformSecret(web, 'secret', {
    namespace: web.namespace,
    name: 'web-db',
    data: { password: new GeneratedValue('web-db') },
  });
  const policy = (part: Part, role: string) =>
    new Connections(part, `${role}-connections`, {
      namespace: part.namespace,
      name: role,
      podLabels: part.selector('web', role),
    });
  policy(web, 'server').allowTo({ connections: policy(db, 'store') }, 5432);
  const add = (part: Part, kind: string, apiVersion: string, name: string, rest: object, role = 'server') =>
    new ApiObject(part, `${kind}-${name}`, {
      apiVersion,
      kind,
      metadata: { name, namespace: part.namespace.name, labels: part.labels('web', role) },
      ...rest,
    });
  const probes = { readinessProbe: { tcpSocket: { port: 8080 } }, livenessProbe: { tcpSocket: { port: 8080 } } };

  add(db, 'StatefulSet', 'apps/v1', 'store', {
    spec: {
      serviceName: 'store',
      replicas: 2,
      selector: { matchLabels: db.selector('web', 'store') },
      template: {
        metadata: { labels: db.labels('web', 'store') },
        spec: podSpec({
          containers: [
            container('store', {
              ...probes,
              ports: [{ name: 'sql', containerPort: 5432 }],
              volumeMounts: [{ name: 'data', mountPath: '/data' }],
            }),
          ],
        }),
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } }],
    },
  });
  add(db, 'Service', 'v1', 'store', {
    spec: { clusterIP: 'None', selector: db.selector('web', 'store'), ports: [{ port: 5432, targetPort: 'sql' }] },
  });
  add(db, 'PodDisruptionBudget', 'policy/v1', 'store', {
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: { matchLabels: db.selector('web', 'store') },
    },
  });
  add(web, 'ServiceAccount', 'v1', 'server', { automountServiceAccountToken: false });
  add(web, 'ConfigMap', 'v1', 'server', { data: { 'app.ini': 'port = 8080\npassword = $PASSWORD\n', mode: 'fast' } });
  add(web, 'Deployment', 'apps/v1', 'server', {
    spec: {
      replicas: 2,
      selector: { matchLabels: web.selector('web', 'server') },
      template: {
        metadata: { labels: web.labels('web', 'server') },
        spec: podSpec({
          serviceAccountName: 'server',
          initContainers: [container('prepare')],
          containers: [
            container('server', {
              ...probes,
              env: [
                envFromSecret('PASSWORD', secret.ref('password')),
                { name: 'PASSWORD_FILE', value: '/run/secrets/password' },
                { name: 'MODE', valueFrom: { configMapKeyRef: { name: 'server', key: 'mode' } } },
                { name: 'DATABASE_URL', value: 'postgres://web:$(PASSWORD)@store:5432/web' },
              ],
              args: ['--verbose=true'],
              ports: [{ name: 'http', containerPort: 8080 }],
              volumeMounts: [
                { name: 'config', mountPath: '/etc/web' },
                { name: 'scratch', mountPath: '/tmp' },
              ],
            }),
          ],
          volumes: [
            { name: 'config', configMap: { name: 'server' } },
            { name: 'scratch', emptyDir: { sizeLimit: '64Mi' } },
          ],
        }),
      },
    },
  });
  add(web, 'Service', 'v1', 'server', {
    spec: { selector: web.selector('web', 'server'), ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  add(web, 'Ingress', 'networking.k8s.io/v1', 'server', {
    spec: {
      tls: [{ hosts: ['web.example.org'], secretName: 'web-tls' }],
      rules: [
        {
          host: 'web.example.org',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'server', port: { number: 80 } } } }],
          },
        },
      ],
    },
  });
  add(web, 'HTTPRoute', 'gateway.networking.k8s.io/v1', 'server', {
    spec: {
      parentRefs: [{ name: 'gateway', namespace: 'gateway', sectionName: 'https' }],
      hostnames: ['route.example.org'],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }], backendRefs: [{ name: 'server', port: 80 }] }],
    },
  });
  add(web, 'Gateway', 'gateway.networking.k8s.io/v1', 'gateway', {
    spec: { gatewayClassName: 'any', listeners: [{ name: 'https', protocol: 'HTTPS', port: 443 }] },
  });
  const job = (role: string) => ({
    backoffLimit: 3,
    activeDeadlineSeconds: 600,
    template: {
      metadata: { labels: web.labels('web', role) },
      spec: podSpec({ restartPolicy: 'OnFailure', containers: [container(role)] }),
    },
  });
  add(web, 'Job', 'batch/v1', 'migrate', { spec: job('migrate') }, 'migrate');
  add(
    web,
    'CronJob',
    'batch/v1',
    'clean',
    { spec: { schedule: '0 3 * * *', concurrencyPolicy: 'Forbid', jobTemplate: { spec: job('clean') } } },
    'clean',
  );
  add(web, 'Role', 'rbac.authorization.k8s.io/v1', 'server', {
    rules: [{ apiGroups: [''], resources: ['configmaps', 'secrets'], verbs: ['get'] }],
  });
  add(web, 'RoleBinding', 'rbac.authorization.k8s.io/v1', 'server', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'server' },
    subjects: [{ kind: 'ServiceAccount', name: 'server', namespace: web.namespace.name }],
  });
  return synthesize(platform);
}

/** The flawless platform, with means to spoil it. */
export class Fixture {
  private objects: KubernetesManifest[];
  private readonly secrets: RuleInput['secrets'];

  constructor(readonly profile: Profile = 'pilot') {
    const { objects, secrets } = flawless(profile);
    this.objects = objects.map(({ manifest }) => structuredClone(manifest));
    this.secrets = secrets;
  }

  get input(): RuleInput {
    return { objects: this.objects.map((manifest) => ({ manifest })), ...(this.secrets && { secrets: this.secrets }) };
  }

  /** Sets a field of the object `Kind/name`; undefined removes it. The path is cut at bars. */
  set(object: string, path: string, value: unknown): this {
    const keys = path.split('|');
    const last = keys.pop() ?? '';
    let place: unknown = this.find(object);
    for (const key of keys) place = Reflect.get(place as object, key) ?? create(place as object, key);
    if (value === undefined) Reflect.deleteProperty(place as object, last);
    else Reflect.set(place as object, last, value);
    return this;
  }

  /** Takes an object away. */
  remove(object: string): this {
    const gone = this.find(object);
    this.objects = this.objects.filter((other) => other !== gone);
    return this;
  }

  /** Adds an object: a copy of `Kind/name` with another name, or one written out. */
  add(object: string | KubernetesManifest, name = 'copy'): this {
    if (typeof object !== 'string') this.objects.push(object);
    else {
      const copy = structuredClone(this.find(object));
      this.objects.push({ ...copy, metadata: { ...copy.metadata, name } });
    }
    return this;
  }

  private find(object: string): KubernetesManifest {
    const [kind, name] = object.split('/');
    const found = this.objects.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
    if (found === undefined) throw new Error(`the fixture has no ${object}`);
    return found;
  }
}

function create(place: object, key: string): object {
  const made = {};
  Reflect.set(place, key, made);
  return made;
}
