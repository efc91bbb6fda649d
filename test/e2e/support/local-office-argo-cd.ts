import { Layer } from '../../../constructs';
import { silentProgress } from '../../../tools/cluster/progress';
import { ensurePrograms } from '../../../tools/cluster/programs';
import { TEST_LOCK, testImages } from '../../support/platform';
import { argoCdPorts, ArgoCdPrograms } from './argo-cd-programs';
import { GitServer } from './git-server';
import { LocalApiServer } from './local-api-server';
import { unpackImage } from './local-image';
import { type OfficeArgoCd, officeApplication, officeArgoCd } from './office-argo-cd';

/** Password of the repository. */
const TOKEN = 'glpat-of-the-office';
const IMAGE = {
  repository: 'bouture/argo-cd',
  tag: '3.1.16',
  licence: 'Apache-2.0',
  source: 'x',
  build: 'images/argo-cd',
};

/** An Argo CD with rights in a whole real API server, by its real programs. */
export class LocalOfficeArgoCd extends ArgoCdPrograms {
  /** @param files what is in the repository at first */
  static async create(files: Readonly<Record<string, string>>): Promise<LocalOfficeArgoCd> {
    await ensurePrograms(['kubernetes', 'argo-cd'], silentProgress);
    const image = await unpackImage('argo-cd');
    const server = await LocalApiServer.create();
    const git = await GitServer.start(server.authority, TOKEN);
    const office = officeArgoCd({
      name: 'office',
      images: testImages({ lock: { ...TEST_LOCK, 'argo-cd': IMAGE } }),
      repository: { url: git.url },
      authority: server.authority.certificate,
    });
    const place = { namespace: office.namespace, workload: 'argo-cd', account: 'argo-cd', env: { INTERVAL: '1' } };
    const made = new LocalOfficeArgoCd(office, server, git, image, await argoCdPorts(), place);
    try {
      await git.commit(files);
      await made.deploy();
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
    private readonly office: OfficeArgoCd,
    ...rest: ConstructorParameters<typeof ArgoCdPrograms>
  ) {
    super(...rest);
  }

  /** Follows a folder of the repository. @param platform name of the platform that it holds */
  async follow(path: string, platform: string): Promise<void> {
    for (const manifest of officeApplication(this.office, { url: this.git.url, path, platform })) {
      await this.apply(manifest);
    }
  }

  /** Has it look at an Application anew, with nothing remembered. */
  async refresh(name: string): Promise<void> {
    await this.server.kubectl([
      ...['annotate', 'applications.argoproj.io', name, '--namespace', this.office.namespace, '--overwrite'],
      'argocd.argoproj.io/refresh=hard',
    ]);
  }

  private async deploy(): Promise<void> {
    const { namespace, objects, secrets } = this.office;
    const ground: number = Layer.NAMESPACES;
    const wave = (manifest: (typeof objects)[number]) =>
      Number(manifest.metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? ground);
    const list = (items: readonly unknown[]) => ({ apiVersion: 'v1', kind: 'List', items });
    const token = {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'git' } },
      stringData: { token: `${TOKEN}\n` },
    };
    await this.apply(list(objects.filter((each) => wave(each) <= ground)));
    await this.apply(list([...secrets, token]));
    await this.server.kubectl(['wait', '--for=condition=Established', 'crd', '--all']);
    await this.apply(list(objects.filter((each) => wave(each) > ground)));
  }
}
