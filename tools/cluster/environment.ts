import { kubeconfigPath } from './paths';
import { toolPath } from './programs';

/**
 * Variables that put the embedded cluster and its tools in reach of kubectl and pulumi.
 *
 * @param directory folder whose `.bouture` holds the cluster. @default the current one
 */
export function environment(directory: string = process.cwd()): Readonly<Record<string, string>> {
  return {
    PATH: `${toolPath()}:${process.env['PATH'] ?? ''}`,
    KUBECONFIG: kubeconfigPath(directory),
  };
}

/** The variables as lines for a POSIX shell. */
export function shellLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}
