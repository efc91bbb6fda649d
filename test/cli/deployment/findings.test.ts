import type { Change } from '../../../cli/deployment/changes';
import { type Findings, report } from '../../../cli/deployment/findings';
import type { HandEdit } from '../../../cli/deployment/hand-edits';
import { nameOf } from '../../../cli/deployment/live-objects';

const OBJECT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'demo', resourceVersion: '1' },
};
const EDIT: HandEdit = { object: OBJECT, field: 'spec.paused', pointer: '/spec/paused', manager: 'kubectl-edit' };

function told(fields: Change['fields'], edits: readonly HandEdit[] = [EDIT]): readonly string[] {
  const findings: Findings = { manifests: [], edits, orphans: { removable: [], kept: [] }, asDeclared: false };
  return report([{ object: nameOf(OBJECT), action: 'update', fields }], findings, false).lines;
}

describe('an object that somebody edited', () => {
  const field = '~ Deployment demo/web  spec.paused: is not in the configuration (kubectl-edit)';

  test('is told once where Pulumi sees that something differs, and cannot say what', () => {
    expect(told([])).toEqual([field]);
  });

  test('is told with what Pulumi changes as well', () => {
    const replicas = { path: 'spec.replicas', from: '0', to: '1' };
    expect(told([replicas])).toEqual(['~ Deployment demo/web  update', '    spec.replicas: 0 -> 1', field]);
  });

  test('is told as an update where nobody knows more', () => {
    expect(told([], [])).toEqual(['~ Deployment demo/web  update']);
  });
});
