import { join } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
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
  const parametersOf = (template: unknown) =>
    Object.fromEntries(
      listAt(template, 'spec', 'arguments', 'parameters').map((each) => [at(each, 'name'), at(each, 'value')]),
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
    expect(parametersOf(present)['annotations']).toBe('none');
    expect(parametersOf(next)['annotations']).toBe('s3://nace/coding/gold/nace21.parquet');
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
