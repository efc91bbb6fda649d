import type { Seal } from './vault-seal';

/** Port of the interface, Vault's default. */
export const API_PORT = 8200;
/** Port on which servers speak to each other. */
export const CLUSTER_PORT = 8201;
/** Port that answers the same interface, and metrics without a token. It has no Service: only the Pods that may read metrics reach it. */
export const METRICS_PORT = 8203;

/** Where the certificate of a server stands in its Pod. */
export const TLS_FOLDER = '/etc/vault-tls';
/** Where the authority behind it stands, in every Pod that calls a server. */
export const CA_FILE = '/etc/vault-ca/ca.crt';
/** The volume of a server. */
export const DATA_FOLDER = '/vault/data';

export interface VaultConfigurationProps {
  readonly seal: Seal;
  readonly tls: boolean;
  /** Name that the certificate of every server covers. */
  readonly tlsServerName: string;
  /** Whether clients find the authority in {@link CA_FILE}; otherwise the system's authorities serve. */
  readonly hasAuthority: boolean;
  /** Addresses of all servers. One server has no others to join. */
  readonly servers: readonly string[];
  readonly metrics: boolean;
  /** Whether the configuration makes the audit device; otherwise the scripts do. */
  readonly declaresAudit: boolean;
}

/**
 * The configuration file of the servers, which is the same for each of them: what differs, their names and addresses, stands in
 * their environment. Settings: https://developer.hashicorp.com/vault/docs/configuration and https://openbao.org/docs/configuration/
 */
export function vaultConfiguration(props: VaultConfigurationProps): string {
  const certificate = props.tls
    ? { tls_cert_file: `${TLS_FOLDER}/tls.crt`, tls_key_file: `${TLS_FOLDER}/tls.key`, tls_min_version: 'tls12' }
    : { tls_disable: true };
  const listener = (port: number) => ({ address: `[::]:${port}`, ...certificate });
  const configuration = {
    // Vault's makers advise so with raft storage: the storage is mapped into memory, and locking would keep all of it there. The nodes of
    // a cluster have no swap, which locking would guard against. OpenBao has no such setting.
    ...(props.declaresAudit ? {} : { disable_mlock: true }),
    ui: false,
    log_format: 'json',
    storage: { raft: { path: DATA_FOLDER, ...(props.servers.length > 1 ? { retry_join: joins(props) } : {}) } },
    listener: [
      { tcp: { ...listener(API_PORT), cluster_address: `[::]:${CLUSTER_PORT}` } },
      ...(props.metrics
        ? [
            {
              tcp: {
                ...listener(METRICS_PORT),
                cluster_address: `127.0.0.1:${METRICS_PORT + 1}`,
                telemetry: { unauthenticated_metrics_access: true },
              },
            },
          ]
        : []),
    ],
    // Five wrong values would lock out one of the platform's programs for a quarter of an hour: after a rotation, or because somebody sent them.
    // Nobody guesses values of this length. Setting: https://developer.hashicorp.com/vault/docs/concepts/user-lockout
    user_lockout: { approle: { disable_lockout: true } },
    telemetry: { prometheus_retention_time: '12h', disable_hostname: true },
    ...(props.declaresAudit
      ? { audit: [{ type: 'file', path: 'stdout', description: 'every request', options: { file_path: 'stdout' } }] }
      : {}),
    ...(props.seal.stanza === undefined ? {} : { seal: [props.seal.stanza] }),
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}

function joins({ servers, tls, tlsServerName, hasAuthority }: VaultConfigurationProps): Record<string, string>[] {
  return servers.map((server) => ({
    leader_api_addr: server,
    ...(tls ? { leader_tls_servername: tlsServerName } : {}),
    ...(tls && hasAuthority ? { leader_ca_cert_file: CA_FILE } : {}),
  }));
}
