import type { Construct } from 'constructs';
import {
  Component,
  type ComponentProps,
  type ContainerResources,
  env,
  type ExposedHost,
  type IExposure,
  Layer,
} from '../platform';
import { wholeNumber } from '../platform/whole-number';
import { bytesOf } from '../storage/byte-quantity';
import { type ICodingService, recordsOf } from './coding-service';
import { CronPrograms } from './cron-programs';
import { MonitoringDashboard, type MonitoringDashboardProps } from './monitoring-dashboard';
import type { Nomenclature } from './nomenclature';
import type { IProgram, IProgramScheduler } from './program';
import { programSettings, type ProgramSettings } from './program-files';
import type { RecordFolder, RecordStore } from './record-store';
import { storeEnvironment } from './store-environment';

/** The table of records. */
export interface EtlProps {
  /** Five fields of cron, in UTC. @default '0 3 * * *' */
  readonly schedule?: string;
  /**
   * What becomes of free text in the table: kept, rid of addresses, accounts, numbers and names by patterns, or left out.
   *
   * @default 'patterns'
   */
  readonly masking?: 'none' | 'patterns' | 'drop';
  /** Rows of a day below which a word is not told, where masking is `drop`. @default 5 */
  readonly wordsLeast?: number;
  /** DuckDB may hold two thirds of the memory, and the rest of a day on the local disk. @default - 250m to 2 CPU; 1Gi to 3Gi of memory; up to 20Gi of local disk */
  readonly resources?: ContainerResources;
}

/** Checks of drift: the last days against those before. */
export interface DriftProps {
  /** Five fields of cron, in UTC: after the table is made. @default '30 4 * * *' */
  readonly schedule?: string;
  /** Days of the window that is judged. @default 7 */
  readonly currentDays?: number;
  /** Days before that window that it is compared with. @default 28 */
  readonly referenceDays?: number;
  /** A reference that does not move: the first and the last day, as `2026-01-31`. @default - the days before */
  readonly reference?: { readonly from: string; readonly to: string };
  /** How often a check may speak of drift when nothing has changed, above 0, at most 0.2. @default 0.01 */
  readonly alpha?: number;
  /** Rows of each window below which nothing is said, at least 20. @default 50 */
  readonly minimumRows?: number;
  /** @default - 250m to 2 CPU; 512Mi to 2Gi of memory */
  readonly resources?: ContainerResources;
}

export interface ModelMonitoringProps extends ComponentProps {
  /** Whose answers are watched: its records are read, by its confidence. */
  readonly service: ICodingService;
  /** What the codes are of. */
  readonly nomenclature: Nomenclature;
  /** @default - as `EtlProps` tells */
  readonly etl?: EtlProps;
  /** @default - as `DriftProps` tells */
  readonly drift?: DriftProps;
  /** Pages for people; `none` leaves them out. @default - rebuilt each day, behind a password */
  readonly dashboard?: MonitoringDashboardProps | 'none';
  /** What starts the table and the checks: an engine for workflows, or CronJobs. @default - CronJobs */
  readonly programs?: IProgramScheduler;
}

/** What the table of records is made of, and what is made with it. */
const TABLE: readonly RecordFolder[] = ['parquet', 'words', 'quarantine', 'manifests'];
/** What the checks and the pages read, all of it written by the table's program, the checks or people. */
const READ_BY_DRIFT: readonly RecordFolder[] = ['parquet', 'gold'];
const READ_BY_DASHBOARD: readonly RecordFolder[] = ['parquet', 'words', 'manifests', 'drift', 'gold'];
/** Folders that somebody else writes: annotations. */
const WRITTEN_ELSEWHERE: readonly RecordFolder[] = ['gold'];

/** Share of the memory limit that DuckDB may hold. */
const DUCKDB_SHARE = 0.66;
const ETL_RESOURCES: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '1Gi', limit: '3Gi' },
  ephemeralStorage: { request: '1Gi', limit: '20Gi' },
};
const DRIFT_RESOURCES: ContainerResources = {
  cpu: { request: '250m', limit: '2' },
  memory: { request: '512Mi', limit: '2Gi' },
  ephemeralStorage: { request: '256Mi', limit: '4Gi' },
};

/**
 * What watches a coding service: its records become a table each night, the last days are compared with those before, and pages show what was coded
 * and how well. Each of them works on folders of the service's own store, with credentials for those alone, and by the service's own confidence, so
 * that none can look elsewhere. A check that finds drift, or too few rows to tell, has done its work: its report says so, its run does not fail.
 * Images: keys `nace-etl` and `nace-dashboard`.
 *
 * @throws Error when the service keeps no records, or when a schedule, a date or a number is out of range
 *
 * @example
 * import { type FastTextInferenceService, ModelMonitoring } from 'bouture';
 * declare const service: FastTextInferenceService;
 * new ModelMonitoring(platform, 'monitoring', { service, nomenclature: 'naf2' });
 */
