import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadConfig } from '../../blueprints';
import { packageFile } from '../../blueprints/package-root';
import { blueprints } from '../../blueprints/registry';
import { renderBlueprint } from '../../blueprints/render';
import { temporaryFolder } from '../support/temporary';

const folder = temporaryFolder();

test('cdk8s.yaml names a program that renders the same bytes as bouture synth', () => {
  const { app, output } = parse(readFileSync(packageFile('cdk8s.yaml'), 'utf8')) as { app: string; output: string };
  expect(app).toBe('ts-node blueprints/cdk8s.ts');
  // cdk8s empties this folder before it runs the program.
  expect(output.startsWith('dist/')).toBe(true);
  const [, program = ''] = app.split(' ');
  execFileSync(process.execPath, ['-r', 'ts-node/register', program], {
    cwd: packageFile(),
    env: { ...process.env, CDK8S_OUTDIR: folder },
  });
  const expected = Object.keys(blueprints).flatMap((name) => {
    const { files } = renderBlueprint(loadConfig(packageFile('blueprints', name, 'config.yaml')));
    return [...files].map(([path, text]): [string, string] => [join(name, path), text]);
  });
  const written = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')] as const);
  expect(new Map(written)).toEqual(new Map(expected));
}, 60_000);
