import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../cluster/paths';
import { plainProgress } from '../cluster/progress';
import { checkov } from './checkov';
import type { Finding } from './finding';
import { kubeScore } from './kube-score';
import { type Judgement, judge, Suppressions } from './suppressions';

/**
 * `npm run lint:manifests [DIR]`: kube-score and checkov over rendered manifests. The programs are made once, from pinned sources;
 * running them needs no network. Exit 1 when a finding has no suppression, or a suppression no finding.
 */
async function main(folder: string): Promise<number> {
  const progress = plainProgress();
  const { suppressions } = Suppressions.parse(parse(readFileSync(join(__dirname, 'suppressions.yaml'), 'utf8')));
  const findings = [...(await kubeScore(folder, progress)), ...(await checkov(folder, progress))];
  const judgement = judge(findings, suppressions);
  process.stdout.write(report(judgement));
  return judgement.open.length + judgement.unused.length === 0 ? 0 : 1;
}

function report({ open, suppressed, unused }: Judgement): string {
  return [
    ...open.map(describe),
    ...unused.map(({ tool, id, object }) => `suppressions.yaml: nothing needs ${tool} ${id} of ${object}: remove it\n`),
    `${open.length} findings, ${suppressed.length} suppressed with a reason, ${unused.length} suppressions unused\n`,
  ].join('');
}

function describe({ tool, id, object, file, message }: Finding): string {
  return `${file}: ${object}: ${tool} ${id}: ${message}\n`;
}

void main(process.argv[2] ?? join(packageRoot(), 'charts-out')).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`lint:manifests: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
