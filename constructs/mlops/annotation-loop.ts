import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  type Connections,
  type ContainerResources,
  envFromSecret,
  Layer,
  type SecretRef,
  type ServerPlace,
} from '../platform';
import type { CertificateAuthority } from '../storage';
import { annotationProgram } from './annotation-program';
import {
  type AnnotationRevision,
  type AnnotationRules,
  type AnnotationSample,
  labelStudioSettings,
  revisionSettings,
  sampleSettings,
} from './annotation-settings';
import type { ICodingService } from './coding-service';
import { CronPrograms } from './cron-programs';
import type { Nomenclature } from './nomenclature';
import type { IProgramScheduler, ProgramProps } from './program';
import type { RecordRights } from './record-store';

/** A Label Studio, whoever runs it. */
export interface LabelStudioServer extends ServerPlace {
  /** `https://annotation.example.org` */
  readonly url: string;
  /**
   * Where its token stands, in the namespace of the programs: a personal access token, or a legacy one.
   *
   * @default - Secret `<component>-label-studio`, key `token`
   */
  readonly token?: { readonly secretName: string; readonly key: string };
  /** Who signed its certificate. @default - an authority that every system trusts */
  readonly certificateAuthority?: CertificateAuthority;
}

export interface AnnotationLoopProps extends ComponentProps {
  /** Whose answers people look at. */
  readonly service: ICodingService;
  readonly labelStudio: LabelStudioServer;
  readonly sample: AnnotationSample;
  /** @default - those that `AnnotationRules` tells */
  readonly rules?: AnnotationRules;
  /** What the codes are of. */
  readonly nomenclature: Nomenclature;
  /** What that nomenclature is or was revised into. @default - it was not */
  readonly revision?: AnnotationRevision;
  /** Alias of the version whose codes people choose from. @default 'champion' */
  readonly alias?: string;
  /** The account by which the registry knows it. @default - one of its own, which the registry must let read */
  readonly registryAccount?: string;
  /** When batches are brought to Label Studio, as five fields of cron, in UTC. @default every half hour */
  readonly pushSchedule?: string;
  /** When annotations are brought back, as five fields of cron, in UTC. @default every half hour, ten minutes later */
  readonly pullSchedule?: string;
  /** What starts the programs. @default - CronJobs */
  readonly programs?: IProgramScheduler;
  /** Of each program. @default - 100m to 1 CPU; 256Mi to 2Gi of memory; up to 4Gi of local disk */
  readonly resources?: ContainerResources;
}

/** What one of its programs is given. */
interface Given {
  readonly rights: RecordRights;
  /** Its part of the settings file. */
  readonly settings: object;
  readonly callsLabelStudio: boolean;
}

const RESOURCES: ContainerResources = {
  cpu: { request: '100m', limit: '1' },
  memory: { request: '256Mi', limit: '2Gi' },
  ephemeralStorage: { request: '256Mi', limit: '4Gi' },
};

/**
 * The way of answers to people and back: a sample of the records is drawn each week by what the model is unsure of, what the gold set lacks and by
 * chance; batches go to Label Studio with what the model says; what people say becomes the gold set. Where the nomenclature is revised, the gold
 * set follows it, and people are asked about what was split: they choose among the legal successors alone. Image: key `nace-annotation`.
 *
 * @throws Error when the service keeps no records, when the address is none, or when a schedule, share or number is out of range
 *
 * @example
 * import { AnnotationLoop, type FastTextInferenceService } from 'bouture';
 * declare const service: FastTextInferenceService;
 * new AnnotationLoop(platform, 'annotation', {
 *   service,
 *   nomenclature: 'naf2',
 *   labelStudio: { url: 'https://annotation.example.org' },
 *   sample: { budget: 500 },
 * });
 */
export class AnnotationLoop extends Component {
  private readonly props: AnnotationLoopProps;

  constructor(scope: Construct, id: string, props: AnnotationLoopProps) {
    super(scope, id, Layer.WORKLOADS, props);
    this.props = props;
    const { sample, pushSchedule = '*/30 * * * *', pullSchedule = '10,40 * * * *' } = props;
    const labelStudio = labelStudioSettings(this.checkedUrl(), props.rules ?? {});
    this.program('sample', sample.schedule ?? '0 5 * * 1', {
      rights: { read: ['parquet', 'gold'], write: ['annotation'] },
      settings: { sample: sampleSettings(sample) },
      callsLabelStudio: false,
    });
    this.revision();
    this.program('push', pushSchedule, {
      rights: { read: ['gold'], write: ['annotation'] },
      settings: { labelStudio },
      callsLabelStudio: true,
    });
    this.program('pull', pullSchedule, {
      rights: { read: ['parquet'], write: ['annotation', 'gold'] },
      settings: { labelStudio },
      callsLabelStudio: true,
    });
  }

  private revision(): void {
    const { revision } = this.props;
    if (revision === undefined) return;
    this.program('revision', revision.schedule ?? '40 4 * * *', {
      rights: { write: ['annotation', 'gold'] },
      settings: { revision: revisionSettings(revision) },
      callsLabelStudio: false,
    });
  }

  private program(role: string, schedule: string, given: Given): void {
    const { service, nomenclature, alias = 'champion', registryAccount, labelStudio } = this.props;
    const { programs = new CronPrograms(), resources = RESOURCES } = this.props;
    const image = this.platform.images.get('nace-annotation');
    const run: ProgramProps = { role, schedule, deadlineSeconds: 3600, retries: 2 };
    const consumer = programs.addProgram(this, run);
    const { connections, consumerName } = consumer;
    const authority = given.callsLabelStudio
      ? labelStudio.certificateAuthority?.refIn(this, connections.namespace, `${consumerName}-label-studio-ca`)
      : undefined;
    const program = annotationProgram(this, `${role}-settings`, {
      ...{ consumer, service, registryAccount, rights: given.rights, settings: given.settings, authority },
      labels: this.labels('nace-annotation', role, image.version),
      nomenclature: { alias, titles: nomenclature },
    });
    consumer.runs({
      image,
      command: program.command(role),
      env: [
        ...program.env,
        ...(given.callsLabelStudio ? [envFromSecret('LABEL_STUDIO_TOKEN', this.reach(connections))] : []),
      ],
      resources,
      mounts: program.mounts,
    });
  }

  /** Opens the way to Label Studio. @returns its token */
  private reach(connections: Connections): SecretRef {
    const { url, pods, hosts, token } = this.props.labelStudio;
    const { port, protocol } = new URL(url);
    connections.allowToServer({ pods, hosts }, port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));
    const { secretName, key } = token ?? { secretName: `${this.componentName}-label-studio`, key: 'token' };
    const namespace = connections.namespace.name;
    this.platform.expectSecret({
      namespace,
      name: secretName,
      keys: [key],
      purpose: `token of Label Studio at ${url}`,
    });
    return { namespace, name: secretName, key };
  }

  private checkedUrl(): string {
    const { url } = this.props.labelStudio;
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.username !== '' || parsed.search !== '') {
      throw new Error(
        `address of Label Studio "${url.replace(/\/\/[^/]*@/, '//***@')}" is none: expected "https://annotation.example.org"`,
      );
    }
    return url.replace(/\/+$/, '');
  }
}
