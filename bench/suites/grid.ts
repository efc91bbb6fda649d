import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gridSearch } from '../../constructs';
import { environment } from '../../tools/cluster';
import { run } from '../../tools/cluster/commands';
import { withPortForward } from '../../tools/quickstart/port-forward';
import { finishedStep, gridCost, type Span } from '../support/grid';
import { round } from '../support/measure';
import type { Benchmark } from '../support/report';

const ROOT = join(__dirname, '..', '..');
/** `name` of the configuration of blueprints/nace-coding that is deployed. */
const PLATFORM = process.env['BOUTURE_BENCH_PLATFORM'] ?? 'nace';
/** A workflow that has finished, in place of one that is started here. */
const FINISHED = process.env['BOUTURE_BENCH_WORKFLOW'];
const RUNS = `${PLATFORM}-argo-runs`;
const MLFLOW = `${PLATFORM}-mlflow`;
const EXPERIMENT = 'nace-coding';
const ADMINISTRATOR = { secret: 'mlflow-accounts', username: 'admin' } as const;
/** The template of the blueprint, and its step that trains. */
const TEMPLATE = 'training';
const STEP = 'train';
const PATIENCE_MS = 2 * 3600_000;

/** Values of the parameters that a grid of the blueprint varies: those that are not its own are left out. */
const VALUES: Readonly<Record<string, readonly [number, ...number[]]>> = {
  dim: [50, 100, 150, 200],
  wordNgrams: [2, 3],
  epoch: [60, 70],
};

const kubectl = async (args: readonly string[], input?: string) =>
  run('kubectl', args, { env: environment(ROOT), ...(input === undefined ? {} : { input }) });

/** The combinations that are trained: of what the deployed template takes. */
async function combinations(isSmall: boolean): Promise<string> {
  const found = JSON.parse(
    await kubectl(['get', 'workflowtemplate', TEMPLATE, '--namespace', RUNS, '--output', 'json']),
  ) as { spec: { templates: { name: string; inputs?: { parameters?: { name: string }[] } }[] } };
  const step = found.spec.templates.find(({ name }) => name === STEP);
  const axes = (step?.inputs?.parameters ?? []).map(({ name }) => {
    const values = VALUES[name];
    if (values === undefined)
      throw new Error(`the grid varies ${name}; one of ${Object.keys(VALUES).join(', ')} expected`);
    return [name, isSmall ? values.slice(0, name === 'dim' ? 2 : 1) : values] as const;
  });
  return gridSearch(Object.fromEntries(axes)).json;
}

/** Starts a grid, as many trainings at once as there are cores. @returns name of the workflow */
async function start(grid: string): Promise<string> {
  const workflow = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    metadata: { generateName: 'bench-', namespace: RUNS },
    spec: {
      workflowTemplateRef: { name: TEMPLATE },
      parallelism: cpus().length,
      arguments: { parameters: [{ name: `${STEP}-grid`, value: grid }] },
    },
  };
  const created = await kubectl(['create', '--output', 'json', '--filename', '-'], JSON.stringify(workflow));
  return (JSON.parse(created) as { metadata: { name: string } }).metadata.name;
}

/** A workflow as it is when it has ended. @throws Error when it goes on for too long */
async function ended(name: string): Promise<unknown> {
  const patience = Date.now() + PATIENCE_MS;
  while (Date.now() < patience) {
    const found: unknown = JSON.parse(
      await kubectl(['get', 'workflow', name, '--namespace', RUNS, '--output', 'json']),
    );
    const { status } = found as { status?: { finishedAt?: string | null } };
    if (typeof status?.finishedAt === 'string') return found;
    await sleep(2000);
  }
  throw new Error(`workflow ${RUNS}/${name} has not ended after ${PATIENCE_MS / 60_000} minutes`);
}

interface Runs {
  readonly runs?: readonly { readonly info: { readonly start_time: number; readonly end_time: number } }[];
}

/** When the runs of a grid began and ended, as they have told MLflow. */
async function trainingsOf(workflow: string): Promise<Span[]> {
  const template = `go-template={{index .data "${ADMINISTRATOR.username}" | base64decode}}`;
  const password = await kubectl(['get', 'secret', '--namespace', MLFLOW, ADMINISTRATOR.secret, '--output', template]);
  // What forwards a port looks for kubectl and its configuration here.
  Object.assign(process.env, environment(ROOT));
  return withPortForward(MLFLOW, 'service/mlflow', 5000, async ({ url }) => {
    const authorization = `Basic ${Buffer.from(`${ADMINISTRATOR.username}:${password}`).toString('base64')}`;
    const ask = async (path: string, init: RequestInit = {}) => {
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/api/2.0/mlflow/${path}`, { ...init, headers });
      if (!answer.ok) throw new Error(`MLflow answers ${answer.status} to ${path}: ${await answer.text()}`);
      return answer.json();
    };
    const found = await ask(`experiments/get-by-name?experiment_name=${EXPERIMENT}`);
    const { experiment } = found as { experiment: { experiment_id: string } };
    const query = {
      experiment_ids: [experiment.experiment_id],
      filter: `tags.grid = '${workflow}' and attributes.status = 'FINISHED'`,
      max_results: 1000,
    };
    const { runs = [] } = (await ask('runs/search', { method: 'POST', body: JSON.stringify(query) })) as Runs;
    return runs.map(({ info }) => ({ start: info.start_time, end: info.end_time }));
  });
}

export const benchmarks: readonly Benchmark[] = [
  {
    title: 'a grid of trainings as Pods, wall time beside the sum of its trainings divided by cores',
    bound: { kind: 'at most', value: 1.5 },
    measure: async ({ isSmall }) => {
      const workflow = await ended(FINISHED ?? (await start(await combinations(isSmall))));
      const step = finishedStep(workflow, STEP);
      const trainings = await trainingsOf(step.name);
      const cost = gridCost(step, trainings, cpus().length);
      return {
        value: round(cost.ratio),
        unit: 'times',
        size: `${trainings.length} trainings, ${cost.slots} at once`,
        details: { workflow: step.name, ...cost, trainings, pods: step.pods },
      };
    },
  },
];
