import { run as down } from '../../../cli/commands/down';
import { withTroublesTold } from '../../../cli/deployment/tell';
import { update } from '../../../cli/deployment/update';
import { ArgoCustomResources, type ArgoProduct, synthesize, UserSpaces } from '../../../constructs';
import { testPlatform } from '../../support/platform';

/**
 * Deploys nothing but the definitions of Argo's kinds and the rights on them, or removes them: what needs no node. To be run in a process of
 * its own, with KUBECONFIG and the project's folder as the working directory.
 *
 * `up NAME PRODUCTS`, `down`, `down --delete-data`
 */
async function main([command, ...args]: readonly string[]): Promise<number> {
  if (command === 'down') return down([], { deleteData: args.includes('--delete-data') });
  const [name = 'demo', products = ''] = args;
  const platform = testPlatform({ name });
  const spaces = new UserSpaces(platform, 'spaces');
  const named = products.split(',').filter((product) => product !== '') as ArgoProduct[];
  new ArgoCustomResources(platform, 'argo', { spaces, products: named });
  const whole = synthesize(platform);
  const synthesis = { ...whole, objects: whole.objects.filter(({ path }) => path.startsWith('argo/')) };
  return withTroublesTold(() =>
    update({
      root: process.cwd(),
      config: 'config.yaml',
      synthesis,
      stack: 'dev',
      preview: false,
      expectNoChanges: false,
      rotate: [],
      deleteData: false,
    }),
  );
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
