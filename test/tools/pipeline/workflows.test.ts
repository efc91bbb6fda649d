import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../../tools/cluster/paths';
import { STEPS } from '../../../tools/pipeline/steps';
import { findTargets, foldersOf, SHARED } from '../../../tools/pipeline/targets';
import { at, listAt } from '../../support/objects';

const read = (name: string): unknown =>
  parse(readFileSync(join(packageRoot(), '.github/workflows', `${name}.yaml`), 'utf8'));
const all = read('workloads');
const one = read('workload-image');
const jobsOf = (workflow: unknown): readonly unknown[] => Object.values(at(workflow, 'jobs') as object);
const stepsOf = (workflow: unknown): readonly unknown[] =>
  jobsOf(workflow).flatMap((job) => (at(job, 'steps') === undefined ? [] : listAt(job, 'steps')));
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const steps = [...stepsOf(all), ...stepsOf(one)];
const imageSteps = listAt(one, 'jobs', 'image', 'steps');

test('actions are named by their commits', () => {
  const uses = steps.map((step) => text(at(step, 'uses'))).filter((use) => use !== '');
  expect(uses.length).toBeGreaterThan(5);
  expect(uses.filter((use) => !/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/.test(use))).toEqual([]);
});

test('no job may write to the repository, and none has more than it names', () => {
  for (const workflow of [all, one]) expect(at(workflow, 'permissions')).toEqual({});
  const given = [all, one].flatMap(jobsOf).map((job) => JSON.stringify(at(job, 'permissions')));
  expect(given.filter((each) => each !== '{}' && each !== '{"contents":"read"}')).toEqual([]);
});

test('nothing that somebody types or sends is put into a script', () => {
  expect(steps.map((step) => text(at(step, 'run'))).filter((script) => script.includes('${{'))).toEqual([]);
});

test('a matrix has a row for each image that a change concerns, and all of them by hand', () => {
  expect(at(all, 'jobs', 'image', 'strategy', 'matrix', 'image')).toBe('${{ fromJSON(needs.choose.outputs.images) }}');
  const script = listAt(all, 'jobs', 'choose', 'steps').map((step) => text(at(step, 'run')));
  expect(script.join('\n')).toMatch(
    /npm run --silent pipeline -- list "\$\{images\[@\]\}" \$\{SINCE:\+--since "\$SINCE"\}/,
  );
  expect(at(all, 'on', 'workflow_dispatch', 'inputs', 'images', 'default')).toBe('');
});

test.each(['push', 'pull_request'])('a %s of anything that an image is made of starts it', (event) => {
  const paths = listAt(all, 'on', event, 'paths').map(String);
  const places = [...SHARED, ...findTargets().flatMap(foldersOf)];
  const missed = places.filter(
    (place) =>
      !paths.some((path) => (path.endsWith('*') ? place.startsWith(path.replace(/\*+$/, '')) : path === place)),
  );
  expect(missed).toEqual([]);
});

test('an image goes through every step before it is pushed, in the order that runs elsewhere', () => {
  const carried = imageSteps.flatMap((step) => {
    const [, names = ''] = /pipeline -- run "\$IMAGE"((?: [a-z]+)+)/.exec(text(at(step, 'run'))) ?? [];
    return names
      .trim()
      .split(' ')
      .filter((name) => name !== '');
  });
  // The pull request is opened by the repository of configurations.
  expect([...carried, 'promote']).toEqual(Object.keys(STEPS));
});

test('nothing is pushed of what is not merged, and every step about the registry asks', () => {
  expect(text(at(all, 'jobs', 'image', 'with', 'push'))).toContain("github.event_name != 'pull_request'");
  expect(text(at(all, 'jobs', 'image', 'with', 'push'))).toContain('github.event.repository.default_branch');
  const about = imageSteps.filter((step) => /IMAGES_REGISTRY|secrets\./.test(JSON.stringify(step)));
  expect(about.map((step) => [at(step, 'name'), at(step, 'if')])).toEqual([
    ['log in', 'inputs.push'],
    ['push', 'inputs.push'],
  ]);
});

test('the password is there once everything is built and scanned, and by no command line', () => {
  const names = imageSteps.map((step) => text(at(step, 'name')));
  const holders = imageSteps.filter((step) => JSON.stringify(step).includes('secrets.'));
  expect(holders.map((step) => at(step, 'name'))).toEqual(['log in']);
  expect(names.indexOf('log in')).toBeGreaterThan(names.indexOf('build, try and scan'));
  expect(text(at(holders[0], 'run'))).toContain('--password-stdin');
});

test('the promotion is asked of the repository of configurations, when every image is pushed', () => {
  const job = at(all, 'jobs', 'promote');
  expect(at(job, 'needs')).toBe('image');
  expect(at(job, 'permissions')).toEqual({});
  const script = listAt(job, 'steps').map((step) => text(at(step, 'run')));
  expect(script.join('\n')).toContain('"repos/$REPOSITORY/dispatches"');
  const promote = parse(readFileSync(join(packageRoot(), 'examples/gitops/workflows/promote.yaml'), 'utf8')) as unknown;
  expect(at(promote, 'on', 'repository_dispatch', 'types')).toEqual(['promote']);
  expect(script.join('\n')).toContain(
    '--raw-field event_type=promote --raw-field "client_payload[settings]=$settings"',
  );
});

test('a later push waits for the one before it, whose push to the registry is not cut off', () => {
  expect(at(all, 'concurrency')).toEqual({
    group: 'workloads-${{ github.ref }}',
    'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
  });
});
