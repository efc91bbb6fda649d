import type { Field } from '../field';
import type { ObjectRule } from '../rule';

const EVERY_OBJECT = ['app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by'];
const EVERY_POD = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/component',
  'app.kubernetes.io/part-of',
];

/** What the API server accepts as a label's value. */
const VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

export const recommendedLabels: ObjectRule = {
  id: 'recommended-labels',
  level: 'error',
  scope: 'object',
  why: 'Labels tell an operator, a dashboard and a policy what an object belongs to and who made it.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/',
  fix: 'use component.labels(software, role, version)',
  *check({ root, pod }) {
    yield* missing(root.at('metadata', 'labels'), EVERY_OBJECT);
    if (pod !== undefined) yield* missing(pod.metadata.at('labels'), EVERY_POD);
  },
};

function* missing(labels: Field, wanted: readonly string[]): Generator<{ field: string; message: string }> {
  for (const label of wanted) {
    const field = labels.at(label);
    if (field.text === undefined || field.text === '') yield { field: field.path, message: 'is not given' };
  }
  for (const [, field] of labels.entries()) {
    if (!VALUE.test(field.text ?? ' '))
      yield { field: field.path, message: `${JSON.stringify(field.value)} is not a label value` };
  }
}
