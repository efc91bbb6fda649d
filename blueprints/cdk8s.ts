/**
 * What `cdk8s synth` runs, by `cdk8s.yaml`: renders every blueprint's example as `bouture synth` does. The cdk8s program
 * empties its output folder before it runs this, so that folder is a scratch one; charts-out, where other files may stand,
 * is written here.
 */
import { join } from 'node:path';
import { judge } from './judge';
import { loadConfig } from './load';
import { packageFile } from './package-root';
import { blueprints } from './registry';
import { renderBlueprint } from './render';
import { planOutput, writeOutput } from './write';

const SCRATCH = join('dist', 'cdk8s');

const rendered = Object.keys(blueprints).map((name) =>
  renderBlueprint(loadConfig(packageFile('blueprints', name, 'config.yaml'))),
);
rendered.forEach((one) => {
  judge(one);
});
const asked = process.env['CDK8S_OUTDIR'] ?? SCRATCH;
for (const out of asked === SCRATCH ? [SCRATCH, 'charts-out'] : [asked]) writeOutput(out, planOutput(out, rendered));
