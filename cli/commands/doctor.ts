import { loadConfig, synthesizeLoaded } from '../../blueprints/load';
import { type ClusterApi, withCluster } from '../doctor/api';
import { checkDns, checkKinds, checkPolicyEngine, checkVersion, USUAL_KINDS } from '../doctor/cluster';
import { checkIdentityProvider } from '../doctor/identity';
import { checkKubeconfig, checkMachine, deploymentEnvironment } from '../doctor/machine';
import { type Needs, needsOf } from '../doctor/needs';
import { checkPeopleStore } from '../doctor/people-store';
import { checkPlatform } from '../doctor/platform';
import { checkImages } from '../doctor/registry';
import { describeResults, fail, type Result } from '../doctor/result';
import { withProblemsTold } from '../problems';

const USUAL_DNS = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } };

/**
 * `bouture doctor [CONFIG]`: what this machine and its cluster lack, before anything is changed; with a configuration, also whether the
 * cluster offers what that platform expects. Only reads.
 *
 * @returns 0 when nothing failed, 1 when something did, 2 when the configuration cannot be used
 */
export function run(args: readonly string[]): Promise<number> {
  const [config] = args;
  return withProblemsTold(async () => {
    const needs = config === undefined ? undefined : readNeeds(config);
    const results = await examine(needs);
    process.stdout.write(describeResults(results));
    return results.some(({ level }) => level === 'fail') ? 1 : 0;
  });
}

function readNeeds(config: string): Needs {
  const loaded = loadConfig(config);
  const platform = loaded.compose();
  return needsOf(platform, synthesizeLoaded(loaded, platform), Object.keys(loaded.images));
}

async function examine(needs: Needs | undefined): Promise<readonly Result[]> {
  const environment = deploymentEnvironment(process.env, process.cwd());
  const here = [...checkMachine(environment, process.version), checkKubeconfig(environment)];
  const blocked = here.some(({ level, title }) => level === 'fail' && (title === 'kubectl' || title === 'kubeconfig'));
  const there = blocked ? [] : await examineCluster(environment, needs);
  const images = needs === undefined ? [] : await checkImages(needs.images.map(({ reference }) => reference));
  const people = await Promise.all((needs?.identityProviders ?? []).map(checkIdentityProvider));
  const stores = await Promise.all((needs?.peopleStores ?? []).map(checkPeopleStore));
  return [...here, ...there, ...images, ...people.flat(), ...stores.flat()];
}

async function examineCluster(environment: NodeJS.ProcessEnv, needs: Needs | undefined): Promise<readonly Result[]> {
  try {
    return await withCluster(environment, (api) => clusterResults(api, needs));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [fail('cluster', `cannot be reached: ${reason}`, 'start it, or choose another by KUBECONFIG')];
  }
}

/** All that is asked of the cluster. @param needs of a configuration; none looks at what every platform needs */
export async function clusterResults(api: ClusterApi, needs: Needs | undefined): Promise<readonly Result[]> {
  return [
    await checkVersion(api),
    ...(await checkKinds(api, needs?.kinds ?? USUAL_KINDS)),
    await checkDns(api, needs?.dns ?? USUAL_DNS),
    await checkPolicyEngine(api),
    ...(needs === undefined ? [] : await checkPlatform(api, needs)),
  ];
}
