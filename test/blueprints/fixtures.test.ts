import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadConfig, type Problem, synthesizeConfig } from '../../blueprints';
import { sentence } from '../../blueprints/config/problems';
import { synthesizeLoaded } from '../../blueprints/load';
import { imagesCanBePulled } from '../../blueprints/rules/images';
import type { Sections } from '../../blueprints/sections/platform';
import { usedImages } from '../../cli/images';

const FOLDER = join(__dirname, '..', 'fixtures', 'config');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
const happy = files.filter((file) => file.endsWith('.happy.yaml'));

/** The secret that stands in the fixtures about secrets, and may stand in no message. */
const CANARY = 'hunter2';

function problemsOf(file: string): readonly Problem[] {
  try {
    loadConfig(join(FOLDER, file));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** What the comments of a fixture expect: `# expect: path: part of what is told`. */
function expectations(file: string): { path: string; told: string }[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return [...text.matchAll(/^# expect: ?(?<path>\S*?): (?<told>.*)$/gm)].map(({ groups }) => ({
    path: groups?.['path'] ?? '',
    told: groups?.['told'] ?? '',
  }));
}

describe('a file that is right', () => {
  test.each(happy)('%s is accepted and synthesizes', (file) => {
    expect(problemsOf(file)).toEqual([]);
    // Base64 may spell anything.
    const text = JSON.stringify(synthesizeConfig(join(FOLDER, file)).objects, (key, value: unknown) =>
      key === 'binaryData' ? undefined : value,
    );
    expect(text).not.toMatch(/undefined|NaN|\[object Object\]/);
  });
});

test.each(happy)('the lock file must have every image that %s uses', (file) => {
  const loaded = loadConfig(join(FOLDER, file));
  const platform = loaded.compose();
  const used = usedImages(synthesizeLoaded(loaded, platform), platform.images, Object.keys(loaded.images));
  const lacking = [...imagesCanBePulled({ ...(loaded.config as Sections), images: {} }, {})].map(
    ({ message }) => message,
  );
  // Images of charts are those of a catalog's services: the office's own catalogs name theirs.
  const ofPods = used.filter(({ usedBy }) => usedBy.some(({ kind }) => kind !== 'Chart'));
  expect(lacking).toEqual(
    expect.arrayContaining(ofPods.flatMap(({ key }) => (key === null ? [] : `the lock file lacks the image ${key}`))),
  );
});

describe('a file that is wrong', () => {
  test.each(files.filter((file) => file.endsWith('.error.yaml')))(
    '%s is refused with exactly what it expects',
    (file) => {
      const problems = problemsOf(file);
      const expected = expectations(file);
      expect(problems.map(({ path }) => path).sort()).toEqual(expected.map(({ path }) => path).sort());
      for (const { path, told } of expected) {
        const sentences = problems.filter((problem) => problem.path === path).map(sentence);
        expect(sentences).toContainEqual(expect.stringContaining(told));
      }
      expect(JSON.stringify(problems)).not.toContain(CANARY);
    },
  );

  test('every fixture says what it expects', () => {
    const mute = files.filter((file) => file.endsWith('.error.yaml') && expectations(file).length === 0);
    expect(mute).toEqual([]);
    expect(files.filter((file) => !/\.(happy|error)\.yaml$/.test(file))).toEqual([]);
  });
});
