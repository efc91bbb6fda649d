import type { Launch } from './interpret-values';
import { evaluate } from './interpret-values';
import { presence, shapeOf } from './template';

/** What stands for a part that is not there. */
const ABSENT = Symbol('absent');

/**
 * What a template is at a launch, as plain data: exactly what `helm template` gives for it, which tests hold it to.
 *
 * @default - undefined when a condition leaves nothing of it
 */
export function evaluateTemplate(template: unknown, launch: Launch, where = 'object'): unknown {
  const part = evaluatePart(template, launch, where);
  return part === ABSENT ? undefined : part;
}

function evaluatePart(template: unknown, launch: Launch, where: string): unknown {
  if (evaluate(presence(template, where), launch) !== true) return ABSENT;
  const shape = shapeOf(template, where);
  switch (shape.shape) {
    case 'scalar':
      return shape.value;
    case 'expression':
      return evaluate(shape.node, launch);
    case 'conditional': {
      const branch = evaluate(shape.condition, launch) === true ? shape.then : shape.otherwise;
      return branch === undefined ? ABSENT : evaluatePart(branch, launch, where);
    }
    case 'repeated':
      return itemsOf(template, launch, where);
    case 'list':
      return shape.items.flatMap((item, index) => itemsOf(item, launch, `${where}[${index}]`));
    case 'map':
      return Object.fromEntries(
        shape.entries
          .map(([key, part]) => [key, evaluatePart(part, launch, `${where}.${key}`)] as const)
          .filter(([, part]) => part !== ABSENT),
      );
  }
}

/** The items that one entry of a list stands for. */
function itemsOf(item: unknown, launch: Launch, where: string): readonly unknown[] {
  const shape = shapeOf(item, where);
  switch (shape.shape) {
    case 'conditional': {
      const branch = evaluate(shape.condition, launch) === true ? shape.then : shape.otherwise;
      if (branch === undefined) return [];
      return Array.isArray(branch)
        ? branch.flatMap((each, index) => itemsOf(each, launch, `${where}[${index}]`))
        : itemsOf(branch, launch, where);
    }
    case 'repeated': {
      const list = evaluate(shape.list, launch);
      return (Array.isArray(list) ? list : []).flatMap((value: unknown) =>
        itemsOf(shape.item, { ...launch, items: { ...launch.items, [shape.variable]: value } }, where),
      );
    }
    case 'scalar':
    case 'expression':
    case 'list':
    case 'map': {
      const part = evaluatePart(item, launch, where);
      return part === ABSENT ? [] : [part];
    }
  }
}