export class ModelMonitoring extends Component {
  private readonly records: RecordStore;
  private readonly dashboard: MonitoringDashboard | undefined;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: ModelMonitoringProps,
  ) {
    super(scope, id, Layer.WORKLOADS, props);
    this.records = recordsOf(props.service, `"${this.node.path}"`);
    this.table(props.etl ?? {});
    this.checks(props.drift ?? {});
    const { dashboard = {} } = props;
    this.dashboard =
      dashboard === 'none'
        ? undefined
        : new MonitoringDashboard(this, 'dashboard', {
            ...dashboard,
            records: this.records,
            reads: this.written(READ_BY_DASHBOARD, [...TABLE, 'drift']),
            settings: { ...this.settings(props.drift ?? {}), language: dashboard.language ?? 'fr' },
          });
  }

  /**
   * Gives the pages a host for browsers.
   *
   * @param subdomain first label of the host. @default - the component's name
   * @throws Error when there are no pages
   */
  exposeVia(exposure: IExposure, subdomain: string = this.componentName): ExposedHost {
    if (this.dashboard === undefined)
      throw new Error(`"${this.node.path}" has no pages to expose: leave out dashboard: 'none'`);
    return this.dashboard.exposeVia(exposure, subdomain);
  }

  private table({
    schedule = '0 3 * * *',
    masking = 'patterns',
    wordsLeast = 5,
    resources = ETL_RESOURCES,
  }: EtlProps): void {
    const program = this.program('etl', schedule, 6 * 3600);
    const access = this.records.grant(program, { read: ['records'], write: TABLE });
    const { env: variables, mounts } = storeEnvironment(this.records, access);
    const megabytes = Math.floor((bytesOf('memory limit of the etl', resources.memory.limit) * DUCKDB_SHARE) / 1e6);
    program.runs({
      image: this.platform.images.get('nace-etl'),
      command: ['python', '-m', 'nace_monitoring', 'etl'],
      env: [
        ...variables,
        env('NACE_ETL_MASKING', masking),
        env('NACE_ETL_WORDS_LEAST', String(wholeNumber('etl.wordsLeast', wordsLeast, 1, 1_000_000))),
        env(
          'NACE_ETL_MEMORY_MEGABYTES',
          String(wholeNumber('etl.resources.memory, in MB for DuckDB', megabytes, 256, 10_000_000)),
        ),
      ],
      resources,
      mounts,
    });
  }

  private checks(drift: DriftProps): void {
    const program = this.program('drift', drift.schedule ?? '30 4 * * *', 3600);
    const access = this.records.grant(program, { read: this.written(READ_BY_DRIFT, TABLE), write: ['drift'] });
    const { env: variables, mounts } = storeEnvironment(this.records, access);
    const settings = this.settingsFile('drift', program, this.settings(drift));
    program.runs({
      image: this.platform.images.get('nace-etl'),
      // 3 is drift and 4 too few rows: answers, not failures that another try could mend.
      command: [
        ...['sh', '-c', '"$@"; code=$?; case $code in 3|4) exit 0;; esac; exit $code', 'check'],
        ...['python', '-m', 'nace_monitoring', 'drift'],
      ],
      env: [...variables, env('NACE_CONFIG', settings.file)],
      resources: drift.resources ?? DRIFT_RESOURCES,
      mounts: [settings.mount, ...mounts],
    });
  }

  private program(role: string, schedule: string, deadlineSeconds: number): IProgram {
    const { programs = new CronPrograms() } = this.props;
    return programs.addProgram(this, { role, schedule, deadlineSeconds, retries: 2 });
  }

  /** What a program may read: each folder is written by one before it. @throws Error when nobody writes one of them */
  private written(reads: readonly RecordFolder[], writes: readonly RecordFolder[]): readonly RecordFolder[] {
    const missing = reads.find((folder) => !writes.includes(folder) && !WRITTEN_ELSEWHERE.includes(folder));
    if (missing === undefined) return reads;
    throw new Error(`"${this.node.path}" reads "${this.records.path(missing)}", which no program of it writes`);
  }

  /** What checks and pages are told: `schemas/monitoring.schema.json` of `etl/`. */
  private settings({ currentDays, referenceDays, reference, alpha, minimumRows }: DriftProps): object {
    if (alpha !== undefined && !(alpha > 0 && alpha <= 0.2)) {
      throw new RangeError(`drift.alpha is a number above 0, at most 0.2, given ${alpha}`);
    }
    return {
      confidence: this.props.service.confidence,
      nomenclature: this.props.nomenclature,
      windows: {
        currentDays: wholeNumber('drift.currentDays', currentDays ?? 7, 1, 3650),
        referenceDays: wholeNumber('drift.referenceDays', referenceDays ?? 28, 1, 3650),
        ...(reference === undefined ? {} : { reference: checkedReference(reference) }),
      },
      drift: {
        alpha: alpha ?? 0.01,
        minimumRows: wholeNumber('drift.minimumRows', minimumRows ?? 50, 20, 10_000_000),
      },
    };
  }

  private settingsFile(role: string, program: IProgram, settings: object): ProgramSettings {
    const labels = this.labels('nace-etl', role, this.platform.images.get('nace-etl').version);
    const { connections } = program;
    return programSettings(this, `${role}-settings`, program.consumerName, settings, { connections, labels });
  }
}

function checkedReference(reference: NonNullable<DriftProps['reference']>): NonNullable<DriftProps['reference']> {
  for (const [name, day] of Object.entries(reference)) {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(day) && !Number.isNaN(Date.parse(`${day}T00:00:00Z`));
    if (!isDay) throw new Error(`drift.reference.${name} "${day}" is no day: expected "2026-01-31"`);
  }
  if (reference.to < reference.from) {
    throw new Error(`drift.reference ends on ${reference.to}, before it begins on ${reference.from}`);
  }
  return reference;
}
