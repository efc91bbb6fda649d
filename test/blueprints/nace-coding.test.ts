import { join } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
import type { Synthesis } from '../../constructs';
import { packageFile } from '../../blueprints/package-root';
import { at, listAt, objectOf } from '../support/objects';

const synthesis = synthesizeConfig(packageFile('blueprints', 'nace-coding', 'config.yaml'));

/** Every settings file of the case that stands in a ConfigMap, by the name of the ConfigMap without its hash. */
const settings = new Map(
  synthesis.objects.flatMap(({ manifest }) => {
    const text = at(manifest, 'data', 'settings.json') ?? at(manifest, 'data', 'config.json');
    const name = manifest.metadata.name.replace(/-[0-9a-f]{10}$/, '');
    return manifest.kind === 'ConfigMap' && typeof text === 'string'
      ? [[name, JSON.parse(text) as unknown] as const]
      : [];
  }),
);

const fixture = (name: string) => synthesizeConfig(packageFile('test', 'fixtures', 'config', `${name}.happy.yaml`));

const workflowOf = (kind: string, name: string) => objectOf(synthesis, kind, name);

/** The value of an environment variable of a step. */
function variable(container: unknown, name: string): unknown {
  return at(
    listAt(container, 'env').find((each) => at(each, 'name') === name),
    'value',
  );
}

describe('the parts of the coding case', () => {
  test('have one confidence', () => {
    expect([...settings.keys()].sort()).toEqual(['coding', 'monitoring-dashboard', 'monitoring-drift', 'retraining']);
    for (const file of settings.values()) expect(at(file, 'confidence')).toEqual({ index: 'margin', threshold: 0.8 });
  });

  test('have one place of records', () => {
    expect(at(settings.get('coding'), 'records', 'store')).toMatchObject({ bucket: 'nace', prefix: 'coding' });
    expect(at(settings.get('retraining'), 'store', 'url')).toBe('s3://nace/coding');
    for (const role of ['etl', 'drift']) {
      const [, step] = listAt(workflowOf('CronWorkflow', `monitoring-${role}`), 'spec', 'workflowSpec', 'templates');
      expect(variable(at(step, 'container'), 'NACE_DATA')).toBe('s3://nace/coding');
    }
  });

  test('have one model', () => {
    const [, train] = listAt(workflowOf('WorkflowTemplate', 'training'), 'spec', 'templates');
    expect(variable(at(train, 'container'), 'MLFLOW_MODEL_NAME')).toBe('nace-coding');
    for (const name of ['coding', 'retraining'])
      expect(at(settings.get(name), 'registry', 'model')).toBe('nace-coding');
  });
});

describe('a revision of the nomenclature', () => {
  const fixture = (name: string) => synthesizeConfig(join(__dirname, '..', 'fixtures', 'config', name));
  const commandsOf = (template: unknown) =>
    listAt(template, 'spec', 'templates').flatMap((each) => listAt(each, 'container', 'command'));
  const parameterOf = (template: unknown, name: string) =>
    at(
      listAt(template, 'spec', 'arguments', 'parameters').find((each) => at(each, 'name') === name),
      'value',
    );
  const retrainingOf = (of: typeof synthesis) => {
    const file = objectOf(of, 'ConfigMap', /^retraining-[0-9a-f]{10}$/);
    return at(JSON.parse(String(at(file, 'data', 'settings.json'))), 'retraining', 'workflow', 'parameters');
  };
  const under = fixture('coding-revision.happy.yaml');
  const after = fixture('coding-revised.happy.yaml');

  test('is trained for beside the present one, from what people chose, by the account that owns the model', () => {
    const [present, next] = ['training', 'training-revision'].map((name) => objectOf(under, 'WorkflowTemplate', name));
    expect(commandsOf(present)).toContain('naf2');
    expect(commandsOf(next)).toContain('nace21');
    expect(commandsOf(next)).not.toContain('naf2');
    expect(parameterOf(present, 'annotations')).toBe('none');
    expect(parameterOf(next, 'annotations')).toBe('s3://nace/coding/gold/nace21.parquet');
    const users = ['training', 'training-revision'].map(
      (name) => under.secrets.find((secret) => secret.name === `${name}-registry`)?.data['username'],
    );
    expect(users).toEqual(['service.training', 'service.training']);
    expect(objectOf(under, 'CronWorkflow', 'annotation-revision')).toBeDefined();
    expect(objectOf(under, 'Application', 'training-revision')).toBeDefined();
  });

  test('leaves the retraining in the nomenclature of production, before and afterwards', () => {
    expect(retrainingOf(under)).toEqual({ annotations: 's3://nace/coding/gold/gold.parquet' });
    expect(retrainingOf(after)).toEqual({ annotations: 's3://nace/coding/gold/nace21.parquet' });
  });

  test('is over for the training when production has followed it, and goes on for what people say', () => {
    expect(commandsOf(objectOf(after, 'WorkflowTemplate', 'training'))).toContain('nace21');
    expect(() => objectOf(after, 'WorkflowTemplate', 'training-revision')).toThrow();
    expect(objectOf(after, 'CronWorkflow', 'annotation-revision')).toBeDefined();
  });
});

