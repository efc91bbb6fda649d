import { WORKLOAD_PATH } from './vault-workloads';
import { MACHINES, type Machine, OWN_PATH } from './vault-keys-script';

/** Policies and groups that the platform keeps; what has another name is none of its business. */
export const MANAGED_PREFIX = `${OWN_PATH}-`;

/** Stands for the accessor of the authentication method, which is known once that exists: the Job replaces it. */
export const ACCESSOR = 'ACCESSOR';

/**
 * What one may do in a directory of a key-value engine, version 2: everything below it, nothing beside it. The slash before the
 * star makes the difference: `user-al*` would reach `user-alpha`.
 */
export function directoryPolicy(mount: string, directory: string): string {
  const grant = (area: string, capabilities: readonly string[]) =>
    `path "${mount}/${area}/${directory}/*" {\n  capabilities = ${JSON.stringify(capabilities)}\n}\n`;
  return [
    grant('data', ['create', 'read', 'update', 'patch', 'delete']),
    grant('metadata', ['create', 'read', 'update', 'patch', 'delete', 'list']),
    grant('subkeys', ['read']),
    grant('delete', ['update']),
    grant('undelete', ['update']),
    grant('destroy', ['update']),
  ].join('');
}

/** Reading a directory of a key-value engine, version 2, and listing it. */
export function readOnlyPolicy(mount: string, directory: string): string {
  return (
    `path "${mount}/data/${directory}/*" {\n  capabilities = ["read"]\n}\n` +
    `path "${mount}/metadata/${directory}/*" {\n  capabilities = ["read","list"]\n}\n`
  );
}

/** The directory of whoever asks, by the name that the identity provider gives. */
export function ownDirectory(prefix: string): string {
  return `${prefix}{{identity.entity.aliases.${ACCESSOR}.name}}`;
}

export interface MachinePolicyProps {
  readonly mount: string;
  readonly authPath: string;
}

/** The policies of the programs that belong to the platform, by file name. */
export function machinePolicies(props: MachinePolicyProps): Readonly<Record<string, string>> {
  const rules: Readonly<Record<Machine, Readonly<Record<string, readonly string[]>>>> = {
    // The key there is encrypted with what only the servers have.
    servers: { [`${OWN_PATH}/unseal`]: ['read'] },
    snapshots: { 'sys/storage/raft/snapshot': ['read'], [`${OWN_PATH}/unseal`]: ['read'] },
    // Whoever writes policies can in the end do everything; what people keep is at least not read by mistake.
    reconciler: {
      'sys/audit': ['read', 'sudo'],
      'sys/audit/stdout': ['create', 'update', 'sudo'],
      [`sys/mounts/${props.mount}`]: ['create', 'read', 'update'],
      [`${props.mount}/config`]: ['create', 'read', 'update'],
      [`sys/auth/${props.authPath}`]: ['create', 'read', 'update', 'sudo'],
      [`sys/mounts/auth/${props.authPath}/tune`]: ['read', 'update', 'sudo'],
      [`auth/${props.authPath}/config`]: ['create', 'read', 'update'],
      [`auth/${props.authPath}/role`]: ['list'],
      [`auth/${props.authPath}/role/*`]: ['create', 'read', 'update'],
      'sys/policies/acl': ['list'],
      [`sys/policies/acl/${MANAGED_PREFIX}user`]: ['create', 'read', 'update'],
      [`sys/policies/acl/${MANAGED_PREFIX}project-*`]: ['create', 'read', 'update', 'delete'],
      [`sys/auth/${WORKLOAD_PATH}`]: ['create', 'read', 'update', 'sudo'],
      [`auth/${WORKLOAD_PATH}/config`]: ['create', 'read', 'update'],
      [`auth/${WORKLOAD_PATH}/role`]: ['list'],
      [`auth/${WORKLOAD_PATH}/role/*`]: ['create', 'read', 'update', 'delete'],
      [`sys/policies/acl/${MANAGED_PREFIX}workload-*`]: ['create', 'read', 'update', 'delete'],
      'identity/group/name': ['list'],
      [`identity/group/name/${MANAGED_PREFIX}project-*`]: ['create', 'read', 'update', 'delete'],
      'identity/group-alias': ['create', 'update'],
      'identity/group-alias/id/*': ['read', 'delete'],
      'sys/config/cors': ['create', 'read', 'update', 'delete', 'sudo'],
    },
  };
  return Object.fromEntries(
    MACHINES.map((machine) => [
      `policy.${machine}.hcl`,
      Object.entries(rules[machine])
        .map(([path, capabilities]) => `path "${path}" {\n  capabilities = ${JSON.stringify(capabilities)}\n}\n`)
        .join(''),
    ]),
  );
}
