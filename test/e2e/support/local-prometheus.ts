import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { type Platform, synthesize } from '../../../constructs';
import { programPath } from '../../../tools/cluster/programs';
import { freePort } from '../../../tools/quickstart/port-forward';
import { type Running, start } from './commands';
import { eventually } from './waiting';

/** The configuration and the rules that a PrometheusServer renders, as files. @throws Error when the platform has none */
export function renderedFiles(platform: Platform): { readonly configuration: string; readonly rules: string } {
  for (const { manifest } of synthesize(platform).objects) {
    const data = manifest['data'] as Readonly<Record<string, string>> | undefined;
    const [configuration, rules] = [data?.['prometheus.yml'], data?.['rules.yml']];
    if (configuration !== undefined && rules !== undefined) return { configuration, rules };
  }
  throw new Error('the platform has no ConfigMap with prometheus.yml');
}

/** Where a local endpoint is, and what it asks for. */
export interface LocalEndpoint {
  /** `127.0.0.1:9000` */
  readonly address: string;
  /** @default - no token */
  readonly token?: string;
}

const targetsSchema = z.object({
  activeTargets: z.array(
    z.object({ labels: z.record(z.string(), z.string()), health: z.string(), lastError: z.string() }),
  ),
});
const alertsSchema = z.object({
  alerts: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      state: z.string(),
    }),
  ),
});
const queriedSchema = z.object({
  result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
});

/**
 * The Prometheus of a PrometheusServer as a process of this machine: the program of the image, with what was rendered. Names of the
 * cluster's DNS are replaced by addresses, and durations by a second or two: the exporter of PostgreSQL waits one before it says that nobody answers.
 */
export class LocalPrometheus {
  /** @param endpoints by the component's name */
  static async serve(platform: Platform, endpoints: Readonly<Record<string, LocalEndpoint>>): Promise<LocalPrometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'bouture-prometheus-'));
    const port = await freePort();
    const rules = join(folder, 'rules.yml');
    const configuration = join(folder, 'prometheus.yml');
    const rendered = renderedFiles(platform);
    writeFileSync(rules, rendered.rules.replaceAll(/\bfor: \w+$/gm, 'for: 1s'));
    writeFileSync(configuration, localized(rendered.configuration, { folder, rules, port, endpoints }));
    const running = start(programPath('prometheus'), [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const made = new LocalPrometheus(folder, port, running);
    await eventually('Prometheus', async () => (await fetch(`${made.url}/-/ready`)).ok, { seconds: 60 });
    return made;
  }

  private constructor(
    private readonly folder: string,
    private readonly port: number,
    private readonly running: Running,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Every endpoint with what became of the last reading, by component. */
  async targets(): Promise<Readonly<Record<string, { readonly health: string; readonly lastError: string }>>> {
    const { activeTargets } = targetsSchema.parse(await this.ask('targets?state=active'));
    return Object.fromEntries(
      activeTargets.map(({ labels, health, lastError }) => [labels['component'] ?? '', { health, lastError }]),
    );
  }

  /** Alerts that fire or will. */
  async alerts(): Promise<z.infer<typeof alertsSchema>['alerts']> {
    return alertsSchema.parse(await this.ask('alerts')).alerts;
  }

  /** Names of the metrics that a component has told. */
  async metricsOf(component: string): Promise<ReadonlySet<string>> {
    const query = encodeURIComponent(`count by (__name__) ({component="${component}"})`);
    const { result } = queriedSchema.parse(await this.ask(`query?query=${query}`));
    return new Set(result.map(({ metric }) => metric['__name__'] ?? ''));
  }

  /** Ends it and forgets what it kept. */
  async dispose(): Promise<void> {
    await this.running.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async ask(path: string): Promise<unknown> {
    const answer: unknown = await (await fetch(`${this.url}/api/v1/${path}`)).json();
    const { status, data } = z.object({ status: z.string(), data: z.unknown() }).parse(answer);
    if (status !== 'success') throw new Error(`Prometheus answered ${JSON.stringify(answer)}`);
    return data;
  }
}

const configurationSchema = z.looseObject({
  global: z.looseObject({}),
  scrape_configs: z.array(
    z.looseObject({
      job_name: z.string(),
      relabel_configs: z.array(z.object({ target_label: z.string(), replacement: z.string() })).optional(),
    }),
  ),
});

/** The configuration for this machine. @throws Error when an endpoint is not given */
function localized(
  text: string,
  here: {
    readonly folder: string;
    readonly rules: string;
    readonly port: number;
    readonly endpoints: Readonly<Record<string, LocalEndpoint>>;
  },
): string {
  const { global, scrape_configs: jobs, ...rest } = configurationSchema.parse(parse(text));
  return stringify({
    ...rest,
    global: { ...global, scrape_interval: '2s', scrape_timeout: '2s', evaluation_interval: '1s' },
    rule_files: [here.rules],
    scrape_configs: jobs.map(({ dns_sd_configs: names, authorization, ...job }) => {
      if (names === undefined) {
        const [own] = z.array(z.looseObject({})).parse(job['static_configs']);
        return { ...job, static_configs: [{ ...own, targets: [`127.0.0.1:${here.port}`] }] };
      }
      const component =
        job.relabel_configs?.find(({ target_label: label }) => label === 'component')?.replacement ?? '';
      const endpoint = here.endpoints[component];
      if (endpoint === undefined) throw new Error(`the test gives no address of ${component}`);
      return {
        ...job,
        static_configs: [{ targets: [endpoint.address] }],
        ...(authorization === undefined
          ? {}
          : { authorization: { type: 'Bearer', credentials_file: tokenFile(here.folder, component, endpoint) } }),
      };
    }),
  });
}

function tokenFile(folder: string, component: string, { token }: LocalEndpoint): string {
  if (token === undefined) throw new Error(`${component} asks for a token, and the test gives none`);
  const tokens = join(folder, 'tokens');
  mkdirSync(tokens, { recursive: true });
  const file = join(tokens, component);
  writeFileSync(file, token, { mode: 0o600 });
  return file;
}
