import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variant } from './configs';
import { kubectl } from './kubectl';
import { namespacesOf, sharedSnapshotOf } from './snapshot';
import { boutureOk, leftovers, unready } from './stack';
import { eventually, say } from './waiting';

/** A platform of its own that `up` makes first, and another way then: both must lead to the same. Its name is that of its stack, too. */
export class TwoWays {
  readonly config: string;
  readonly folder = mkdtempSync(join(tmpdir(), 'bouture-two-ways-'));

  /** @param name of the platform; it begins the namespaces */
  constructor(readonly name: string) {
    this.config = variant(name, () => ({ name }));
  }

  /** The rendered manifests. */
  get charts(): string {
    return join(this.folder, this.name);
  }

  /** Deploys by `up`, remembers what that made, and removes it with its data. The seed stays. @returns what it made */
  async upAndDown(): Promise<Readonly<Record<string, unknown>>> {
    await this.remove();
    await this.up();
    const made = await sharedSnapshotOf(this.name);
    await this.remove();
    await boutureOk(['synth', this.config, '--out', this.folder]);
    return made;
  }

  async up(): Promise<void> {
    const { seconds } = await boutureOk(['up', this.config, '--stack', this.name]);
    say(`up of ${this.name}: ${seconds.toFixed(0)} s`);
  }

  /** Waits until everything is ready. */
  async isReady(): Promise<void> {
    await eventually(
      `${this.name} to be ready`,
      async () => {
        const reasons = await unready(await namespacesOf(this.name));
        if (reasons.length > 0) throw new Error(reasons.join('; '));
        return true;
      },
      { seconds: 180, everySeconds: 2 },
    );
  }

  /** Removes the platform with its data, whoever has deployed it. */
  async remove(): Promise<void> {
    await boutureOk(['down', this.config, '--stack', this.name, '--delete-data']);
    const ours = ['--selector', `app.kubernetes.io/part-of=${this.name}`, '--ignore-not-found', '--timeout=300s'];
    await kubectl(['delete', 'namespaces', ...ours], { timeoutSeconds: 320 });
    const left = await leftovers(this.name);
    if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
  }

  /** Removes everything that it has made. */
  async dispose(): Promise<void> {
    await this.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
