import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { platformImages } from '../../../tools/cluster/image-manifest';
import { packageRoot } from '../../../tools/cluster/paths';
import { commandFor, tryCommands } from '../../../tools/images/try';
import { linterOf } from '../../../tools/lint-pipelines/lint';
import { findTargets, foldersOf, SHARED, targetsTouchedBy } from '../../../tools/pipeline/targets';

const targets = findTargets();
const names = (chosen: ReturnType<typeof findTargets>) => chosen.map(({ image }) => image.name);

describe('the images of workloads/', () => {
  test('are one for each folder of the coding case', () => {
    const folders = readdirSync(join(packageRoot(), 'workloads/nace-coding'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `nace-coding/${name}`);
    expect(targets.map(({ workload }) => workload.name)).toEqual(folders.sort());
  });

  test('are missed by name where no entry builds them', () => {
    const workloads = targets.map(({ workload }) => workload);
    const without = platformImages().filter(({ name }) => name !== 'nace-etl' && name !== 'nace-training');
    expect(() => findTargets(workloads, without)).toThrow(
      'no image is made of workloads/nace-coding/etl, workloads/nace-coding/training: add an entry',
    );
  });

  test('each have a command by which they are tried', () => {
    const commands = tryCommands();
    for (const { image } of targets) {
      // Those that have none there tell what they can do by themselves.
      expect(commandFor(image.name, ['python', '--help'], commands)).not.toContain('serve');
    }
    expect(Object.keys(commands)).toEqual(expect.arrayContaining(['nace-dashboard', 'nace-inference']));
  });
});

describe('a change concerns', () => {
  test.each([
    ['one folder, its image alone', ['workloads/nace-coding/etl/nace_monitoring/etl.py'], ['nace-etl']],
    [
      'two folders, both',
      ['workloads/nace-coding/etl/a', 'workloads/nace-coding/training/b'],
      ['nace-etl', 'nace-training'],
    ],
    ['the image that one stands on, that one', ['images/dashboard/Dockerfile'], ['nace-dashboard']],
    ['the ground of all, all', ['images/base/Dockerfile'], names(targets)],
    ['documentation, none', ['docs/gitops.md', 'workloads/nace-coding/README.md'], []],
    ['a folder whose name only begins alike, none', ['workloads/nace-coding/etl-2/x'], []],
  ])('%s', (_, files, expected) => {
    expect(names(targetsTouchedBy(files, targets))).toEqual(expected);
  });

  test.each(SHARED)('all images when it is in %s', (place) => {
    expect(names(targetsTouchedBy([place.endsWith('/') ? `${place}x` : place], targets))).toEqual(names(targets));
  });

  test('an image with what it stands on', () => {
    const dashboard = targets.find(({ image }) => image.name === 'nace-dashboard');
    if (dashboard === undefined) throw new Error('not found');
    expect(foldersOf(dashboard)).toEqual(expect.arrayContaining(['images/base/', 'images/dashboard/']));
    expect(foldersOf(dashboard)).toContain('workloads/nace-coding/dashboard/');
  });
});

test.each([
  ['.github/workflows/workloads.yaml', 'actionlint'],
  ['examples/gitops/workflows/promote.yaml', 'actionlint'],
  ['examples/gitops/promote.sh', 'shellcheck'],
  ['.ci/run', 'shellcheck'],
  ['workloads/nace-coding/etl/Dockerfile', 'hadolint'],
  ['images.lock.yaml', undefined],
  ['docs/gitops.md', undefined],
])('%s is read by %s', (file, linter) => {
  expect(linterOf(file)).toBe(linter);
});
