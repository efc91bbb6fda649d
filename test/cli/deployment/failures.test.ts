import { describeFailures, Failures } from '../../../cli/deployment/failures';
import { event, urnOf } from './events';

function told(
  ...errors: readonly { urn?: string; message: string; severity?: 'error' | 'warning' }[]
): readonly string[] {
  const failures = new Failures();
  for (const { severity = 'error', ...error } of errors) {
    failures.handle(event({ diagnosticEvent: { color: 'never', severity, ...error } }));
  }
  return describeFailures(failures.all);
}

describe('what went wrong', () => {
  const urn = urnOf('apps/v1:StatefulSet', 'demo/store');

  test('is told with the object, without URNs and bullets', () => {
    const message = `2 errors occurred:\n\t* resource "${urn}" was not created\n\t* quota exceeded\n\n`;
    expect(told({ urn, message })).toEqual([
      'StatefulSet demo/store',
      '  demo/store was not created',
      '  quota exceeded',
    ]);
  });

  test('keeps the lines of a log as they are', () => {
    expect(told({ urn, message: 'not ready\n  | * starting' })).toEqual([
      'StatefulSet demo/store',
      '  not ready',
      '    | * starting',
    ]);
  });

  test('is not summed up again by the engine', () => {
    expect(
      told({ urn, message: 'not ready' }, { message: '20-foundations is not ready' }, { message: 'update failed' }),
    ).toEqual(['StatefulSet demo/store', '  not ready']);
  });

  test('is told as it is where no object is at fault', () => {
    expect(told({ message: 'this stack has no seed' }, { message: 'update failed' })).toEqual([
      'this stack has no seed',
    ]);
  });

  test('is told once where many objects fail alike', () => {
    const message =
      'failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove';
    const urns = ['a', 'b', 'c', 'd'].map((name) => urnOf('core/v1:ConfigMap', `demo/${name}`));
    expect(told(...urns.map((each) => ({ urn: each, message })))).toEqual([
      '4 objects',
      '  the cluster does not answer',
    ]);
    expect(told(...urns.slice(2).map((each) => ({ urn: each, message: 'quota exceeded' })))).toEqual([
      'ConfigMap demo/c',
      'ConfigMap demo/d',
      '  quota exceeded',
    ]);
  });

  test('does not include warnings', () => {
    expect(told({ urn, message: 'deprecated', severity: 'warning' })).toEqual([]);
  });
});
