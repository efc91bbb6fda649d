import type { Field } from './field';

/** Labels or annotations. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Whether a label selector of the API (`matchLabels`, `matchExpressions`) matches labels. An empty selector matches everything.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function selects(selector: Field, labels: Labels): boolean {
  return (
    Object.entries(selector.at('matchLabels').textMap).every(([key, value]) => labels[key] === value) &&
    selector
      .at('matchExpressions')
      .items()
      .every((expression) => holds(expression, labels))
  );
}

function holds(expression: Field, labels: Labels): boolean {
  const value = labels[expression.at('key').text ?? ''];
  const values = expression
    .at('values')
    .items()
    .map(({ text }) => text);
  switch (expression.at('operator').text) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