describe('the grid', () => {
  const template = workflowOf('WorkflowTemplate', 'training');

  test('gives each parameter as the option that the program knows, and the best run is chosen among those of this workflow', () => {
    const [, train, select] = listAt(template, 'spec', 'templates');
    const command = listAt(train, 'container', 'command');
    expect(command.slice(command.indexOf('--dim'))).toEqual([
      ...['--dim', '{{inputs.parameters.dim}}', '--word-ngrams', '{{inputs.parameters.wordNgrams}}'],
    ]);
    for (const step of [train, select]) {
      const words = listAt(step, 'container', 'command');
      expect(words[words.indexOf('--grid') + 1]).toBe('{{workflow.name}}');
    }
    expect(listAt(template, 'spec', 'templates', 0, 'dag', 'tasks')).toContainEqual(
      expect.objectContaining({ name: 'select', dependencies: ['train'] }),
    );
  });

  test('is started by the trigger, with what people said, and by nobody else of the platform', () => {
    expect(at(settings.get('retraining'), 'retraining', 'workflow')).toEqual({
      namespace: template.metadata.namespace,
      template: template.metadata.name,
      parameters: { annotations: 's3://nace/coding/gold/gold.parquet' },
    });
    const parameters = listAt(template, 'spec', 'arguments', 'parameters').map((each) => at(each, 'name'));
    expect(parameters).toContain('annotations');
    const creators = synthesis.objects.filter(
      ({ manifest }) =>
        manifest.kind === 'Role' &&
        listAt(manifest, 'rules').some(
          (rule) => listAt(rule, 'resources').includes('workflows') && listAt(rule, 'verbs').includes('create'),
        ),
    );
    const names = creators.map(({ manifest }) => manifest.metadata.name);
    expect(names).toContain('nace-retraining-retraining');
    expect(names.filter((name) => !name.startsWith('argo'))).toEqual(['nace-retraining-retraining']);
  });
});

