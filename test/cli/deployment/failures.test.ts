import { describeFailure, Failures } from '../../../cli/deployment/failures';
import { event, urnOf } from './events';

function told(
  ...errors: readonly { urn?: string; message: string; severity?: 'error' | 'warning' }[]
): readonly string[] {
  const failures = new Failures();
  for (const { severity = 'error', ...error } of errors) {
    failures.handle(event({ diagnosticEvent: { color: 'never', severity, ...error } }));
  }
  return failures.all.flatMap(describeFailure);
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

  test('does not include warnings', () => {
    expect(told({ urn, message: 'deprecated', severity: 'warning' })).toEqual([]);
  });
});
