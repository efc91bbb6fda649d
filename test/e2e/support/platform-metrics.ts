import { parse } from 'yaml';
import { z } from 'zod';
import { synthesizeConfig } from '../../../blueprints';
import { withPortForward } from '../../../tools/quickstart/port-forward';

const targetsSchema = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({ labels: z.record(z.string(), z.string()), health: z.string(), lastError: z.string() }),
    ),
  }),
});
const alertsSchema = z.object({
  data: z.object({ alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })) }),
});

/** Asks the Prometheus of a platform, through a forwarded port. @param platform name of the platform */
async function ask<T>(platform: string, path: string, schema: z.ZodType<T>): Promise<T> {
  return withPortForward(`${platform}-metrics`, 'service/metrics', 9090, async ({ url }) =>
    schema.parse(await (await fetch(`${url}/api/v1/${path}`)).json()),
  );
}

/** Every endpoint that is read, as `component: up`, sorted. @param platform name of the platform */
export async function health(platform: string): Promise<readonly string[]> {
  const { data } = await ask(platform, 'targets?state=active', targetsSchema);
  return data.activeTargets
    .map(
      ({ labels, health: state, lastError }) =>
        `${labels['component'] ?? ''}: ${state}${lastError === '' ? '' : ` (${lastError})`}`,
    )
    .sort();
}

/** Alerts that fire or will, as `name component state`. @param platform name of the platform */
export async function alerts(platform: string): Promise<readonly string[]> {
  const { data } = await ask(platform, 'alerts', alertsSchema);
  return data.alerts.map(({ labels, state }) =>
    [labels['alertname'], labels['component'], state].filter((part) => part !== undefined).join(' '),
  );
}

const configurationSchema = z.object({
  scrape_configs: z.array(
    z.object({
      job_name: z.string(),
      static_configs: z.array(z.object({ labels: z.record(z.string(), z.string()).default({}) })).default([]),
      relabel_configs: z.array(z.object({ target_label: z.string(), replacement: z.string() })).default([]),
    }),
  ),
});

/**
 * The components whose endpoints the own Prometheus of a configuration is told to read, sorted: a Pod each in the profile `pilot`.
 *
 * @throws Error when the configuration has no Prometheus of its own
 */
export function watchedComponents(config: string): readonly string[] {
  for (const { manifest } of synthesizeConfig(config).objects) {
    const text = (manifest['data'] as Readonly<Record<string, string>> | undefined)?.['prometheus.yml'];
    if (text === undefined) continue;
    return configurationSchema
      .parse(parse(text))
      .scrape_configs.map(({ job_name: job, static_configs: [fixed], relabel_configs: labels }) => {
        const given = labels.find(({ target_label: label }) => label === 'component')?.replacement;
        return given ?? fixed?.labels['component'] ?? `${job} without a component`;
      })
      .sort();
  }
  throw new Error(`${config} renders no prometheus.yml`);
}
