import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { NODE_ADDRESS, NODE_BRIDGE, NODES, POD_BRIDGE, SERVICE_SUBNET } from './addresses';
import { attempt, run } from './commands';
import { existingTables, installFirewall, removeFirewall } from './firewall';
import { RUNTIME_ROOT } from './paths';

/** Kernel settings that the cluster, its kubelet or its kube-proxy change; each gets its old value back. */
const SETTINGS = [
  'kernel/keys/root_maxbytes',
  'kernel/keys/root_maxkeys',
  'kernel/panic',
  'kernel/panic_on_oops',
  'net/bridge/bridge-nf-call-iptables',
  'net/ipv4/conf/all/forwarding',
  'net/ipv4/conf/all/route_localnet',
  'net/ipv4/conf/default/forwarding',
  'net/ipv4/ip_forward',
  'net/netfilter/nf_conntrack_max',
  'net/netfilter/nf_conntrack_tcp_be_liberal',
  'net/netfilter/nf_conntrack_tcp_timeout_close_wait',
  'net/netfilter/nf_conntrack_tcp_timeout_established',
  'vm/overcommit_memory',
  'vm/panic_on_oom',
] as const;

/** Folders outside the state folder that the kubelet and the CNI plugins insist on. */
const FOREIGN_FOLDERS = [
  '/var/lib/kubelet',
  '/var/log/containers',
  '/var/log/pods',
  '/var/lib/cni',
  '/run/containerd',
  '/run/flannel',
  '/run/netns',
  '/opt/containerd',
  '/opt/cni',
  '/etc/cni',
  '/usr/libexec/kubernetes',
] as const;

const beforeSchema = z.object({
  settings: z.record(z.string(), z.string()),
  tables: z.array(z.string()),
  folders: z.array(z.string()),
});

/** What the host was like before the cluster. */
type HostBefore = z.infer<typeof beforeSchema>;

const BEFORE = join(RUNTIME_ROOT, 'host-before.json');

/** Makes the host ready for Pods: the node's address, forwarding, the way through the NetworkPolicy engine. Remembers what was before. */
export async function prepareHost(): Promise<void> {
  mkdirSync(RUNTIME_ROOT, { recursive: true, mode: 0o755 });
  // On kernels that have these built in there is nothing to load, and nothing to worry about.
  await attempt('modprobe', ['-a', 'overlay', 'br_netfilter', 'nf_conntrack', 'nfnetlink_queue', 'xt_NFQUEUE']).catch(
    () => undefined,
  );
  if (!existsSync('/proc/sys/net/bridge/bridge-nf-call-iptables')) {
    throw new Error(
      'the kernel does not filter bridged traffic, so NetworkPolicies cannot be enforced: load the module br_netfilter',
    );
  }
  if (!existsSync(BEFORE)) {
    const before: HostBefore = {
      settings: Object.fromEntries(
        SETTINGS.filter((name) => existsSync(`/proc/sys/${name}`)).map((name) => [name, readSetting(name)]),
      ),
      tables: await existingTables(),
      folders: FOREIGN_FOLDERS.filter((folder) => existsSync(folder)),
    };
    writeFileSync(BEFORE, JSON.stringify(before));
  }
  if (networkInterfaces()[NODE_BRIDGE]?.some(({ address }) => address === NODE_ADDRESS) !== true) {
    await attempt('ip', ['link', 'add', NODE_BRIDGE, 'type', 'bridge']);
    await attempt('ip', ['address', 'add', `${NODE_ADDRESS}/24`, 'dev', NODE_BRIDGE]);
    await run('ip', ['link', 'set', NODE_BRIDGE, 'up']);
  }
  for (const { address } of NODES.slice(1)) {
    if (networkInterfaces()[NODE_BRIDGE]?.some((one) => one.address === address) === true) continue;
    await run('ip', ['address', 'add', `${address}/24`, 'dev', NODE_BRIDGE]);
  }
  // On a machine without a default route, nothing else leads to Services before kube-proxy has turned them into Pods.
  await run('ip', ['route', 'replace', SERVICE_SUBNET, 'dev', NODE_BRIDGE]);
  writeSetting('net/ipv4/ip_forward', '1');
  writeSetting('net/bridge/bridge-nf-call-iptables', '1');
  await installFirewall();
}

/** Undoes `prepareHost`, and what kubelet, kube-proxy and CNI plugins left on the host. Does nothing when nothing was done. */
export async function restoreHost(): Promise<void> {
  const before = readBefore();
  await removeFirewall(before?.tables ?? ['ip filter', 'ip nat', 'ip mangle', 'ip6 filter', 'ip6 nat', 'ip6 mangle']);
  for (const bridge of [POD_BRIDGE, NODE_BRIDGE]) {
    if (existsSync(`/sys/class/net/${bridge}`)) await run('ip', ['link', 'delete', bridge]);
  }
  if (before === undefined) return;
  for (const [name, value] of Object.entries(before.settings)) {
    if (readSetting(name) !== value) writeSetting(name, value);
  }
  for (const folder of FOREIGN_FOLDERS) {
    if (before.folders.includes(folder) || !existsSync(folder)) continue;
    await attempt('umount', ['-l', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(RUNTIME_ROOT, { recursive: true, force: true });
}

function readBefore(): HostBefore | undefined {
  return existsSync(BEFORE) ? beforeSchema.parse(JSON.parse(readFileSync(BEFORE, 'utf8'))) : undefined;
}

function readSetting(name: string): string {
  return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
}

function writeSetting(name: string, value: string): void {
  writeFileSync(`/proc/sys/${name}`, value);
}
