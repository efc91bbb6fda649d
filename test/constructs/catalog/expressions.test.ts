import {
  choose,
  defineService,
  each,
  equals,
  isSet,
  kept,
  launch,
  object,
  objectName,
  release,
  text,
  unless,
  value,
  valuesOf,
  when,
} from '../../../constructs';
import { chartOf } from '../../../constructs';
import { PLAIN } from './fixture';

const names = value.list(value.text({ default: '' }), { default: ['a', 'b'] });
const schema = {
  resources: value.group({}, { limits: value.group({}, { cpu: value.text({ default: '1' }) }) }),
  enabled: value.flag({ default: true }),
  size: value.whole({ default: 3 }),
  names,
};
const values = valuesOf(schema);

/** The template of a ConfigMap with these data, and what a launch makes of it. */
function configMap(data: Parameters<typeof object<'ConfigMap'>>[2]['data'], given: Parameters<typeof launch>[1] = {}) {
  const service = defineService({
    ...PLAIN,
    values: schema,
    render: () => ({ objects: [object('ConfigMap', '', data === undefined ? {} : { data })], notes: ['x'] }),
  });
  const template = chartOf(service, 'en').files.get('templates/configmap.yaml') ?? '';
  return { template: template.slice(template.indexOf('\ndata:') + 1), made: launch(service, given)[0] };
}

describe('a reference', () => {
  test('knows its type and its path', () => {
    expect(configMap({ cpu: values.resources.limits.cpu }).template).toBe(
      'data:\n  cpu: {{ $.Values.resources.limits.cpu | quote }}\n',
    );
  });

  test('to a value that the schema lacks does not compile, and names its path', () => {
    // @ts-expect-error no such value
    // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- it has no type, which is what is tested
    expect(() => values.resources.limits.memory).toThrow(
      'values.resources.limits.memory is not in the schema: values.resources.limits has cpu',
    );
  });

  test('is no text at build time', () => {
    expect(() => `${values.resources.limits.cpu as unknown as string}-x`).toThrow(/known at launch only.*write text/);
    expect(() => JSON.stringify({ cpu: values.resources.limits.cpu })).toThrow(/known at launch only/);
  });

  test('of another type does not compile', () => {
    // @ts-expect-error a number of Pods is no text
    object('Deployment', '', { spec: { replicas: values.resources.limits.cpu, selector: {}, template: {} } });
    expect(object('Deployment', '', { spec: { replicas: values.size, selector: {}, template: {} } }).kind).toBe(
      'Deployment',
    );
  });
});

describe('expressions', () => {
  test('stand within texts', () => {
    const { template, made } = configMap({ a: text`100% of ${release.name}: ${values.size} {{x}}` });
    expect(template).toContain('{{ printf "100%% of %s: %d {{x}}" $.Release.Name (int64 $.Values.size) | quote }}');
    expect(made?.['data']).toEqual({ a: '100% of test: 3 {{x}}' });
  });

  test('of maps, lists and fractions have no form as text', () => {
    // @ts-expect-error a list in a text
    expect(() => text`${values.names}`).toThrow('a list has no single form as text');
  });

  test('decide, compare and fall back', () => {
    const { made } = configMap(
      {
        chosen: choose<string>(equals(values.size, 3), 'three', 'other'),
        set: choose<string>(isSet(values.resources.limits.cpu), 'yes', 'no'),
      },
      { values: { resources: { limits: { cpu: '' } } } },
    );
    expect(made?.['data']).toEqual({ chosen: 'three', set: 'no' });
  });

  test('choose two of a kind', () => {
    expect(() => choose<string | number>(values.enabled, 'a', 1)).toThrow('choose() takes two of a kind');
  });
});

describe('parts under conditions', () => {
  test('come and go, and take with them the map that holds nothing else', () => {
    const data = { data: { a: when(values.enabled, 'x') } };
    const service = defineService({
      ...PLAIN,
      values: schema,
      render: () => ({ objects: [object('ConfigMap', '', data)], notes: ['x'] }),
    });
    expect(launch(service)[0]).toHaveProperty('data', { a: 'x' });
    expect(launch(service, { values: { enabled: false } })[0]).not.toHaveProperty('data');
    expect(chartOf(service, 'en').files.get('templates/configmap.yaml')).toContain(
      '{{- if $.Values.enabled }}\ndata:\n{{- if $.Values.enabled }}\n  a: x\n{{- end }}\n{{- end }}\n',
    );
  });

  test('are objects too', () => {
    const service = defineService({
      ...PLAIN,
      values: schema,
      render: () => ({
        objects: [unless(values.enabled, object('ConfigMap', '', { data: { a: 'x' } }))],
        notes: ['x'],
      }),
    });
    expect(launch(service)).toEqual([]);
    expect(launch(service, { values: { enabled: false } })).toHaveLength(1);
  });

  test('repeat for each item of a list', () => {
    const service = defineService({
      ...PLAIN,
      values: schema,
      render: () => ({
        objects: [
          object('Pod', '', {
            spec: {
              containers: [
                { name: 'c', env: [each(values.names, names, (name) => ({ name: text`X_${name}`, value: name }))] },
              ],
            },
          }),
        ],
        notes: ['x'],
      }),
    });
    const env = (objects: ReturnType<typeof launch>) =>
      (objects[0]?.['spec'] as { containers: readonly { env?: unknown }[] }).containers[0]?.env;
    expect(env(launch(service))).toEqual([
      { name: 'X_a', value: 'a' },
      { name: 'X_b', value: 'b' },
    ]);
    expect(env(launch(service, { values: { names: [] } }))).toBeUndefined();
  });

  test('take a boolean', () => {
    // @ts-expect-error a text is no condition
    expect(() => when(values.resources.limits.cpu, 'x')).toThrow('a condition is a boolean');
  });
});

