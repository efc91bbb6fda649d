import { Construct } from 'constructs';
import { type ContainerResources, env, envFromSecret, Platform } from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { annotationProgram } from './annotation-program';
import type { ICodingService } from './coding-service';
import { type ConfigurationRepository, configurationRepository } from './configuration-repository';
import { registryEnvironment } from './model-registry';
import { WorkflowTemplate } from './workflow';
import type { IWorkflowEngine } from './workflow-engine';
import type { WorkflowOutput } from './workflow-task';

/** What both versions must have coded side by side before one takes the place of the other. */
export interface ShadowComparison {
  /** Days back. @default 14 */
  readonly days?: number;
  /** Records that both have coded. @default 1000 */
  readonly minimumRows?: number;
  /** Forms among them that people have coded. @default 0, and then they need not */
  readonly minimumAnnotated?: number;
}

export interface ModelPromotionProps {
  /** Whose model is promoted. It serves a version by number, which the commit changes. */
  readonly service: ICodingService;
  readonly engine: IWorkflowEngine;
  /** Where the version that is served stands. */
  readonly repository: ConfigurationRepository;
  /** File of the configuration in the repository. @default 'config.yaml' */
  readonly file?: string;
  /** Keys that lead to the number of the version in that file. @default ['coding', 'serves', 'version'] */
  readonly path?: readonly string[];
  /** By how much the challenger must be better on the gold set, 0 to 1. @default 0, any more is enough */
  readonly minimumGain?: number;
  /** What must have been seen of both side by side. @default - as `ShadowComparison` tells */
  readonly shadow?: ShadowComparison;
  /** The account of the registry that owns the model. @default - one of its own, which the registry must let change the model */
  readonly registryAccount?: string;
  /** Of each step. @default - 100m to 1 CPU; 512Mi to 2Gi of memory; up to 4Gi of local disk */
  readonly resources?: ContainerResources;
}

const RESOURCES: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '512Mi', limit: '2Gi' },
  ephemeralStorage: { request: '256Mi', limit: '4Gi' },
};
/** A verdict that cannot be reached again would not be another: one more try for what surrounds it. */
const RETRY = { limit: 1, policy: 'OnError' } as const;
const SECONDS = 3600;
const VERDICT = '/tmp/verdict.json';
const [BY, REASON] = ['{{workflow.parameters.by}}', '{{workflow.parameters.reason}}'];

/**
 * Two workflows by which people bring a version of the model to production and take it back: `<id>` compares the challenger with the champion,
 * on the gold set and on what both have coded, and changes the version in the configuration by a commit; `<id>-rollback` reverts that commit.
 * Both move the alias afterwards. Who asks for it says so in the parameter `by`, which stands in the commit; a rollback says `reason`, too.
 * Images: keys `nace-training` and `nace-annotation`.
 *
 * @throws Error when the service keeps no records, when the repository is none, or when a number is out of range
 *
 * @example
 * import { type FastTextInferenceService, type IWorkflowEngine, ModelPromotion } from 'bouture';
 * declare const service: FastTextInferenceService, engine: IWorkflowEngine;
 * new ModelPromotion(platform, 'promotion', {
 *   service,
 *   engine,
 *   repository: { url: 'https://git.example.org/office/configuration.git', token: { secretName: 'git', key: 'token' } },
 * });
 */
export class ModelPromotion extends Construct {
  /** Compares and commits. */
  readonly promotion: WorkflowTemplate;
  /** Takes the last promotion back. */
  readonly rollback: WorkflowTemplate;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ModelPromotionProps,
  ) {
    super(scope, id);
    const { engine } = props;
    const common = { engine, deadlineSeconds: SECONDS, retry: RETRY, keepSuccessfulDays: 30, keepFailedDays: 30 };
    this.promotion = new WorkflowTemplate(this, id, { ...common, parameters: { by: '', reason: 'promotion' } });
    this.rollback = new WorkflowTemplate(this, `${id}-rollback`, { ...common, parameters: { by: '', reason: '' } });
    this.commit(this.promotion, 'promote-commit', this.compare().output('verdict'));
    this.commit(this.rollback, 'rollback');
  }

  /** What the program of the training says of both: an answer also when it is no. */
  private compare() {
    const { service, registryAccount: account, resources = RESOURCES } = this.props;
    const command = ['python', '-m', 'nace_training', 'promote', '--dry-run', '--model', service.modelName];
    const { consumerName, connections } = this.promotion;
    const registry = service.modelRegistry.grantUse({
      ...{ consumerName, connections },
      ...(account === undefined ? {} : { account }),
    });
    return this.promotion.addTask({
      name: 'compare',
      outputs: { verdict: VERDICT },
      container: {
        image: Platform.of(this).images.get('nace-training'),
        command: [
          ...['sh', '-ec', `"$@" > ${VERDICT} || { test -s ${VERDICT} || exit 1; }`, 'compare'],
          ...[...command, '--by', BY, '--reason', REASON],
        ],
        env: registryEnvironment(registry),
        resources,
      },
    });
  }

  /** @param verdict what the command reads as a file. @default - it reads none */
  private commit(workflow: WorkflowTemplate, name: string, verdict?: WorkflowOutput): void {
    const { service, registryAccount, repository, resources = RESOURCES } = this.props;
    const image = Platform.of(this).images.get('nace-annotation');
    const git = configurationRepository(workflow, repository);
    const program = annotationProgram(workflow, 'settings', {
      ...{ consumer: workflow, service, registryAccount, authority: git.authority },
      rights: { read: ['parquet', 'gold'] },
      labels: workflow.labels('nace-annotation', 'promotion', image.version),
      settings: { promotion: { ...this.settings(), git: git.settings } },
    });
    const told = ['--by', BY, '--reason', REASON];
    const variables = [...program.env, envFromSecret('GIT_TOKEN', git.token)];
    const common = { image, resources, mounts: program.mounts };
    if (verdict === undefined) {
      workflow.addTask({
        name: 'commit',
        container: { ...common, command: program.command(name, ...told), env: variables },
      });
      return;
    }
    workflow.addTask({
      name: 'commit',
      inputs: { verdict },
      container: (given) => ({
        ...common,
        command: [
          ...['sh', '-ec', `printf %s "$VERDICT" > ${VERDICT}; exec "$@"`, 'commit'],
          ...program.command(name, '--verdict', VERDICT, ...told),
        ],
        env: [...variables, env('VERDICT', given['verdict'] ?? '')],
      }),
    });
  }

  private settings(): object {
    const { file = 'config.yaml', path = ['coding', 'serves', 'version'], minimumGain = 0, shadow = {} } = this.props;
    if (!/^[A-Za-z0-9_][\w./-]*\.ya?ml$/.test(file) || file.includes('..')) {
      throw new Error(`file "${file}" of the configuration is none: expected a path such as "config.yaml"`);
    }
    if (!(minimumGain >= 0 && minimumGain <= 1)) {
      throw new RangeError(`minimumGain is a number from 0 to 1, given ${minimumGain}`);
    }
    return {
      file,
      version: path,
      metric: 'gold_accuracy',
      minimumGain,
      shadow: {
        days: wholeNumber('shadow.days', shadow.days ?? 14, 1, 3650),
        minimumRows: wholeNumber('shadow.minimumRows', shadow.minimumRows ?? 1000, 1, 1_000_000_000),
        minimumAnnotated: wholeNumber('shadow.minimumAnnotated', shadow.minimumAnnotated ?? 0, 0, 1_000_000),
      },
    };
  }
}
