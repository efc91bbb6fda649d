import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { synthesizeConfig } from '../../../blueprints';
import { SignedToken } from '../../../constructs';
import { secretValue } from './kubectl';
import { processes } from './processes';
import { CONFIG } from './stack';

/** A generated value as it stands in the cluster now. */
export interface Canary {
  /** Name of the value, which is no secret. */
  readonly id: string;
  readonly value: string;
}

/** Every generated value of a platform, read from the Secrets that hold it. @param config its configuration */
export async function canaries(config = CONFIG): Promise<readonly Canary[]> {
  const { secrets } = synthesizeConfig(config);
  const found = new Map<string, string>();
  for (const { namespace, name, data } of secrets) {
    for (const [key, content] of Object.entries(data)) {
      // A token is another text than the value that signs it, and is looked for by that.
      if (typeof content === 'string' || content instanceof SignedToken) continue;
      const value = await secretValue(namespace, name, key);
      if (found.has(content.id) && found.get(content.id) !== value) {
        throw new Error(`the Secrets do not agree on ${content.id}`);
      }
      found.set(content.id, value);
    }
  }
  return [...found].map(([id, value]) => ({ id, value })).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Names of the values that stand in a text: in clear, in base64, or as a URL or JSON would write them. */
export function leaksIn(text: string, values: readonly Canary[]): readonly string[] {
  return values
    .filter(({ value }) => {
      const encoded = Buffer.from(value).toString('base64').replace(/=+$/, '');
      return text.includes(value) || text.includes(encoded);
    })
    .map(({ id }) => id);
}

/** Files below a path that hold values, as `file: id`. */
export function leaksBelow(path: string, values: readonly Canary[]): readonly string[] {
  if (statSync(path).isFile()) {
    return leaksIn(readFileSync(path, 'latin1'), values).map((id) => `${path}: ${id}`);
  }
  return readdirSync(path).flatMap((name) => leaksBelow(join(path, name), values));
}

/** Collects the command lines of every process of this machine, twenty times a second, until it is told to stop. */
export class CommandLines {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => {
    for (const { commandLine } of processes()) this.seen.add(commandLine);
  }, 50);

  /** Everything that was seen. */
  stop(): readonly string[] {
    clearInterval(this.timer);
    return [...this.seen];
  }
}
