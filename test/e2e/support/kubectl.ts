import { attempt, type CommandOptions, run } from './commands';
import { eventually, Hopeless } from './waiting';

/** A Kubernetes object as the API gives it. */
export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    readonly deletionTimestamp?: string;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/** A value deep in an object, by its path: `at(pod, 'status', 'podIP')`. Undefined where the path ends early. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined),
    value,
  );
}

/** A text deep in an object. @throws Error when there is none */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found !== 'string') throw new Error(`no text at ${path.join('.')}, but ${JSON.stringify(found)}`);
  return found;
}

/** A list deep in an object, empty where there is none. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? (found as readonly unknown[]) : [];
}

/** Runs kubectl, which must succeed, and gives its standard output. */
export async function kubectl(args: readonly string[], options?: CommandOptions): Promise<string> {
  return (await run('kubectl', args, options)).stdout;
}

/** Objects of one kind or more. @param args what `kubectl get` takes: `pods -n kube-system -l app=web` */
export async function list(...args: readonly string[]): Promise<readonly LiveObject[]> {
  const given: unknown = JSON.parse((await kubectl(['get', '-o', 'json', '--ignore-not-found', ...args])) || '{}');
  return (at(given, 'items') ?? []) as readonly LiveObject[];
}

/** One object. @default - undefined when there is none of that name */
export async function find(kind: string, name: string, namespace?: string): Promise<LiveObject | undefined> {
  const scope = namespace === undefined ? [] : ['-n', namespace];
  const given = await kubectl(['get', kind, name, ...scope, '-o', 'json', '--ignore-not-found']);
  return given.trim() === '' ? undefined : (JSON.parse(given) as LiveObject);
}

/** One object that must exist. */
export async function get(kind: string, name: string, namespace?: string): Promise<LiveObject> {
  const found = await find(kind, name, namespace);
  if (found === undefined) throw new Error(`there is no ${kind} ${name} in ${namespace ?? 'the cluster'}`);
  return found;
}

/** The plain value of one key of a Secret. */
export async function secretValue(namespace: string, name: string, key: string): Promise<string> {
  return Buffer.from(textAt(await get('secret', name, namespace), 'data', key), 'base64').toString();
}

/** Makes an object as it is given. */
export async function apply(...manifests: readonly object[]): Promise<void> {
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
}

/** Runs a command in a Pod. */
export async function exec(
  namespace: string,
  pod: string,
  command: readonly string[],
  options: CommandOptions & { readonly container?: string } = {},
): Promise<string> {
  const container = options.container === undefined ? [] : ['-c', options.container];
  const stdin = options.input === undefined ? [] : ['-i'];
  return kubectl(['exec', ...stdin, '-n', namespace, pod, ...container, '--', ...command], options);
}

/** True when a condition such as `Ready` of an object is `True`. */
export function hasCondition(object: LiveObject, type: string): boolean {
  return listAt(object, 'status', 'conditions').some(
    (condition) => at(condition, 'type') === type && at(condition, 'status') === 'True',
  );
}

/** Waits until a Job has succeeded, and gives it. @throws Error with its log when it fails */
export async function jobDone(namespace: string, name: string, seconds = 180): Promise<LiveObject> {
  return eventually(
    `Job ${namespace}/${name}`,
    async () => {
      const job = await get('job', name, namespace);
      if (hasCondition(job, 'Failed')) {
        const log = await attempt('kubectl', ['logs', '-n', namespace, `job/${name}`, '--tail=40']);
        throw new Hopeless(`Job ${namespace}/${name} failed:\n${log.output}`);
      }
      return hasCondition(job, 'Complete') && job;
    },
    { seconds },
  );
}
