import { Installation, objectsOf } from '../support/deployment';
import { round } from '../support/measure';
import type { Benchmark } from '../support/report';

/** Objects that one project makes, all without Pods. */
const OBJECTS_PER_PROJECT = 6;

/** A platform of nothing but projects: about `objects` objects and no Pod. */
function withoutPods(name: string, objects: number): string {
  const projects = Array.from({ length: Math.round(objects / OBJECTS_PER_PROJECT) }, (_, i) => `  - name: p${i}`);
  return ['apiVersion: bouture.dev/v1', 'blueprint: minimal', `name: ${name}`, 'projects:', ...projects, ''].join('\n');
}

interface Ups {
  readonly objects: number;
  readonly first: number;
  readonly second: number;
}

const measured = new Map<number, Ups>();

/** First and second `up` of so many objects; `kubectl diff` of them in between where asked for. Removes them again. */
function ups(objects: number, between?: (installation: Installation) => void): Ups {
  const known = measured.get(objects);
  if (known !== undefined && between === undefined) return known;
  const installation = new Installation(withoutPods(`bench-${objects}`, objects));
  try {
    const first = installation.bouture('up', installation.config);
    between?.(installation);
    const second = installation.bouture('up', installation.config);
    const found = { objects: objectsOf(installation), first: round(first), second: round(second) };
    measured.set(objects, found);
    return found;
  } finally {
    installation.remove();
    installation.dispose();
  }
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'second up beside kubectl diff, 500 objects without Pods',
    bound: { kind: 'at most', value: 0.333 },
    measure: () => {
      let diff = Number.NaN;
      const found = ups(500, (installation) => {
        diff = installation.kubectlDiff();
      });
      return {
        value: round(found.second / diff),
        unit: 'times',
        details: { unit: 'seconds', ...found, kubectlDiff: round(diff) },
      };
    },
  },
  {
    title: 'first up, 500 objects without Pods',
    bound: { kind: 'at most', value: 25 },
    measure: () => {
      const found = ups(500);
      return { value: found.first, unit: 'seconds', details: { ...found } };
    },
  },
  {
    title: 'time per object of a first up, 1,000 objects beside 100',
    bound: { kind: 'at most', value: 1.3 },
    measure: () => {
      const [few, many] = [ups(100), ups(1000)];
      return {
        value: round(many.first / many.objects / (few.first / few.objects)),
        unit: 'times',
        details: { unit: 'seconds', few, many },
      };
    },
  },
];
