import { attempt, run } from './commands';
import { POD_BRIDGE, POLICY_QUEUE } from './addresses';

/** Marks the rules that are the cluster's own. */
const COMMENT = 'bouture';

interface Rule {
  readonly chain: 'FORWARD' | 'INPUT';
  readonly match: readonly string[];
}

const marked = ['-m', 'comment', '--comment', COMMENT];
const newConnection = ['-i', POD_BRIDGE, '-m', 'conntrack', '--ctstate', 'NEW', ...marked];
const askEngine = ['-j', 'NFQUEUE', '--queue-num', String(POLICY_QUEUE)];

/**
 * Each new connection that a Pod opens, to a Pod, to the outside or to the node itself, is put before the NetworkPolicy engine. Where
 * nobody answers it is dropped: an engine that is down opens nothing. What belongs to a connection that was allowed passes, as do
 * the node's own connections to its Pods, such as the kubelet's probes.
 */
const RULES: readonly Rule[] = [
  { chain: 'FORWARD', match: ['-o', POD_BRIDGE, ...marked, '-j', 'ACCEPT'] },
  { chain: 'FORWARD', match: ['-i', POD_BRIDGE, ...marked, '-j', 'ACCEPT'] },
  { chain: 'FORWARD', match: [...newConnection, ...askEngine] },
  { chain: 'INPUT', match: [...newConnection, ...askEngine] },
];

/** Installs the rules that are not there; each goes on top, so the last one is asked first. */
export async function installFirewall(): Promise<void> {
  for (const { chain, match } of RULES) {
    const { code } = await attempt('iptables', ['-w', '-C', chain, ...match]);
    if (code !== 0) await run('iptables', ['-w', '-I', chain, '1', ...match]);
  }
}

const OURS = /^:(?:KUBE-|CNI-)|^-A (?:KUBE-|CNI-)|(?:-j|-g) (?:KUBE-|CNI-)|--comment (?:bouture|"bouture")(?: |$)/;

/** The text of `iptables-save` without what the cluster, kube-proxy, the kubelet and the CNI plugins put there. */
export function withoutClusterRules(saved: string): string {
  return saved
    .split('\n')
    .filter((line) => !OURS.test(line))
    .join('\n');
}

/** Tables that the text of `iptables-save` names. */
export function tablesOf(saved: string): string[] {
  return [...saved.matchAll(/^\*(\S+)$/gm)].map(([, table]) => table ?? '');
}

/** Tables without any rule, user chain, or policy other than ACCEPT: nobody would miss them. */
export function emptyTables(saved: string): string[] {
  return saved
    .split(/^(?=\*)/m)
    .filter((part) => part.startsWith('*'))
    .filter((part) => !/^-A |^:\S+ (?!ACCEPT )/m.test(part))
    .flatMap(tablesOf);
}

/** Tables of both address families that exist now: `ip filter`, `ip6 nat` ... */
export async function existingTables(): Promise<string[]> {
  const lists = await Promise.all(
    FAMILIES.map(async ({ family, save }) =>
      tablesOf((await attempt(save, [])).stdout).map((name) => `${family} ${name}`),
    ),
  );
  return lists.flat();
}

const FAMILIES = [
  { family: 'ip', save: 'iptables-save', restore: 'iptables-restore' },
  { family: 'ip6', save: 'ip6tables-save', restore: 'ip6tables-restore' },
] as const;

/**
 * Takes every rule of the cluster out again, and the tables that were made for them.
 *
 * @param before tables that existed before the cluster, which stay
 */
export async function removeFirewall(before: readonly string[]): Promise<void> {
  for (const { family, save, restore } of FAMILIES) {
    const saved = (await attempt(save, [])).stdout;
    const kept = withoutClusterRules(saved);
    if (kept !== saved) await run(restore, ['-w'], { input: kept });
    for (const table of emptyTables(kept)) {
      // Only the nft flavour of iptables has tables that can be removed; the other one simply keeps them empty.
      if (!before.includes(`${family} ${table}`)) await attempt('nft', ['delete', 'table', family, table]);
    }
  }
  await attempt('nft', ['delete', 'table', 'inet', 'kube-network-policies']);
}
