import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { claimsTable, commandFor, readClaims, readResults } from '../../tools/docs/claims';
import { deadLinks } from '../../tools/docs/links';
import { resultsOf } from '../../tools/docs/record';
import { stage } from '../../tools/docs/stage';
import { temporaryFolder } from '../support/temporary';

const root = temporaryFolder();
const ROOT = join(__dirname, '..', '..');

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe('pages of the site', () => {
  beforeAll(() => {
    write(
      'docs/a.md',
      '[b](sub/b.md#x) [picture](images/p.png) [readme](../images/README.md) [file](../run.sh) [out](https://x.example)\n',
    );
    write(
      'docs/sub/b.md',
      '[up](../a.md)\n```md\n[code](nowhere.md)\n```\n`[code](nowhere.md)` [folder](../../images)\n',
    );
    write('docs/images/p.png', '');
    write('images/README.md', '[next](next.md)\n');
    write('images/next.md', '');
    write('run.sh', '');
    write('docs/dead.md', 'first\n[gone](gone.md)\n');
  });

  test('stand with all that they link to, and every link leads there', () => {
    const { pages, assets, problems } = stage(root, ['docs/a.md']);
    expect(problems).toEqual([]);
    expect(Object.fromEntries(pages)).toEqual({
      'a.md':
        '[b](./sub/b.md#x) [picture](./images/p.png) [readme](./repository/images/index.md) [file](/repository/run.sh.txt) [out](https://x.example)\n',
      'sub/b.md':
        '[up](../a.md)\n```md\n[code](nowhere.md)\n```\n`[code](nowhere.md)` [folder](../repository/images/index.md)\n',
      'repository/images/index.md': '[next](./next.md)\n',
      'repository/images/next.md': '',
    });
    expect(Object.fromEntries(assets)).toEqual({
      'images/p.png': 'docs/images/p.png',
      'public/repository/run.sh.txt': 'run.sh',
    });
  });

  test('with a link that leads nowhere are told by file and line', () => {
    expect(stage(root, ['docs/dead.md']).problems).toEqual([
      'docs/dead.md:2: gone.md: there is no such file in the repository',
    ]);
  });

  test('as built are searched for links to pages, anchors and files that are not there', () => {
    write(
      'site/index.html',
      '<a href="/a.html#there">x</a><a href="/a.html#gone">x</a><a href="./b.html">x</a><img src="/p.png"><a href="#top">x</a>',
    );
    write('site/a.html', '<h2 id="there">x</h2><code>&quot; href=&quot;/nowhere&quot;</code>');
    expect(deadLinks(join(root, 'site'))).toEqual([
      'index.html: /a.html#gone: the page has no such anchor',
      'index.html: ./b.html: there is no such page or file',
      'index.html: #top: the page has no such anchor',
      'index.html: /p.png: there is no such page or file',
    ]);
  });
});

describe('claims', () => {
  const run = (statuses: readonly string[], status = 'passed') =>
    JSON.stringify({
      testResults: [
        {
          name: '/r/test/e2e/x.e2e.test.ts',
          status,
          startTime: Date.UTC(2026, 0, 2),
          endTime: Date.UTC(2026, 0, 2) + 61_000,
          assertionResults: statuses.map((one) => ({ status: one })),
        },
      ],
    });

  test('of this repository name tests that there are, and results are read', () => {
    expect(readClaims(ROOT).length).toBeGreaterThan(30);
    expect(() => readResults(ROOT)).not.toThrow();
  });

  test('tell the last result of their tests, and that there is none', () => {
    const results = resultsOf(run(['passed', 'passed', 'pending']), '/r', 'abc');
    const claims = [{ claim: 'it works', tests: ['test/e2e/x.e2e.test.ts', 'test/cli/y.test.ts'] }];
    expect(claimsTable(claims, results, []).split('\n')[2]).toBe(
      '| it works | `npm run test:e2e -- x`<br>`npx jest test/cli/y.test.ts` | 2 passed, 1 left out, 2026-01-02, abc<br><span class="unproven">no result recorded</span> |',
    );
  });

  test.each([
    ['a test that failed', ['passed', 'failed'], 'failed', { passed: 1, failed: 1 }],
    ['a file that could not be read', [], 'failed', { passed: 0, failed: 1 }],
  ])('of %s have failed', (_what, statuses, status, expected) => {
    expect(resultsOf(run(statuses, status), '/r', 'abc')['test/e2e/x.e2e.test.ts']).toMatchObject(expected);
  });

  test('of which nothing ran keep what is known of them', () => {
    expect(resultsOf(run(['pending']), '/r', 'abc')).toEqual({});
  });

  test('of the full level name its command', () => {
    expect(commandFor('test/e2e/x.e2e.test.ts', ['x.e2e.test.ts'])).toBe('npm run test:e2e:full -- x');
  });
});
