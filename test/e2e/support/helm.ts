import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadAll } from 'js-yaml';
import type { Chart, KubernetesManifest } from '../../../constructs';
import { attempt } from '../../../tools/cluster/commands';
import { programPath } from '../../../tools/cluster/programs';

/** What Helm said. */
export interface HelmAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with charts, and the real Helm program to try them with. */
export class HelmFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'bouture-helm-'));

  /** @param kubeconfig of the cluster that Helm installs into. @default - none: it only renders */
  constructor(private readonly kubeconfig?: string) {}

  /** Writes the files of a chart. @returns its folder */
  write({ metadata, files }: Chart): string {
    const folder = join(this.path, metadata.name);
    rmSync(folder, { recursive: true, force: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return folder;
  }

  /** Runs Helm. */
  async helm(...args: readonly string[]): Promise<HelmAnswer> {
    const { code, stdout, stderr } = await attempt(programPath('helm'), args, {
      env: {
        HOME: this.path,
        KUBECONFIG: this.kubeconfig ?? join(this.path, 'no-kubeconfig'),
        PATH: process.env['PATH'] ?? '',
      },
    });
    return { code, stdout, stderr };
  }

  /** The objects that `helm template` gives, hooks among them. @throws Error with what Helm says when it refuses */
  async template(
    chart: string,
    values: unknown,
    release = { name: 'test', namespace: 'user-test' },
  ): Promise<readonly KubernetesManifest[]> {
    const file = join(this.path, 'values.json');
    writeFileSync(file, readableJson(values));
    const { code, stdout, stderr } = await this.helm(
      'template',
      release.name,
      chart,
      '--namespace',
      release.namespace,
      '--kube-version',
      '1.34.4',
      '--values',
      file,
    );
    if (code !== 0) throw new Error(stderr);
    return (loadAll(stdout) as (KubernetesManifest | null)[]).filter((object) => object !== null);
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/** JSON that a reader of YAML takes too: it refuses characters that nobody sees, unless they are escaped. */
function readableJson(values: unknown): string {
  return JSON.stringify(values).replace(
    /[\x7F-\x9F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
