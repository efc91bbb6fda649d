import { KubectlError } from '../../stacks/kubectl';
import { BusyError } from './exclusive';
import { UsageError } from './workspace';

/** The exit code of something that failed. */
export const FAILED = 1;

/**
 * Does something with a deployment and tells in one line what a person can mend: no cluster, no tool, another update.
 *
 * @returns what it returns, or 1
 */
export async function withTroublesTold(act: () => Promise<number>): Promise<number> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof BusyError || error instanceof KubectlError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return FAILED;
  }
}
