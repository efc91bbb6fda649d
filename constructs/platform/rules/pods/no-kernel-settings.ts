import type { ObjectRule } from '../rule';
import type { Field } from '../field';

const SELINUX_TYPES = new Set(['container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);

/** Kernel parameters that are safe because they are separate for each Pod. */
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem',
]);

export const noKernelSettings: ObjectRule = {
  id: 'no-kernel-settings',
  level: 'error',
  scope: 'object',
  why: 'SELinux, AppArmor, /proc masks and kernel parameters are the walls between containers; a Pod must not lower them.',
  source: 'Pod Security Standards, baseline: https://kubernetes.io/docs/concepts/security/pod-security-standards/',
  fix: 'remove the setting; ask the cluster’s administrators where the software cannot do without',
  *check({ pod }) {
    if (pod === undefined) return;
    const podContext = pod.spec.at('securityContext');
    for (const sysctl of podContext.at('sysctls').items()) {
      const name = sysctl.at('name').text ?? '';
      if (!SAFE_SYSCTLS.has(name)) yield { field: sysctl.path, message: `kernel parameter ${name} is not safe` };
    }
    for (const context of [podContext, ...pod.containers.map((container) => container.at('securityContext'))]) {
      for (const [field, message] of lowered(context)) yield { field: field.path, message };
    }
  },
};

function* lowered(context: Field): Generator<readonly [Field, string]> {
  const type = context.at('seLinuxOptions', 'type');
  if (type.exists && !SELINUX_TYPES.has(type.text ?? '')) yield [type, `SELinux type ${type.text ?? ''}`];
  for (const key of ['user', 'role']) {
    const field = context.at('seLinuxOptions', key);
    if (field.exists) yield [field, `sets the SELinux ${key}`];
  }
  const appArmor = context.at('appArmorProfile', 'type');
  if (appArmor.text === 'Unconfined') yield [appArmor, 'turns AppArmor off'];
  const procMount = context.at('procMount');
  if (procMount.exists && procMount.text !== 'Default') yield [procMount, 'unmasks /proc'];
  const hostProcess = context.at('windowsOptions', 'hostProcess');
  if (hostProcess.value === true) yield [hostProcess, 'is a process of the Windows host'];
}
