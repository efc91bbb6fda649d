import { attempt, type CommandOptions, type Finished, run } from './commands';
import { at, listAt, textAt } from './kubectl';

/** Runs Pulumi's own command line in the root of the repository, as `bouture cluster env` sets it up. It must succeed. */
export async function pulumi(args: readonly string[], options?: CommandOptions): Promise<Finished> {
  return run('pulumi', args, { timeoutSeconds: 900, ...options });
}

/** A resource of a stack's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Undefined until it has been made. */
  readonly id?: string;
  readonly protect?: boolean;
  readonly outputs?: unknown;
}

/** The state of a stack. @throws Error when it cannot be read, or holds half-done operations that nobody knows the end of */
export async function stateOf(stack: string): Promise<readonly StateResource[]> {
  const { stdout } = await pulumi(['stack', 'export', '--stack', stack]);
  return listAt(JSON.parse(stdout), 'deployment', 'resources') as readonly StateResource[];
}

/** URNs of a stack: the tree that Pulumi shows. */
export async function resourcesOf(stack: string): Promise<readonly string[]> {
  return (await stateOf(stack)).map(({ urn }) => urn).sort();
}

/** `apps/v1/Deployment/namespace/name` of each Kubernetes object that a stack holds. */
export async function objectsInState(stack: string): Promise<readonly string[]> {
  return (await stateOf(stack))
    .filter(({ id, outputs }) => id !== undefined && at(outputs, 'kind') !== undefined)
    .map(({ outputs }) => {
      const namespace =
        at(outputs, 'metadata', 'namespace') === undefined ? '' : textAt(outputs, 'metadata', 'namespace');
      return `${textAt(outputs, 'apiVersion')}/${textAt(outputs, 'kind')}/${namespace}/${textAt(outputs, 'metadata', 'name')}`;
    })
    .sort();
}

/** Whether a stack exists. */
export async function stackExists(stack: string): Promise<boolean> {
  return (await attempt('pulumi', ['stack', 'export', '--stack', stack])).code === 0;
}
