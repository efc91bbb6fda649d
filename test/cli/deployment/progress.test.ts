import { Progress, type Screen } from '../../../cli/deployment/progress';
import { event, step, urnOf } from './events';

const PARTS = new Map([
  ['/Service/demo/store', 'store'],
  ['apps/StatefulSet/demo/store', 'store'],
  ['/ConfigMap/demo/web', 'web'],
]);

/** Progress with a clock of its own, and what it wrote. */
function follow(isTTY = false) {
  let now = 0;
  const written: string[] = [];
  const screen: Screen = { isTTY, columns: 60, write: (text) => written.push(text) };
  const progress = new Progress(PARTS, screen, () => now);
  const objects = {
    service: ['core/v1:Service', 'demo/store'],
    set: ['apps/v1:StatefulSet', 'demo/store'],
    map: ['core/v1:ConfigMap', 'demo/web'],
  } as const;
  const stepOf = (which: keyof typeof objects, op: 'create' | 'same') => step(op, objects[which][0], objects[which][1]);
  return {
    text: () => written.join(''),
    pass: (seconds: number) => {
      now += seconds * 1000;
      progress.tick();
    },
    begin: (which: keyof typeof objects, op: 'create' | 'same' = 'create') => {
      progress.handle(event({ resourcePreEvent: { metadata: stepOf(which, op) } }));
    },
    end: (which: keyof typeof objects, op: 'create' | 'same' = 'create') => {
      progress.handle(event({ resOutputsEvent: { metadata: stepOf(which, op) } }));
    },
    note: (message: string) => {
      const urn = urnOf(...objects.set);
      progress.handle(event({ diagnosticEvent: { urn, message, color: 'never', severity: 'info', ephemeral: true } }));
    },
  };
}

describe('the progress of an update', () => {
  test('tells a part once all its objects are there and its Pods are ready', () => {
    const run = follow();
    run.begin('service');
    run.end('service');
    run.begin('set');
    run.end('set');
    expect(run.text()).toBe('');
    run.pass(12);
    run.note('ready');
    expect(run.text()).toBe('  store                     2 objects         12.0 s\n');
  });

  test('tells how much of a part has changed', () => {
    const run = follow();
    run.end('map', 'same');
    run.end('service', 'same');
    run.end('set');
    run.note('ready');
    expect(run.text()).toBe(
      '  web                       1 object           0.0 s  unchanged\n  store                     2 objects          0.0 s  1 changed\n',
    );
  });

  test('says what it waits for, now and then', () => {
    const run = follow();
    run.end('set');
    run.note('waiting for 1 of 1 Pods to be ready');
    run.pass(10);
    expect(run.text()).toBe('');
    run.pass(6);
    run.pass(1);
    expect(run.text()).toBe('  StatefulSet demo/store: waiting for 1 of 1 Pods to be ready\n');
  });

  test('shows what it waits for in one line that fits, where there is a terminal', () => {
    const run = follow(true);
    run.end('set');
    run.note(`waiting for ${'x'.repeat(100)}`);
    run.pass(3);
    const shown = run.text();
    expect(shown).toContain('StatefulSet demo/store: waiting for xxx');
    expect(shown.split(/[\r\n]/).every((line) => line.length < 60)).toBe(true);
    run.note('ready');
    expect(run.text().endsWith('\r')).toBe(true);
  });

  test('does not wait for what a refresh looks at', () => {
    const run = follow();
    run.note('[1/2] Waiting for StatefulSet to create Pods (0/1 Pods ready)');
    run.pass(60);
    expect(run.text()).toBe('');
  });
});
