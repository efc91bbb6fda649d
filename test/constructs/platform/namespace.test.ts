import { PlatformNamespace, synthesize } from '../../../constructs';
import { testPlatform } from '../../support/platform';

function objectsOf(props: Partial<ConstructorParameters<typeof PlatformNamespace>[2]> = {}) {
  const platform = testPlatform();
  new PlatformNamespace(platform, 'ns', { name: 'demo-data', ...props });
  return synthesize(platform).objects.map(({ manifest }) => manifest);
}
const one = (kind: string, name: string, props = {}) =>
  objectsOf(props).find((o) => o.kind === kind && o.metadata.name === name);

describe('PlatformNamespace', () => {
  test('denies all traffic in both directions', () => {
    expect(one('NetworkPolicy', 'default-deny')?.['spec']).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('opens DNS, and nothing else, to the cluster DNS', () => {
    expect(one('NetworkPolicy', 'allow-dns')?.['spec']).toMatchInlineSnapshot(`
      {
        "egress": [
          {
            "ports": [
              {
                "port": 53,
                "protocol": "UDP",
              },
              {
                "port": 53,
                "protocol": "TCP",
              },
            ],
            "to": [
              {
                "namespaceSelector": {
                  "matchLabels": {
                    "kubernetes.io/metadata.name": "kube-system",
                  },
                },
                "podSelector": {
                  "matchLabels": {
                    "k8s-app": "kube-dns",
                  },
                },
              },
            ],
          },
        ],
        "podSelector": {},
        "policyTypes": [
          "Egress",
        ],
      }
    `);
  });

  test('enforces restricted Pods unless told otherwise', () => {
    expect(one('Namespace', 'demo-data')?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(one('Namespace', 'demo-data', { podSecurity: 'baseline' })?.metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/warn': 'restricted',
    });
  });

  test('allows no node port and no load balancer', () => {
    expect(one('ResourceQuota', 'platform')?.['spec']).toMatchObject({
      hard: { 'services.nodeports': '0', 'services.loadbalancers': '0' },
    });
  });

  test('adds to the quota without losing its defaults', () => {
    expect(one('ResourceQuota', 'platform', { quota: { pods: '7' } })?.['spec']).toMatchObject({
      hard: { pods: '7', 'count/secrets': '100' },
    });
  });

  test('mounts no token of its default service account', () => {
    expect(one('ServiceAccount', 'default')?.['automountServiceAccountToken']).toBe(false);
  });

  test('refuses a name that is no DNS label', () => {
    expect(() => objectsOf({ name: 'Demo_Data' })).toThrow('namespace "Demo_Data" is not a DNS label');
    expect(() => objectsOf({ name: 'a'.repeat(64) })).toThrow('64 characters');
  });
});
