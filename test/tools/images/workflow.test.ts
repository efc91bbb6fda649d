import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: object;
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

const FILE = join(__dirname, '../../../.github/workflows/images.yaml');
const { permissions, jobs } = load(readFileSync(FILE, 'utf8')) as {
  readonly permissions: object;
  readonly jobs: Readonly<Record<'rebuild' | 'propose', Job>>;
};
const steps = Object.values(jobs).flatMap((job) => job.steps);

describe('the weekly build of images', () => {
  test('names actions by their commits', () => {
    const uses = steps.flatMap((step) => step.uses ?? []);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((use) => !/@[0-9a-f]{40}$/.test(use))).toEqual([]);
  });

  test('may write to the repository only where nothing is built', () => {
    expect(permissions).toEqual({});
    expect(jobs.rebuild.permissions).toEqual({ contents: 'read' });
    expect(jobs.propose.steps.filter(({ run = '' }) => run.includes('npm'))).toEqual([]);
  });

  test('puts nothing that somebody types into a script', () => {
    expect(steps.filter(({ run = '' }) => run.includes('${{'))).toEqual([]);
  });

  test('has the password of the registry once everything is built and tried', () => {
    const names = jobs.rebuild.steps.map(({ name }) => name);
    const holders = jobs.rebuild.steps.filter(({ env }) => JSON.stringify(env ?? {}).includes('secrets.'));
    expect(holders.map(({ name }) => name)).toEqual(['log in']);
    expect(names.indexOf('log in')).toBeGreaterThan(names.indexOf('try'));
  });
});
