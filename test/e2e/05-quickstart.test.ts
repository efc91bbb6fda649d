import { attempt, type Finished } from './support/commands';
import { boutureOk, leftovers } from './support/stack';
import { say } from './support/waiting';

/** The README's first command, as a new user types it, on the cluster of the tests. */
describe('npm run quickstart', () => {
  const PLATFORM = 'bouture';
  let wasThere: boolean;
  let finished: Finished;

  beforeAll(async () => {
    wasThere = (await leftovers(PLATFORM)).length > 0;
    finished = await attempt('npm', ['run', '--silent', 'quickstart'], { timeoutSeconds: 1800 });
    say(`quickstart: ${finished.seconds.toFixed(0)} s`);
  });

  afterAll(async () => {
    // What a person had deployed before stays theirs.
    if (!wasThere) await boutureOk(['down', '--delete-data']);
  });

  test('ends well', () => {
    expect(finished).toMatchObject({ code: 0 });
    expect(finished.output).toMatch(/== Done in /);
  });

  test('has trained, registered and used a model', () => {
    const answers = finished.stdout
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(answers).toHaveLength(2);
    const [work, readBack] = answers;
    expect(readBack).toMatchObject({
      runId: work?.['runId'],
      version: work?.['version'],
      coded: { 'hotel and restaurant': 'I' },
    });
  });

  test('ends with what to do next', () => {
    expect(finished.output).toContain('npx bouture down');
  });
});
