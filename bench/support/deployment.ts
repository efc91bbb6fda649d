import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesizeConfig } from '../../blueprints';
import { generatedBehind, renderFiles, type SecretValue, type Synthesis } from '../../constructs';
import { environment } from '../../tools/cluster';
import { run } from './measure';

const ROOT = join(__dirname, '..', '..');

/** A configuration in a folder of its own, where its state lives too. */
export class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'bouture-bench-'));
  readonly config = join(this.folder, 'config.yaml');
  private readonly env: NodeJS.ProcessEnv;

  constructor(text: string, env: NodeJS.ProcessEnv = {}) {
    writeFileSync(this.config, text);
    // The cluster and the programs are the project's; state and passphrase are this folder's.
    this.env = { ...environment(ROOT), ...env };
  }

  /** Runs a command of `bouture`. @returns seconds that it took */
  bouture(...args: readonly string[]): number {
    return seconds(() =>
      run(process.execPath, [join(ROOT, 'bin/bouture.js'), ...args], { cwd: this.folder, env: this.env }),
    );
  }

  kubectl(...args: readonly string[]): string {
    return run('kubectl', args, { cwd: this.folder, env: this.env });
  }

  /** `kubectl diff` of the rendered files, which ends with 1 where there is a difference. @returns seconds */
  kubectlDiff(): number {
    const folder = this.render();
    return seconds(() => {
      run('sh', ['-c', `kubectl diff --recursive -f '${folder}' > diff.txt; test $? -le 1`], {
        cwd: this.folder,
        env: this.env,
      });
    });
  }

  synthesis(): Synthesis {
    return synthesizeConfig(this.config);
  }

  /** Writes the manifests below `rendered/`. @returns that folder */
  render(): string {
    this.bouture('synth', this.config, '--out', join(this.folder, 'rendered'));
    return join(this.folder, 'rendered');
  }

  /** What `bouture up` does, with kubectl: Secrets with random values, then layer by layer, waiting for each. @returns seconds */
  kubectlUp(): number {
    const synthesis = this.synthesis();
    const values = new Map<string, string>();
    const valueOf = (value: SecretValue) => {
      if (typeof value === 'string') return value;
      const id = generatedBehind(value)?.id ?? '';
      const known = values.get(id) ?? randomBytes(24).toString('hex');
      values.set(id, known);
      return known;
    };
    const secrets = synthesis.secrets.map(({ name, namespace, labels, annotations, data }) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace, labels, annotations },
      stringData: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, valueOf(value)])),
    }));
    const waves = new Map<number, Synthesis['objects'][number][]>();
    for (const object of synthesis.objects) waves.set(object.wave, [...(waves.get(object.wave) ?? []), object]);
    return seconds(() => {
      for (const [wave, objects] of [...waves].sort(([a], [b]) => a - b)) {
        const namespaces = objects.filter(({ manifest }) => manifest.kind === 'Namespace');
        if (namespaces.length > 0)
          this.apply(
            `${wave}-namespaces`,
            namespaces.map(({ manifest }) => manifest),
          );
        this.apply(
          `${wave}`,
          objects.map(({ manifest }) => manifest),
        );
        if (namespaces.length > 0 && secrets.length > 0) this.apply('secrets', secrets);
        for (const { manifest } of objects)
          this.await(manifest.kind, manifest.metadata.namespace ?? '', manifest.metadata.name);
      }
    });
  }

  private apply(name: string, manifests: readonly unknown[]): void {
    const file = join(this.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }));
    this.kubectl('apply', '--server-side', '--field-manager=bench', '--force-conflicts', '-f', file);
  }

  private await(kind: string, namespace: string, name: string): void {
    if (kind === 'Job')
      this.kubectl('wait', '-n', namespace, `job/${name}`, '--for=condition=complete', '--timeout=600s');
    if (kind === 'Deployment' || kind === 'StatefulSet')
      this.kubectl('rollout', 'status', '-n', namespace, `${kind}/${name}`, '--timeout=600s');
  }

  /** Removes everything that it made in the cluster. */
  remove(): void {
    this.bouture('down', this.config, '--delete-data');
  }

  /** Removes what kubectl made of it. */
  kubectlRemove(): void {
    const { platform } = this.synthesis();
    this.kubectl(
      'delete',
      'namespace',
      '--selector',
      `app.kubernetes.io/part-of=${platform}`,
      '--ignore-not-found',
      '--timeout=300s',
    );
    this.kubectl(
      'delete',
      'clusterrole,clusterrolebinding,priorityclass',
      '--selector',
      `app.kubernetes.io/part-of=${platform}`,
      '--ignore-not-found',
    );
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** How many objects, Secrets included, a rendering has. */
export function objectsOf(installation: Installation): number {
  const synthesis = installation.synthesis();
  renderFiles(synthesis);
  return synthesis.objects.length + synthesis.secrets.length;
}

function seconds(what: () => unknown): number {
  const start = performance.now();
  what();
  return (performance.now() - start) / 1000;
}