describe('a generated value', () => {
  const secret = (key: string, kind: 'Secret' | 'ConfigMap' = 'Secret') =>
    defineService({
      ...PLAIN,
      render: () => ({
        objects: [
          kind === 'Secret'
            ? object('Secret', 'password', { stringData: { [key]: kept(objectName('password'), 'password') } })
            : object('ConfigMap', 'password', { data: { [key]: kept(objectName('password'), 'password') } }),
        ],
        notes: ['x'],
      }),
    });

  test('is kept by its Secret', () => {
    const service = secret('password');
    const live = { name: 'test-password', annotations: {}, data: { password: 'hunter2hunter2hunter2' } };
    expect(launch(service, { secrets: [live] })[0]?.['stringData']).toEqual({ password: 'hunter2hunter2hunter2' });
    expect(launch(service)[0]?.['stringData']).toEqual({ password: 'randomrandomrandomrandomrandomra' });
    expect(chartOf(service, 'en').files.get('templates/secret-password.yaml')).toContain('include "bouture.kept"');
  });

  test('stands nowhere else: there it would be another one', () => {
    expect(() => chartOf(secret('other'), 'en')).toThrow('refer to the key of the Secret');
    expect(() => chartOf(secret('password', 'ConfigMap'), 'en')).toThrow(/ConfigMap "password"\.data\.password/);
  });
});

describe('the label with the chart', () => {
  const labelled = (version: string) =>
    defineService({ ...PLAIN, version, render: () => ({ objects: [object('Secret', '', {})], notes: ['x'] }) });

  test('is filled in by Helm, so that a template holds no version', () => {
    expect(chartOf(labelled('1.2.3'), 'en').files.get('templates/secret.yaml')).toContain(
      '    helm.sh/chart: {{ include "bouture.label" (printf "sample-%s" $.Chart.Version) | quote }}\n',
    );
  });

  test.each([
    ['1.2.3', 'sample-1.2.3'],
    ['1.2.3-rc.1', 'sample-1.2.3-rc.1'],
    [`1.2.3-${'a'.repeat(49)}.${'b'.repeat(9)}`, `sample-1.2.3-${'a'.repeat(49)}`],
  ])('is a label for version %s', (version, label) => {
    expect(launch(labelled(version))[0]?.metadata.labels).toMatchObject({ 'helm.sh/chart': label });
  });
});

describe('an object', () => {
  test('has the name that the software fixes, for Helm, for a launch and for what it keeps', () => {
    const fixed = object(
      'Secret',
      'settings',
      { stringData: { key: kept('argocd-secret', 'key') } },
      { name: 'argocd-secret' },
    );
    const service = defineService({ ...PLAIN, render: () => ({ objects: [fixed], notes: ['x'] }) });
    expect(chartOf(service, 'en').files.get('templates/secret-settings.yaml')).toContain('  name: argocd-secret\n');
    expect(launch(service)[0]?.metadata.name).toBe('argocd-secret');
    const live = { name: 'argocd-secret', annotations: {}, data: { key: 'hunter2hunter2hunter2' } };
    expect(launch(service, { secrets: [live] })[0]?.['stringData']).toEqual({ key: 'hunter2hunter2hunter2' });
    expect(() => object('Secret', 'settings', {}, { name: 'Argo_CD' })).toThrow(
      'name "Argo_CD" of a Secret: expected a DNS label',
    );
  });

  test('has an id that leaves room for the name of the release', () => {
    expect(() => object('Secret', 'credentials-of-all', {})).toThrow('at most 10 of a-z');
  });

  test('is made once', () => {
    const twice = [object('Secret', 'a', {}), object('Secret', 'a', {})];
    const service = defineService({ ...PLAIN, render: () => ({ objects: twice, notes: ['x'] }) });
    expect(() => chartOf(service, 'en')).toThrow('chart "sample" makes Secret "a" twice');
  });

  test('has a name that is a DNS label for the longest name of a release', () => {
    const service = defineService({
      ...PLAIN,
      render: () => ({ objects: [object('Secret', 'abcdefghij', {})], notes: ['x'] }),
    });
    const [made] = launch(service, { release: { name: `${'r'.repeat(51)}-x`, namespace: 'user-a' } });
    expect(made?.metadata.name).toBe(`${'r'.repeat(51)}-abcdefghij`);
  });
});
