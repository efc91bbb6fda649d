import {
  Connections,
  type ArgoWorkflowsProps,
  type ExposedHost,
  type HttpService,
  type IExposure,
  type KubernetesManifest,
  type Platform,
  PlatformNamespace,
  synthesize,
  WorkflowTemplate,
} from '../../../constructs';
import { checkRules } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';
import { container, type Made, makeArgo, PRODUCTION } from './argo-fixture';

class FakeExposure implements IExposure {
  expose(_service: HttpService, subdomain: string): ExposedHost {
    return { host: `${subdomain}.example.org`, url: `https://${subdomain}.example.org:8443` };
  }
}

/** With a workflow of one step: only then is there somebody who keeps artifacts. */
function withWorkflow(made: Made): Made {
  const workflow = new WorkflowTemplate(made.platform, 'training', { engine: made.argo });
  workflow.addTask({ name: 'train', container: container(made.platform) });
  return made;
}

function sso(
  props: Partial<ArgoWorkflowsProps> = {},
  groups: Record<string, 'run' | 'read'> = { coders: 'run', "it's": 'read' },
) {
  const realm = new StandInRealm(testPlatform(), 'realm', {
    certificateAuthority: { namespace: 'demo-argo', name: 'argo-realm-ca', key: 'ca.crt' },
  });
  return { ...makeArgo({ authentication: { mode: 'sso', identityProvider: realm, groups }, ...props }), realm };
}

const objects = (platform: Platform): readonly KubernetesManifest[] =>
  synthesize(platform).objects.map(({ manifest }) => manifest);

/** The configuration, key by key. */
function configuration(platform: Platform): Readonly<Record<string, unknown>> {
  const data = objectOf(synthesize(platform), 'ConfigMap', /^argo-/)['data'] as Record<string, string>;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, JSON.parse(value) as unknown]));
}

const command = (platform: Platform, name: string) =>
  listAt(objectOf(synthesize(platform), 'Deployment', name), 'spec', 'template', 'spec', 'containers', 0, 'command');

/** What the accounts may do, `account in namespace: verbs resources`. */
function rights(platform: Platform, account: string): readonly string[] {
  const all = objects(platform);
  return all
    .filter(({ kind, ...rest }) => kind === 'RoleBinding' && at(rest, 'subjects', 0, 'name') === account)
    .flatMap((binding) => {
      const role = all.find(
        ({ kind, metadata }) =>
          kind === 'Role' &&
          metadata.name === at(binding, 'roleRef', 'name') &&
          metadata.namespace === binding.metadata.namespace,
      );
      return listAt(role, 'rules').map((rule) => {
        const list = (key: string) => listAt(rule, key).join(',');
        const names = list('resourceNames');
        return `${binding.metadata.namespace ?? ''}: ${list('verbs')} ${list('resources')}${names === '' ? '' : ` [${names}]`}`;
      });
    })
    .sort();
}

