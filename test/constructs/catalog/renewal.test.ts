import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CatalogService, chartOf, dashboardService, labelStudioService, mlflowService } from '../../../constructs';
import { image } from './fixture';

const services: readonly CatalogService[] = [
  mlflowService({ image: image('mlflow') }),
  labelStudioService({ image: image('label-studio') }),
  dashboardService({ image: image('dashboard') }),
];
const notes = (service: CatalogService, language: 'en' | 'fr') =>
  chartOf(service, language).files.get('templates/NOTES.txt') ?? '';
/** The format of the line that Helm prints, as the shell gets it. */
const COMMAND = /printf ("`kubectl patch secret .*`") /;

test.each(services.map((service) => [service.name, service] as const))(
  '%s tells how to give it a new access to the object store, where it has one',
  (_, service) => {
    for (const [language, told] of [
      ['en', 'The access to the object store ends'],
      ['fr', 'L’accès au stockage objet prend fin'],
    ] as const) {
      const [, inside = ''] =
        /\{\{- if \$\.Values\.s3\.enabled \}\}\n([\s\S]*?)\{\{- end \}\}/.exec(notes(service, language)) ?? [];
      expect(inside).toContain(told);
      expect(inside).toMatch(COMMAND);
    }
  },
);

test('the command gives the Secret of the service what the terminal has, and starts it anew', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bouture-renewal-'));
  try {
    const kubectl = join(folder, 'kubectl');
    writeFileSync(kubectl, '#!/bin/sh\nprintf "%s\\n" "$@" "--end"\n');
    chmodSync(kubectl, 0o755);
    const [, format = '""'] = COMMAND.exec(notes(mlflowService({ image: image('mlflow') }), 'en')) ?? [];
    const printed = JSON.parse(format) as string;
    const command = printed.replaceAll('`', '').replace('%s', 'lab').replace('%s', 'lab');
    const env = {
      PATH: `${folder}:/usr/bin:/bin`,
      AWS_ACCESS_KEY_ID: 'ak',
      AWS_SECRET_ACCESS_KEY: 's k/+=',
      AWS_SESSION_TOKEN: 't',
    };
    const said = execFileSync('sh', ['-c', command], { env, encoding: 'utf8' }).split('\n');
    expect(said.slice(0, 4)).toEqual(['patch', 'secret', 'lab-s3', '--patch']);
    expect(JSON.parse(said[4] ?? '')).toEqual({
      stringData: { AWS_ACCESS_KEY_ID: 'ak', AWS_SECRET_ACCESS_KEY: 's k/+=', AWS_SESSION_TOKEN: 't' },
    });
    expect(said.slice(5)).toEqual(['--end', 'rollout', 'restart', 'statefulset', 'lab', '--end', '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
