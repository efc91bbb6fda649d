import { Connections, type IConnectable, PlatformNamespace, synthesize } from '../../../constructs';
import { testPlatform } from '../../support/platform';

function twoWorkloads() {
  const platform = testPlatform();
  const workload = (name: string): IConnectable => ({
    connections: new Connections(platform, name, {
      namespace: new PlatformNamespace(platform, `ns-${name}`, { name: `demo-${name}` }),
      name,
      podLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name },
    }),
  });
  const policy = (name: string) =>
    synthesize(platform).objects.find(
      ({ manifest }) => manifest.kind === 'NetworkPolicy' && manifest.metadata.name === name,
    )?.manifest['spec'] as {
      ingress?: unknown[];
      egress?: unknown[];
    };
  return { client: workload('client').connections, server: workload('server').connections, policy };
}
const peer = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': `demo-${name}` } },
  podSelector: { matchLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name } },
});
const tcp = (port: number) => [{ port, protocol: 'TCP' }];

describe('Connections', () => {
  test('a hole opens exactly one port, on both sides', () => {
    const { client, server, policy } = twoWorkloads();
    client.allowTo({ connections: server }, 5432);
    expect(policy('client')).toMatchObject({ egress: [{ to: [peer('server')], ports: tcp(5432) }] });
    expect(policy('client').ingress ?? []).toEqual([]);
    expect(policy('server')).toMatchObject({ ingress: [{ from: [peer('client')], ports: tcp(5432) }] });
    expect(policy('server').egress ?? []).toEqual([]);
  });

  test('the same hole asked for twice stands once', () => {
    const { client, server, policy } = twoWorkloads();
    client.allowTo({ connections: server }, 5432);
    client.allowTo({ connections: server }, 5432);
    expect(policy('server').ingress).toHaveLength(1);
  });

  test('holes stand in an order of their own, whatever the order of the calls', () => {
    const render = (ports: number[]) => {
      const { client, server, policy } = twoWorkloads();
      for (const port of ports) client.allowTo({ connections: server }, port);
      return JSON.stringify(policy('client'));
    };
    expect(render([9000, 80])).toBe(render([80, 9000]));
  });

  test('hosts outside never include the metadata service of a cloud', () => {
    const { client, policy } = twoWorkloads();
    client.allowToExternal({}, 443);
    expect(policy('client').egress).toEqual([
      { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.169.254/32'] } }], ports: tcp(443) },
    ]);
  });

  test('hosts outside are limited to the given networks', () => {
    const { client, policy } = twoWorkloads();
    client.allowToExternal({ cidrs: ['192.0.2.0/24'] }, 443);
    expect(policy('client').egress).toEqual([{ to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: tcp(443) }]);
  });

  test('Pods of others get in by namespace and label', () => {
    const { server, policy } = twoWorkloads();
    server.allowFrom({ namespace: 'traefik', podLabels: { app: 'traefik' } }, 8080);
    expect(policy('server').ingress).toEqual([
      {
        from: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } },
            podSelector: { matchLabels: { app: 'traefik' } },
          },
        ],
        ports: tcp(8080),
      },
    ]);
  });

  test.each([0, 65536, 1.5, Number.NaN])('port %p is refused', (port) => {
    const { client, server } = twoWorkloads();
    expect(() => {
      client.allowTo({ connections: server }, port);
    }).toThrow(RangeError);
  });
});
