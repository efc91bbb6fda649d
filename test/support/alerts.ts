import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  type AlertRule,
  ARGO_CD_ALERTS,
  ARGO_WORKFLOWS_ALERTS,
  clusterAlerts,
  CODING_ALERTS,
  KEYCLOAK_ALERTS,
  MINIO_ALERTS,
  MLFLOW_ALERTS,
  POSTGRES_ALERTS,
  prometheusAlerts,
  targetAlerts,
  VAULT_ALERTS,
} from '../../constructs';

const FOLDER = join(__dirname, '../fixtures/alerts');

const label = (component: string) => ({
  platform: 'demo',
  namespace: `demo-${component}`,
  component,
  job: component,
});

/** Every rule that a platform named `demo` may have. */
export const ALL_ALERTS: readonly AlertRule[] = [
  ...MINIO_ALERTS,
  ...VAULT_ALERTS,
  ...MLFLOW_ALERTS,
  ...POSTGRES_ALERTS,
  ...KEYCLOAK_ALERTS,
  ...ARGO_WORKFLOWS_ALERTS,
  ...ARGO_CD_ALERTS,
  ...CODING_ALERTS,
  ...prometheusAlerts(true),
  ...clusterAlerts('demo'),
  ...targetAlerts([label('minio'), label('mlflow')]),
];

const series = z.array(z.strictObject({ series: z.string(), values: z.string() })).min(1);

const exampleSchema = z.strictObject({
  /** When it is looked: by then the rule has long been evaluated each minute. */
  at: z.string(),
  firing: z.strictObject({ series, labels: z.record(z.string(), z.string()) }),
  silent: z.strictObject({ series }),
});

/** Series with which a rule fires, and series with which it is silent. */
export type AlertExample = z.infer<typeof exampleSchema>;

/** The examples, by the id of the rule. */
export function alertExamples(): ReadonlyMap<string, AlertExample> {
  return new Map(
    readdirSync(FOLDER)
      .sort()
      .map((file) => [
        file.replace(/\.yaml$/, ''),
        exampleSchema.parse(parse(readFileSync(join(FOLDER, file), 'utf8'))),
      ]),
  );
}
