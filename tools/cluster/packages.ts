import { existsSync, readFileSync, writeFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './commands';
import type { Progress } from './progress';

/** What the cluster needs of the distribution: the Debian package, and a file that shows that it is there. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  buildah: ['buildah'],
  conntrack: ['conntrack'],
  containerd: ['containerd', 'ctr'],
  'containernetworking-plugins': ['/usr/lib/cni/bridge', '/usr/lib/cni/host-local', '/usr/lib/cni/portmap'],
  'docker-registry': ['docker-registry'],
  iproute2: ['ip'],
  iptables: ['iptables', 'iptables-save'],
  mmdebstrap: ['mmdebstrap'],
  mount: ['umount'],
  nftables: ['nft'],
  openssl: ['openssl'],
  runc: ['runc'],
  skopeo: ['skopeo'],
};

/** Where programs of the distribution are, beside the user's own PATH, which often lacks the administrator's folders. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/**
 * Debian packages that are not installed.
 *
 * @param exists whether a file is there
 */
export function missingPackages(exists: (file: string) => boolean = existsSync): string[] {
  const folders = [...new Set([...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_PATH])];
  const found = (program: string) =>
    program.startsWith('/') ? exists(program) : folders.some((folder) => exists(join(folder, program)));
  return Object.entries(NEEDED)
    .filter(([, programs]) => !programs.every(found))
    .map(([name]) => name);
}

/** Whether the text of `/etc/os-release` names Debian or one of its children. */
export function isDebian(osRelease: string): boolean {
  const ids = [...osRelease.matchAll(/^(?:ID|ID_LIKE)="?([^"\n]*)"?$/gm)].flatMap(([, value]) =>
    (value ?? '').split(' '),
  );
  return ids.includes('debian') || ids.includes('ubuntu');
}

/**
 * Installs what is missing, where the distribution is known.
 *
 * @throws Error with the list, elsewhere
 */
export async function ensurePackages(progress: Progress): Promise<void> {
  // The programs of the administrator's folders are called by name.
  process.env['PATH'] = [...new Set([...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_PATH])].join(delimiter);
  const missing = missingPackages();
  if (missing.length === 0) return;
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!isDebian(osRelease)) {
    throw new Error(
      `these programs are missing, and this is not Debian: install what provides ${missing
        .flatMap((name) => NEEDED[name] ?? [])
        .join(', ')} (on Debian: apt-get install ${missing.join(' ')})`,
    );
  }
  await progress.step(`install Debian packages: ${missing.join(' ')}`, async () => {
    await withoutServices(async () => {
      const env = { DEBIAN_FRONTEND: 'noninteractive' };
      await run('apt-get', ['update', '--quiet'], { env });
      await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...missing], { env });
    });
  });
  const still = missingPackages();
  if (still.length > 0) throw new Error(`installed, and still not there: ${still.join(', ')}`);
}

/** Some of these packages start a service when they are installed; the cluster runs its own processes instead. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  const ours = !existsSync(policy);
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    if (ours) rmSync(policy);
  }
}
