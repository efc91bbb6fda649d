import type { z } from 'zod';
import {
  gridSearch,
  type ICodingService,
  type IWorkflowEngine,
  type Nomenclature,
  registryEnvironment,
  WorkflowTemplate,
} from '../../constructs/mlops';
import { env, envFromSecret, type Platform } from '../../constructs/platform';
import { milliCpu } from '../config/quantities';
import type { training } from '../sections/coding-loop';

/** Names of the program's options, by the names of fastText's parameters. */
const OPTIONS: Readonly<Record<string, string>> = { wordNgrams: 'word-ngrams', minCount: 'min-count' };
const PROGRAM = ['python', '-m', 'nace_training'];
/** The runs of one workflow have its name in common, by which the best of them is found. */
const RUN = '{{workflow.name}}';

/** What the grid of a section is made of. */
export interface TrainingParts {
  readonly engine: IWorkflowEngine;
  /** Whose model it trains, and whose gold set it learns from as well. */
  readonly service: ICodingService;
  readonly nomenclature: Nomenclature;
  /** For the workflow of a revision: that of the present nomenclature, whose model it also makes versions of. */
  readonly beside?: WorkflowTemplate;
  /** Annotated forms that it learns from unless somebody names others. @default 'none' */
  readonly annotations?: string;
}

/**
 * The workflow that trains each combination of a grid in a Pod of its own, and makes the best run the challenger. Its parameter `annotations` names
 * annotated forms to learn from, `none` for none.
 */
export function makeTraining(
  platform: Platform,
  section: z.output<typeof training>,
  { engine, service, nomenclature, beside, annotations = 'none' }: TrainingParts,
): WorkflowTemplate {
  const { grid, parallelism, minimumAccuracy, cpu, memory } = section;
  const workflow = new WorkflowTemplate(platform, beside === undefined ? 'training' : 'training-revision', {
    engine,
    parallelism,
    parameters: { annotations },
  });
  const { modelRegistry, modelName, records } = service;
  const access = records?.grant(workflow, { read: ['gold'] });
  const { consumerName, connections } = workflow;
  const account = beside === undefined ? {} : { account: beside.consumerName };
  const authority = access?.endpoint.certificateAuthority;
  const variables = [
    ...registryEnvironment(modelRegistry.grantUse({ consumerName, connections, ...account })),
    env('MLFLOW_EXPERIMENT_NAME', modelName),
    env('MLFLOW_MODEL_NAME', modelName),
    ...(access === undefined
      ? []
      : [
          env('AWS_ENDPOINT_URL', access.endpoint.url),
          env('AWS_DEFAULT_REGION', access.endpoint.region),
          envFromSecret('AWS_ACCESS_KEY_ID', access.accessKeyId),
          envFromSecret('AWS_SECRET_ACCESS_KEY', access.secretAccessKey),
          env('AWS_EC2_METADATA_DISABLED', 'true'),
        ]),
    ...(authority === undefined ? [] : [env('AWS_CA_BUNDLE', '/etc/store-authority/ca.crt')]),
  ].filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
  const container = (command: readonly string[]) => ({
    image: platform.images.get('nace-training'),
    command: [...PROGRAM, ...command],
    env: variables,
    resources: {
      cpu: { request: cpu, limit: (milliCpu(cpu) ?? 0) > 1000 ? cpu : '1' },
      memory: { request: '512Mi', limit: memory },
      ephemeralStorage: { request: '256Mi', limit: '4Gi' },
    },
    ...(authority === undefined
      ? {}
      : {
          mounts: [
            {
              volume: {
                name: 'store-authority',
                secret: { secretName: authority.name, items: [{ key: authority.key, path: 'ca.crt' }] },
              },
              mountPath: '/etc/store-authority',
            },
          ],
        }),
  });
  const axes = Object.fromEntries(Object.entries(grid).filter(([, values]) => values.length > 0));
  const train = workflow.addFanOut(gridSearch(axes), {
    name: 'train',
    container: (values) =>
      container([
        ...[
          'train',
          '--nomenclature',
          nomenclature,
          '--annotations',
          '{{workflow.parameters.annotations}}',
          '--grid',
          RUN,
        ],
        ...Object.entries(values).flatMap(([name, value]) => [`--${OPTIONS[name] ?? name}`, value]),
      ]),
  });
  workflow.addTask({
    name: 'select',
    after: [train],
    container: container(['select', '--grid', RUN, '--minimum-accuracy', String(minimumAccuracy)]),
  });
  return workflow;
}
