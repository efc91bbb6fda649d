import { DiffKind } from '@pulumi/pulumi/automation/events';
import type { StepEventMetadata } from '@pulumi/pulumi/automation';
import { Changes, describeChange } from '../../../cli/deployment/changes';
import { event, state, step } from './events';

function told(...steps: readonly StepEventMetadata[]): readonly string[] {
  const changes = new Changes();
  for (const metadata of steps) changes.handle(event({ resourcePreEvent: { metadata } }));
  return changes.all.flatMap(describeChange);
}

const update = { diffKind: DiffKind.update, inputDiff: false };

describe('what an update changes', () => {
  test('is told field by field, with what is there and what comes', () => {
    const old = state({ spec: { replicas: 3, template: { spec: { containers: [{ image: 'other:2' }] } } } });
    const next = state({ spec: { replicas: 1, template: { spec: { containers: [{ image: 'web:1' }] } } } });
    const detailedDiff = { 'spec.replicas': update, 'spec.template.spec.containers[0].image': update };
    expect(told(step('update', 'apps/v1:Deployment', 'demo/web', { old, new: next, detailedDiff }))).toEqual([
      '~ Deployment demo/web  update',
      '    spec.replicas: 3 -> 1',
      '    spec.template.spec.containers[0].image: "other:2" -> "web:1"',
    ]);
  });

  test('is told for keys with dots, fields that come and fields that go', () => {
    const old = state({ metadata: { labels: { gone: 'x' } } });
    const next = state({ metadata: { labels: { 'app.kubernetes.io/name': 'web' } } });
    const detailedDiff = {
      'metadata.labels["app.kubernetes.io/name"]': { diffKind: DiffKind.add, inputDiff: false },
      'metadata.labels.gone': { diffKind: DiffKind.delete, inputDiff: false },
    };
    expect(told(step('update', 'core/v1:Service', 'demo/web', { old, new: next, detailedDiff }))).toEqual([
      '~ Service demo/web  update',
      '    metadata.labels["app.kubernetes.io/name"]: + "web"',
      '    metadata.labels.gone: - "x"',
    ]);
  });

  test('is not what Pulumi only forgets', () => {
    const kept = { ...state({}), retainOnDelete: true };
    const name = 'surveys.example.org';
    expect(told(step('delete', 'apiextensions.k8s.io/v1:CustomResourceDefinition', name, { old: kept }))).toEqual([]);
    expect(told(step('delete', 'core/v1:Service', 'demo/web', { old: state({}) }))).toHaveLength(1);
  });

  test('never tells what a Secret holds', () => {
    const old = state({ data: { password: 'Y2FuYXJ5LW9sZA==' } });
    const next = state({ data: { password: 'Y2FuYXJ5LW5ldw==' } });
    const lines = told(
      step('update', 'core/v1:Secret', 'demo/root', { old, new: next, detailedDiff: { 'data.password': update } }),
    );
    expect(lines).toEqual(['~ Secret demo/root  update', '    data.password: (secret) -> (secret)']);
  });

  test('includes what is made and what goes, by the name that people know', () => {
    expect(
      told(
        step('create', 'networking.k8s.io/v1:NetworkPolicy', 'demo/web'),
        step('delete', 'core/v1:Namespace', 'demo'),
      ),
    ).toEqual(['+ NetworkPolicy demo/web  create', '- Namespace demo  delete']);
  });

  test('tells a replacement once, with the fields that force it', () => {
    const detailedDiff = { 'spec.selector': { diffKind: DiffKind.updateReplace, inputDiff: false } };
    const replace = { old: state({ spec: { selector: 1 } }), new: state({ spec: { selector: 2 } }), detailedDiff };
    const [type, name] = ['apps/v1:Deployment', 'demo/web'];
    expect(
      told(
        step('delete-replaced', type, name),
        step('replace', type, name, replace),
        step('create-replacement', type, name),
      ),
    ).toEqual(['! Deployment demo/web  replace', '    spec.selector: 1 -> 2']);
  });

  test('leaves out what stays, what is only looked at, and what is no object', () => {
    const component = {
      ...step('create', 'core/v1:Service', 'demo/web'),
      urn: 'urn:pulumi:dev::bouture::bouture:platform:Platform::demo',
    };
    expect(
      told(step('same', 'core/v1:Service', 'demo/web'), step('refresh', 'core/v1:Service', 'demo/web'), component),
    ).toEqual([]);
  });

  test('cuts long values', () => {
    const old = state({ data: { text: 'x'.repeat(1000) } });
    const [, line = ''] = told(
      step('update', 'core/v1:ConfigMap', 'demo/web', { old, new: old, detailedDiff: { 'data.text': update } }),
    );
    expect(line.length).toBeLessThan(250);
  });
});
