import { attempt, type CommandResult } from '../../tools/cluster/commands';

export { attempt, type CommandResult };

/**
 * Runs kubectl against the cluster of KUBECONFIG.
 *
 * @param input text for its standard input
 * @throws Error with what it said, when it fails
 */
export async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await attempt('kubectl', args, {
    timeoutSeconds: 120,
    ...(input === undefined ? {} : { input }),
  });
  if (code !== 0) throw new KubectlError(`kubectl ${args.slice(0, 2).join(' ')}: ${stderr.trim()}`, stdout);
  return stdout;
}

/** Runs kubectl where part of an answer will do: some kinds may be forbidden to this user, some of their servers away. */
export async function kubectlPartly(args: readonly string[]): Promise<string> {
  try {
    return await kubectl(args);
  } catch (error) {
    if (error instanceof KubectlError && error.answer !== '') return error.answer;
    throw error;
  }
}

/** kubectl failed; its message says why. */
export class KubectlError extends Error {
  override readonly name = 'KubectlError';

  /** @param answer what it answered nevertheless */
  constructor(
    message: string,
    readonly answer: string,
  ) {
    super(message);
  }
}
