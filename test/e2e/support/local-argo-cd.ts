import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argoCdService, buildCatalog } from '../../../constructs';
import { ensurePrograms } from '../../../tools/cluster/programs';
import { image } from '../../constructs/catalog/fixture';
import { argoCdPorts, ArgoCdPrograms } from './argo-cd-programs';
import { GitServer } from './git-server';
import { HelmFolder } from './helm';
import { LocalApiServer } from './local-api-server';
import { unpackImage } from './local-image';
import { eventually } from './waiting';
import { silentProgress } from '../../../tools/cluster/progress';

/** The space that it stands in. */
export const SPACE = 'user-ada';
/** Password of the repository. */
const TOKEN = 'glpat-of-ada';
const KINDS = ['Application', 'ApplicationSet', 'AppProject'];

/** A definition of a kind of Argo CD, as far as the API server needs one. */
function definition(kind: string): unknown {
  const singular = kind.toLowerCase();
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec: open, status: open, operation: open } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.argoproj.io` },
    spec: {
      group: 'argoproj.io',
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      scope: 'Namespaced',
      versions: [{ name: 'v1alpha1', served: true, storage: true, schema: { openAPIV3Schema } }],
    },
  };
}

/**
 * A space of Ada's in a real API server, where she has installed Argo CD as `cd` by Helm, with her rights; its Pod runs from its image on
 * this machine, and follows the folder `app` of a repository.
 */
export class LocalArgoCd extends ArgoCdPrograms {
  /** @param files what is in the repository at first */
  static async create(files: Readonly<Record<string, string>>): Promise<LocalArgoCd> {
    await ensurePrograms(['kubernetes', 'helm', 'kustomize', 'argo-cd'], silentProgress);
    const image = await unpackImage('argo-cd');
    const server = await LocalApiServer.create();
    const git = await GitServer.start(server.authority, TOKEN);
    await git.commit(files);
    const made = new LocalArgoCd(server, git, image, await argoCdPorts(), {
      namespace: SPACE,
      workload: 'cd',
      account: 'cd',
    });
    try {
      await made.prepare();
      await made.install();
      await made.start();
    } catch (error) {
      await made.dispose();
      throw error;
    }
    return made;
  }

  private helmFolder: HelmFolder | undefined;

  /** Runs Helm with Ada's rights. @throws Error with what Helm says when it refuses */
  async helm(...args: readonly string[]): Promise<string> {
    if (this.helmFolder === undefined) throw new Error('no Helm yet');
    const { code, stdout, stderr } = await this.helmFolder.helm(...args, '--namespace', SPACE);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Path of the chart. */
  get chart(): string {
    return join(this.helmFolder?.path ?? '', 'argo-cd-1.0.0.tgz');
  }

  /** The password of the service. */
  async password(): Promise<string> {
    return (await this.data('Secret', 'cd-password'))['password']?.toString() ?? '';
  }

  /** Ends everything. */
  override async dispose(): Promise<void> {
    await super.dispose();
    this.helmFolder?.remove();
  }

  /** What the platform does: the definitions, the rights of administrators on them, the space. */
  private async prepare(): Promise<void> {
    for (const kind of KINDS) await this.apply(definition(kind));
    await this.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'argo-cd-admin', labels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } },
      rules: [{ apiGroups: ['argoproj.io'], resources: KINDS.map((kind) => `${kind.toLowerCase()}s`), verbs: ['*'] }],
    });
    for (const namespace of [SPACE, 'other']) await this.server.kubectl(['create', 'namespace', namespace]);
    await this.server.kubectl(['create', 'serviceaccount', 'ada', '--namespace', SPACE]);
    await this.server.kubectl([
      ...['create', 'rolebinding', 'full-control', '--clusterrole', 'admin'],
      ...['--serviceaccount', `${SPACE}:ada`, '--namespace', SPACE],
    ]);
    await eventually('the rights of Ada', async () => {
      const can = await this.server.kubectl([
        ...['auth', 'can-i', 'create', 'applications.argoproj.io', '--namespace', SPACE],
        ...['--as', `system:serviceaccount:${SPACE}:ada`],
      ]);
      return can.trim() === 'yes';
    });
  }

  /** What Ada does. */
  private async install(): Promise<void> {
    const folder = new HelmFolder(await this.server.accountKubeconfig(SPACE, 'ada'));
    this.helmFolder = folder;
    for (const [name, bytes] of buildCatalog([argoCdService({ image: image('argo-cd') })]).files) {
      writeFileSync(join(folder.path, name), bytes);
    }
    const values = {
      git: { repository: this.git.url, revision: 'main', path: 'app', token: TOKEN, interval: 10 },
      certificates: { cacerts: Buffer.from(this.server.authority.certificate).toString('base64') },
    };
    writeFileSync(join(folder.path, 'values.json'), JSON.stringify(values));
    await this.helm('upgrade', '--install', 'cd', this.chart, '--values', join(folder.path, 'values.json'));
  }
}
