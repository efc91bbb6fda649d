import { finishedStep, gridCost } from '../../bench/support/grid';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 31, 8) + seconds * 1000).toISOString();
const span = (start: number, end: number) => ({ start: Date.parse(at(start)), end: Date.parse(at(end)) });
const pod = (start: number, end: number, more: object = {}) => ({
  type: 'Pod',
  templateName: 'train',
  phase: 'Succeeded',
  startedAt: at(start),
  finishedAt: at(end),
  ...more,
});

/** A grid of four, two at a time, each training 20 s of 26 s, and what Argo tells beside its Pods. */
const workflow = (status: object = {}) => ({
  metadata: { name: 'bench-1' },
  status: {
    phase: 'Succeeded',
    startedAt: at(0),
    finishedAt: at(90),
    nodes: {
      a: pod(2, 28),
      b: pod(2, 28),
      c: pod(30, 56),
      d: pod(30, 56),
      failed: pod(30, 34, { phase: 'Failed' }),
      retry: pod(2, 28, { type: 'Retry' }),
      select: pod(60, 88, { templateName: 'select' }),
    },
    ...status,
  },
});
const trainings = [span(7, 27), span(8, 28), span(35, 55), span(36, 56)];

test('a grid costs its wall time, to the end of its last training, by the sum of its trainings on all cores', () => {
  const step = finishedStep(workflow(), 'train');
  expect(step.pods).toHaveLength(4);
  expect(gridCost(step, trainings, 2)).toEqual({ ratio: 56 / 40, wallSeconds: 56, trainingSeconds: 80, slots: 2 });
});

test('more trainings at once than cores count as many, since each of them is as much slower', () => {
  const step = finishedStep(workflow(), 'train');
  expect(gridCost(step, [span(0, 40), span(0, 40), span(1, 41), span(40, 80)], 2)).toMatchObject({ slots: 3 });
  expect(gridCost(step, [span(0, 10), span(10, 20), span(20, 30), span(30, 40)], 2)).toMatchObject({ slots: 2 });
});

test.each([
  ['has not ended', workflow({ phase: 'Running' }), 'train', /bench-1: phase Running given, Succeeded expected/],
  ['has no such step', workflow(), 'trains', /no Pod of a step "trains"/],
  ['keeps its steps elsewhere', workflow({ nodes: undefined }), 'train', /no Pod of a step "train"/],
  ['has no start', workflow({ startedAt: null }), 'train', /nothing given, an instant expected/],
])('a workflow that %s is refused', (_, given, step, message) => {
  expect(() => finishedStep(given, step)).toThrow(message);
});

test('trainings of another grid are refused', () => {
  expect(() => gridCost(finishedStep(workflow(), 'train'), trainings.slice(1), 2)).toThrow('3 trainings for 4 Pods');
});
