import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { attempt } from '../cluster/commands';
import { ensurePrograms, programPath } from '../cluster/programs';
import type { Progress } from '../cluster/progress';
import type { Finding } from './finding';

/** The oldest Kubernetes that the manifests are for. */
const KUBERNETES = 'v1.30';

/** The grade of a check that has nothing to say. */
const FLAWLESS = 10;

const Report = z.array(
  z.object({
    file_name: z.string(),
    type_meta: z.object({ kind: z.string() }),
    object_meta: z.object({ name: z.string(), namespace: z.string().optional() }),
    checks: z.array(
      z.object({
        check: z.object({ id: z.string() }),
        grade: z.number(),
        skipped: z.boolean(),
        comments: z.array(z.object({ path: z.string(), summary: z.string() })).nullable(),
      }),
    ),
  }),
);

/** Runs kube-score over a folder of manifests. @throws Error when it cannot read them */
export async function kubeScore(folder: string, progress: Progress): Promise<readonly Finding[]> {
  await ensurePrograms(['kube-score'], progress);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.k8s.yaml'))
    .sort()
    .map((file) => join(folder, file));
  // It exits 1 when it finds something; what it cannot read gives no JSON.
  const args = ['score', '--output-format', 'json', '--kubernetes-version', KUBERNETES, ...files];
  const { stdout, stderr } = await attempt(programPath('kube-score'), args);
  if (!stdout.startsWith('[')) throw new Error(`kube-score: ${stderr || stdout}`);
  return readKubeScore(stdout, folder);
}

/** Reads kube-score's JSON. @param folder that the files are told relative to */
export function readKubeScore(output: string, folder: string): readonly Finding[] {
  return Report.parse(JSON.parse(output)).flatMap(({ file_name: file, type_meta, object_meta, checks }) =>
    checks
      .filter(({ grade, skipped }) => grade < FLAWLESS && !skipped)
      .map(({ check, comments }) => ({
        tool: 'kube-score' as const,
        id: check.id,
        object: `${type_meta.kind}/${object_meta.namespace ?? ''}/${object_meta.name}`,
        file: relative(folder, file),
        message: [
          ...new Set((comments ?? []).map(({ path, summary }) => (path === '' ? summary : `${path}: ${summary}`))),
        ].join('; '),
      })),
  );
}
