import { Layer } from '../../../constructs';
import { ensurePrograms } from '../../../tools/cluster/programs';
import { argoCdPorts, ArgoCdPrograms } from './argo-cd-programs';
import { GitServer } from './git-server';
import { at, listAt, type LiveObject } from './kubectl';
import { LocalApiServer } from './local-api-server';
import { unpackImage } from './local-image';
import { NAMESPACES, platformOf, type Release, renderedFiles, secretsOf } from './platform-argo-cd';
import { TokenIssuer } from './token-issuer';
import { silentProgress } from '../../../tools/cluster/progress';

/** Password of the repository. */
const TOKEN = 'glpat-of-the-office';

/**
 * A platform in a real API server: its ground and its Argo CD were applied by whoever deploys, everything else stands in a repository of
 * configurations, which the real programs of Argo CD follow.
 */
export class LocalPlatformArgoCd extends ArgoCdPrograms {
  /** Deploys a release. */
  static async create(release: Release): Promise<LocalPlatformArgoCd> {
    await ensurePrograms(['kubernetes', 'argo-cd'], silentProgress);
    const image = await unpackImage('argo-cd');
    const server = await LocalApiServer.create();
    const git = await GitServer.start(server.authority, TOKEN);
    const issuer = await TokenIssuer.start(server.authority.issue('issuer', 'IP:127.0.0.1'));
    const made = new LocalPlatformArgoCd(issuer, server, git, image, await argoCdPorts(), {
      namespace: NAMESPACES.argo,
      workload: 'argo-cd',
      account: 'argo-cd',
      // It looks for new credentials more often than in an office.
      env: { INTERVAL: '1' },
    });
    try {
      await made.release(release);
      await made.deploy(release);
      await made.start();
    } catch (error) {
      const said = ['credentials', 'redis', 'repositories', 'controller', 'server'].map(
        (name) => `${name}: ${made.outputOf(name).slice(-1500)}`,
      );
      await made.dispose();
      throw new Error(`${String(error)}\n${said.join('\n')}`, { cause: error });
    }
    return made;
  }

  private constructor(
    readonly issuer: TokenIssuer,
    ...rest: ConstructorParameters<typeof ArgoCdPrograms>
  ) {
    super(...rest);
  }

  /** Commits what a release is rendered to. */
  async release(release: Release): Promise<void> {
    await this.git.commit(renderedFiles(this.platform(release).synthesis));
  }

  /** An object in the namespace that Argo CD deploys to. */
  async deployed(kind: string, name: string): Promise<LiveObject | undefined> {
    return this.get(kind, name, NAMESPACES.coding);
  }

  /** Names of the objects of a kind there. */
  async namesOf(kind: string): Promise<readonly string[]> {
    const text = await this.server.kubectl(['get', kind, '--namespace', NAMESPACES.coding, '--output', 'json']);
    return listAt(JSON.parse(text), 'items').map((item) => String(at(item, 'metadata', 'name')));
  }

  /** How well Argo CD finds the objects of a kind that an Application has. */
  async healthOf(application: string, kind: string): Promise<readonly unknown[]> {
    const session = this.sessionOf('platform');
    const tree: unknown = await (
      await this.call(`applications/${application}/resource-tree`, undefined, session)
    ).json();
    return listAt(tree, 'nodes')
      .filter((node) => at(node, 'kind') === kind)
      .map((node) => at(node, 'health', 'status'));
  }

  /** Says that a Job has ended well, as the kubelet and the controllers would once its Pod has run. */
  async completeJobs(): Promise<void> {
    for (const name of await this.namesOf('jobs')) {
      const job = await this.deployed('job', name);
      if (at(job, 'status', 'completionTime') !== undefined) continue;
      const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now, lastProbeTime: now });
      const status = {
        ...{ startTime: at(job, 'status', 'startTime') ?? now, completionTime: now, succeeded: 1, active: 0, ready: 0 },
        uncountedTerminatedPods: {},
        conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
      };
      await this.server.kubectl([
        ...['patch', 'job', name, '--namespace', NAMESPACES.coding, '--subresource', 'status', '--type', 'merge'],
        ...['--patch', JSON.stringify({ status })],
      ]);
    }
  }

  /** A session of a person, as the identity provider signs it. */
  sessionOf(...groups: readonly string[]): string {
    return this.issuer.sign({ aud: 'argo-cd', preferred_username: 'ada', groups });
  }

  override async dispose(): Promise<void> {
    await super.dispose();
    await this.issuer.stop();
  }

  private platform(release: Release) {
    const { issuer } = this.issuer;
    return platformOf({ repository: this.git.url, issuer, authority: this.server.authority.certificate }, release);
  }

  /** What `bouture up` does, as far as it is not Argo CD's. */
  private async deploy(release: Release): Promise<void> {
    const { argo, synthesis } = this.platform(release);
    const objects = synthesis.objects.filter(({ layer, component }) => !argo.follows(layer, component));
    const list = (items: readonly unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
    const token = {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace: NAMESPACES.argo, name: 'git' } },
      stringData: { token: `${TOKEN}\n` },
    };
    const apply = async (holds: (layer: Layer) => boolean) =>
      this.apply(list(objects.filter(({ layer }) => holds(layer)).map(({ manifest }) => manifest)));
    const namespaces = objects.filter(({ manifest }) => manifest.kind === 'Namespace').map(({ manifest }) => manifest);
    await this.apply(list(namespaces));
    await apply((layer) => layer <= Layer.NAMESPACES);
    await this.apply(list([...secretsOf(synthesis), token]));
    await this.server.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    await apply((layer) => layer > Layer.NAMESPACES);
  }
}