describe('the login', () => {
  const loginOf = (made: Synthesis) => {
    const { manifest } =
      made.objects.find(({ manifest: each }) => at(each, 'data', 'oauth2-proxy.cfg') !== undefined) ?? {};
    const argo = made.objects.find(({ manifest: each }) => at(each, 'data', 'sso') !== undefined)?.manifest;
    return {
      pages: String(at(manifest, 'data', 'oauth2-proxy.cfg')),
      workflows: JSON.parse(String(at(argo, 'data', 'sso'))) as unknown,
      delivery: objectOf(made, 'ConfigMap', 'argocd-cm'),
      policy: String(at(objectOf(made, 'ConfigMap', 'argocd-rbac-cm'), 'data', 'policy.csv')),
    };
  };

  test('of a provider of theirs is one for the pages, the workflows and Argo CD: one issuer, the same groups, a client each', () => {
    const made = fixture('coding-login');
    const { pages, workflows, delivery, policy } = loginOf(made);
    const issuer = 'https://login.example.org/realms/office';
    for (const line of [
      `oidc_issuer_url = "${issuer}"`,
      'client_id = "nace-pages"',
      'redirect_url = "https://monitoring.data.example.org/oauth2/callback"',
      'allowed_groups = ["Coders@office","statisticians"]',
      'provider_ca_files = ["/etc/login-authority/ca.crt"]',
    ]) {
      expect(pages.split('\n')).toContain(line);
    }
    expect(workflows).toMatchObject({ issuer, redirectUrl: 'https://runs.data.example.org/oauth2/callback' });
    const rules = made.objects.flatMap(({ manifest }) => {
      const annotations = manifest.metadata.annotations ?? {};
      return manifest.kind === 'ServiceAccount' ? [annotations['workflows.argoproj.io/rbac-rule']] : [];
    });
    expect(rules.filter((rule) => rule !== undefined).sort()).toEqual([
      '"Coders@office" in groups',
      '"statisticians" in groups',
    ]);
    expect(JSON.parse(String(at(delivery, 'data', 'oidc.config')))).toMatchObject({ issuer, clientID: 'nace-argo-cd' });
    expect(at(delivery, 'data', 'admin.enabled')).toBe('false');
    expect(policy).toBe('g, Coders@office, role:admin\ng, statisticians, role:readonly\n');
    const expected = made.expectedSecrets.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(expected).toEqual(
      expect.arrayContaining(['office-monitoring/monitoring-dashboard-login', 'office-argo/argo-sso']),
    );
  });

  test('of a Keycloak of its own is made with everything: clients, groups and secrets, and the way to it', () => {
    const made = fixture('coding-login-keycloak');
    const state = objectOf(made, 'ConfigMap', /^keycloak-reconcile-/);
    const { clients, groups } = JSON.parse(String(at(state, 'data', 'realm.json'))) as Record<string, unknown[]>;
    expect(groups).toEqual(['coders']);
    const realmClients = (clients ?? []).map((client) => at(client, 'representation'));
    expect(realmClients).toMatchObject([
      { clientId: 'argo-cd', publicClient: true, attributes: { 'access.token.lifespan': '1800' } },
      { clientId: 'monitoring', publicClient: false, attributes: { 'pkce.code.challenge.method': 'S256' } },
      { clientId: 'workflows', publicClient: false, attributes: { 'pkce.code.challenge.method': '' } },
    ]);
    const valueIn = (namespace: string, name: string) =>
      made.secrets.find((secret) => secret.namespace === namespace && secret.name === name)?.data['clientSecret'];
    expect(valueIn('office-monitoring', 'monitoring-dashboard-login')).toEqual(
      valueIn('office-keycloak', 'keycloak-client-monitoring'),
    );
    expect(valueIn('office-argo', 'argo-sso')).toMatchObject({ id: 'keycloak-client-workflows' });
    const { pages } = loginOf(made);
    expect(pages).toContain('redeem_url = "https://keycloak.office-keycloak.svc.cluster.local:8443/realms/datalab/');
    const ways = listAt(objectOf(made, 'NetworkPolicy', 'argo-cd'), 'spec', 'egress').map((hole) =>
      at(hole, 'to', 0, 'namespaceSelector', 'matchLabels', 'kubernetes.io/metadata.name'),
    );
    expect(ways).toContain('traefik');
  });

  test('is asked for by nobody where there is no identity', () => {
    expect(synthesis.objects.filter(({ manifest }) => at(manifest, 'data', 'oauth2-proxy.cfg') !== undefined)).toEqual(
      [],
    );
    expect(synthesis.secrets.map(({ name }) => name)).toContain('monitoring-dashboard-readers');
  });
});
