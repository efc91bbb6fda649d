import { run } from '../cluster/commands';

/**
 * Puts what `bouture cluster env` prints into this process's environment, as `eval "$(npx bouture cluster env)"` does in a shell: kubectl,
 * pulumi, the kubeconfig. The shell itself reads the lines, so that quoting and references to PATH mean what they mean to a user.
 *
 * @param cli path of `bin/bouture.js`
 */
export async function enterCluster(cli: string): Promise<void> {
  const lines = await run(process.execPath, [cli, 'cluster', 'env']);
  const entries = await run('bash', ['-c', `${lines}\nenv -0`]);
  for (const entry of entries.split('\0')) {
    const [name = '', ...value] = entry.split('=');
    if (name === 'PATH' || name === 'KUBECONFIG' || name.startsWith('PULUMI_')) process.env[name] = value.join('=');
  }
}
