import { RunError } from '@pulumi/pulumi';

/**
 * An error that ends the program with a message for people and no stack trace. The stack is taken away as well: Pulumi's language host formats it
 * nevertheless, and needs a minute for it (seen with 3.215).
 */
export function programError(message: string): RunError {
  const error = new RunError(message);
  error.stack = message;
  return error;
}