describe('the installation', () => {
  test('has no right in the whole cluster', () => {
    const kinds = new Set(objects(makeArgo().platform).map(({ kind }) => kind));
    expect([...kinds].filter((kind) => kind.startsWith('Cluster'))).toEqual([]);
    for (const manifest of objects(makeArgo().platform)) {
      if (manifest.kind !== 'CustomResourceDefinition' && manifest.kind !== 'Namespace') {
        expect(['demo-argo', 'demo-argo-runs']).toContain(manifest.metadata.namespace);
      }
    }
  });

  test('lets what stands beside a step tell its result, and nothing else', () => {
    expect(rights(makeArgo().platform, 'argo-executor')).toEqual(['demo-argo-runs: create,patch workflowtaskresults']);
  });

  test('lets the programs read the Secrets of the database alone', () => {
    const { platform } = makeArgo();
    for (const account of ['argo-controller', 'argo-server']) {
      expect(rights(platform, account).filter((right) => right.includes('secrets'))).toEqual([
        'demo-argo: get secrets [argo-database-user,argo-db-workflows]',
      ]);
    }
    expect(rights(makeArgo({ bare: true }).platform, 'argo-server')).toEqual([
      'demo-argo-runs: get,list,watch configmaps',
      'demo-argo-runs: get,list,watch workflowtemplates,cronworkflows',
      'demo-argo-runs: list,watch workflows',
      'demo-argo: get,list,watch configmaps',
    ]);
  });

  test('makes the token of an account after the account', () => {
    const { objects: all } = synthesize(makeArgo().platform);
    const wave = (kind: string, name: string) =>
      all.find(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name)?.wave ?? 0;
    expect(wave('Secret', 'argo-executor-token')).toBeGreaterThan(wave('ServiceAccount', 'argo-executor'));
  });

  test('watches one namespace, by programs of the lock', () => {
    const { platform } = makeArgo();
    const name = objectOf(synthesize(platform), 'ConfigMap', /^argo-/).metadata.name;
    expect(command(platform, 'argo-controller')).toEqual([
      'workflow-controller',
      '--namespaced',
      '--managed-namespace=demo-argo-runs',
      '--configmap',
      name,
      '--executor-image=registry.example.org/bouture/argo-workflows:3.7.18',
      '--executor-image-pull-policy=IfNotPresent',
      '--log-format=json',
    ]);
    expect(command(platform, 'argo-server').slice(0, 5)).toEqual([
      'argo',
      'server',
      '--auth-mode=client',
      '--namespaced',
      '--managed-namespace=demo-argo-runs',
    ]);
  });

  test('brings the definitions of its kinds, unless somebody else has', () => {
    const definitions = (props: ArgoWorkflowsProps) =>
      objects(makeArgo(props).platform).filter(({ kind }) => kind === 'CustomResourceDefinition').length;
    expect([definitions({}), definitions({ definitions: 'existing' })]).toEqual([7, 0]);
  });

  test('breaks no rule of the project, in either profile', () => {
    for (const profile of [{}, PRODUCTION]) {
      const made = withWorkflow(makeArgo({}, profile));
      made.argo.allowMetricsFrom({ namespace: 'monitoring' });
      made.argo.exposeVia(new FakeExposure());
      const found = checkRules(synthesize(made.platform), { profile: made.platform.profile });
      // The database of this test is somewhere else: it makes no Secret.
      const ours = found.filter(({ message }) => !/nobody makes the Secret "argo-db-workflows-ca"/.test(message));
      expect(ours.map(({ rule, field, message }) => ({ rule, field, message }))).toEqual([]);
    }
  });

  test.each([schemaMinors()[0] ?? '', schemaMinors().at(-1) ?? ''])('is valid in Kubernetes %s', (minor) => {
    const schemas = new StrictSchemas(minor);
    const all = [withWorkflow(makeArgo()), makeArgo({}, PRODUCTION), exposedSso()].flatMap(({ platform }) =>
      objects(platform),
    );
    // Argo’s own kinds are checked by `argo lint`.
    const known = all.filter(({ apiVersion }) => !apiVersion.startsWith('argoproj.io/'));
    expect(known.map(({ kind }) => kind)).toContain('PodDisruptionBudget');
    expect(known.flatMap((manifest) => schemas.problems(manifest))).toEqual([]);
  });
});

describe('the configuration', () => {
  test('keeps artifacts and logs in the bucket, by a user of their own', () => {
    expect(configuration(withWorkflow(makeArgo()).platform)['artifactRepository']).toMatchInlineSnapshot(`
      {
        "archiveLogs": true,
        "s3": {
          "accessKeySecret": {
            "key": "accessKeyId",
            "name": "argo-artifacts-s3",
          },
          "bucket": "workflows",
          "endpoint": "s3.example.org:443",
          "insecure": false,
          "keyFormat": "workflows/{{workflow.name}}/{{pod.name}}",
          "region": "us-east-1",
          "secretKeySecret": {
            "key": "secretAccessKey",
            "name": "argo-artifacts-s3",
          },
        },
      }
    `);
  });

  test('keeps ended workflows in the database, over a connection that is verified', () => {
    const { platform } = makeArgo();
    expect(configuration(platform)['persistence']).toMatchInlineSnapshot(`
      {
        "archive": true,
        "archiveTTL": "180d",
        "clusterName": "demo-argo-runs",
        "connectionPool": {
          "connMaxLifetime": "300s",
          "maxIdleConns": 2,
          "maxOpenConns": 10,
        },
        "nodeStatusOffLoad": true,
        "postgresql": {
          "database": "workflows",
          "host": "db.example.org",
          "passwordSecret": {
            "key": "password",
            "name": "argo-db-workflows",
          },
          "port": 5432,
          "ssl": true,
          "sslMode": "verify-full",
          "tableName": "argo_workflows",
          "userNameSecret": {
            "key": "username",
            "name": "argo-database-user",
          },
        },
      }
    `);
    for (const name of ['argo-controller', 'argo-server']) {
      const spec = at(objectOf(synthesize(platform), 'Deployment', name), 'spec', 'template', 'spec');
      expect(listAt(spec, 'containers', 0, 'env')).toContainEqual({
        name: 'PGSSLROOTCERT',
        value: '/etc/ssl/argo-database/ca.crt',
      });
      expect(listAt(spec, 'volumes')).toContainEqual({
        name: 'database-authority',
        secret: { secretName: 'argo-db-workflows-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
      });
    }
  });

  test('bounds, cleans up and hardens whatever workflow says nothing', () => {
    const { workflowDefaults, executor, parallelism } = configuration(makeArgo().platform);
    expect(parallelism).toBe(10);
    expect(at(workflowDefaults, 'spec')).toMatchInlineSnapshot(`
      {
        "activeDeadlineSeconds": 86400,
        "automountServiceAccountToken": false,
        "executor": {
          "serviceAccountName": "argo-executor",
        },
        "parallelism": 10,
        "podGC": {
          "deleteDelayDuration": "600s",
          "strategy": "OnPodSuccess",
        },
        "securityContext": {
          "fsGroup": 1000,
          "fsGroupChangePolicy": "OnRootMismatch",
          "runAsGroup": 1000,
          "runAsNonRoot": true,
          "runAsUser": 1000,
          "seccompProfile": {
            "type": "RuntimeDefault",
          },
        },
        "serviceAccountName": "argo-executor",
        "ttlStrategy": {
          "secondsAfterFailure": 604800,
          "secondsAfterSuccess": 86400,
        },
      }
    `);
    expect(executor).toMatchInlineSnapshot(`
      {
        "imagePullPolicy": "IfNotPresent",
        "resources": {
          "limits": {
            "cpu": "500m",
            "ephemeral-storage": "10Gi",
            "memory": "512Mi",
          },
          "requests": {
            "cpu": "20m",
            "ephemeral-storage": "64Mi",
            "memory": "64Mi",
          },
        },
        "securityContext": {
          "allowPrivilegeEscalation": false,
          "capabilities": {
            "drop": [
              "ALL",
            ],
          },
          "privileged": false,
          "readOnlyRootFilesystem": true,
          "runAsNonRoot": true,
        },
      }
    `);
  });

  test('has another name when it is another one, so that the programs start anew', () => {
    const name = (props: ArgoWorkflowsProps) =>
      objectOf(synthesize(makeArgo(props).platform), 'ConfigMap', /^argo-/).metadata.name;
    expect(name({})).toBe(name({}));
    expect(name({ parallelism: 3 })).not.toBe(name({}));
  });
});

describe('who is let in', () => {
  test('anybody is, inside the cluster only', () => {
    const { platform, argo } = makeArgo({ authentication: { mode: 'server' } });
    expect(() => argo.exposeVia(new FakeExposure())).toThrow('lets anybody run workflows');
    expect(command(platform, 'argo-server')).toContain('--auth-mode=server');
    expect(rights(platform, 'argo-server').some((right) => /create.* workflows/.test(right))).toBe(true);
  });

  test('an account of the platform submits workflows, at the server and at the API', () => {
    const { platform, argo } = makeArgo({ apiServer: { cidrs: ['192.0.2.1/32'], ports: [6443] } });
    const namespace = new PlatformNamespace(platform, 'elsewhere', { name: 'demo-trigger' });
    const podLabels = { 'app.kubernetes.io/name': 'trigger', 'app.kubernetes.io/instance': 'trigger' };
    const connections = new Connections(platform, 'trigger', { namespace, name: 'trigger', podLabels });
    argo.grantSubmit({ connections, serviceAccountName: 'trigger' });
    expect(rights(platform, 'trigger')).toEqual([
      'demo-argo-runs: get,list,watch pods,pods/log',
      'demo-argo-runs: get,list,watch workflowtemplates,cronworkflows',
      'demo-argo-runs: get,list,watch,create,update,patch,delete workflows',
    ]);
    const egress = listAt(objectOf(synthesize(platform), 'NetworkPolicy', 'trigger'), 'spec', 'egress');
    expect(egress.map((rule) => at(rule, 'ports', 0, 'port')).sort()).toEqual([2746, 6443]);
  });

  test('people are, by the first of their groups that has an account', () => {
    const { platform, realm } = exposedSso();
    expect(configuration(platform)['sso']).toMatchInlineSnapshot(`
      {
        "clientId": {
          "key": "clientId",
          "name": "argo-sso",
        },
        "clientSecret": {
          "key": "clientSecret",
          "name": "argo-sso",
        },
        "customGroupClaimName": "groups",
        "issuer": "https://auth.example.org/realms/datalab",
        "rbac": {
          "enabled": true,
        },
        "redirectUrl": "https://workflows.example.org:8443/oauth2/callback",
        "scopes": [
          "profile",
          "email",
        ],
        "sessionExpiry": "28800s",
      }
    `);
    const accounts = objects(platform).filter(
      ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.name.startsWith('argo-group'),
    );
    expect(
      accounts.map(({ metadata: { namespace, annotations } }) => [
        namespace,
        annotations?.['workflows.argoproj.io/rbac-rule'],
        annotations?.['workflows.argoproj.io/rbac-rule-precedence'],
      ]),
    ).toEqual([
      ['demo-argo-runs', `"it's" in groups`, '1'],
      ['demo-argo-runs', '"coders" in groups', '2'],
    ]);
    expect(rights(platform, 'argo-group-1').join()).not.toContain('create');
    expect(rights(platform, 'argo-group-2').join()).toContain('create');
    expect(rights(platform, 'argo-server').filter((right) => right.includes('secrets'))).toEqual([
      'demo-argo-runs: get secrets [argo-group-1-token,argo-group-2-token]',
      'demo-argo: create secrets',
      'demo-argo: get secrets [argo-database-user,argo-db-workflows]',
      'demo-argo: get secrets [argo-sso,sso]',
    ]);
    expect(realm.confidential).toEqual([
      {
        clientId: 'argo',
        props: { pkce: false },
        redirects: ['https://workflows.example.org:8443/oauth2/callback'],
      },
    ]);
    const server = objectOf(synthesize(platform), 'Deployment', 'argo-server');
    expect(at(server, 'spec', 'template', 'metadata', 'annotations')).toEqual({
      'bouture.dev/reads-secrets': 'argo-database-user,argo-db-workflows,argo-sso',
    });
  });

  test('people are not, where browsers cannot come', () => {
    expect(() => synthesize(sso().platform)).toThrow('expose it by exposeVia, or use mode "client"');
  });

  test('people are not, where nobody may do anything', () => {
    expect(() => sso({}, {})).toThrow('has mode "sso" and no group');
  });
});

describe('what it refuses', () => {
  test.each([
    [{ parallelism: 0 }, 'parallelism is a whole number from 1'],
    [{ mostPods: 0 }, 'mostPods is a whole number from 1'],
    [{ replicas: 0 }, 'replicas is a whole number from 1'],
  ])('%j', (props, message) => {
    expect(() => makeArgo(props)).toThrow(message);
  });

  test('to be exposed twice', () => {
    const { argo } = makeArgo();
    argo.exposeVia(new FakeExposure());
    expect(() => argo.exposeVia(new FakeExposure())).toThrow('is exposed already, as argo.example.org');
  });

  test('to let counters be read that there are not', () => {
    const { argo } = makeArgo({ metrics: false });
    expect(() => {
      argo.allowMetricsFrom({ namespace: 'monitoring' });
    }).toThrow('has no metrics');
  });
});

function exposedSso(): Made & { readonly realm: StandInRealm } {
  const made = sso();
  made.argo.exposeVia(new FakeExposure(), 'workflows');
  return made;
}
