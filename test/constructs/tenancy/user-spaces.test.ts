import { SpaceNames, type SpaceQuotaProps, synthesize, UserSpaces, type UserSpacesProps } from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { storePods, tenancyPlatform } from './fixture';

/** What the keeper writes into a space, by kind and name. */
function template(spaces: UserSpaces, kind: 'user' | 'project' = 'user'): Map<string, unknown> {
  const { data } = objectOf(synthesize(spaces.platform), 'ConfigMap', /^spaces-keeper-/) as unknown as {
    data: Readonly<Record<string, string>>;
  };
  const list: unknown = JSON.parse(data[`${kind}.json`] ?? '');
  return new Map(
    listAt(list, 'items').map((item) => [`${String(at(item, 'kind'))} ${String(at(item, 'metadata', 'name'))}`, item]),
  );
}

const spacesOf = (props: UserSpacesProps = {}) => new UserSpaces(tenancyPlatform(), 'spaces', props);
const hardOf = (spaces: UserSpaces, kind?: 'user' | 'project') =>
  at(template(spaces, kind).get('ResourceQuota platform'), 'spec', 'hard') as Readonly<Record<string, string>>;
const egressOf = (spaces: UserSpaces) => listAt(template(spaces).get('NetworkPolicy allow-out'), 'spec', 'egress');

describe('UserSpaces', () => {
  test('has a template whose last object is its seal, behind the default-deny, so that whoever has it has all', () => {
    expect([...template(spacesOf()).keys()]).toEqual([
      'ResourceQuota platform',
      'ServiceAccount default',
      'NetworkPolicy allow-dns',
      'NetworkPolicy allow-within',
      'NetworkPolicy allow-in',
      'NetworkPolicy allow-out',
      'NetworkPolicy default-deny',
      'LimitRange platform',
    ]);
  });

  test('says of the default-deny that it has no rule, so that one which had some loses them', () => {
    expect(at(template(spacesOf()).get('NetworkPolicy default-deny'), 'spec')).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [],
    });
  });

  test('writes with an account that can write these names, and nothing else', () => {
    const { rules } = objectOf(synthesize(spacesOf().platform), 'ClusterRole', 'demo-spaces-keeper') as unknown as {
      rules: readonly { resources: string[]; verbs: string[]; resourceNames?: string[] }[];
    };
    const patched = new Set(
      rules.filter(({ verbs }) => verbs.includes('patch')).flatMap(({ resourceNames }) => resourceNames),
    );
    expect(patched).toEqual(new Set([...template(spacesOf()).keys()].map((key) => key.split(' ')[1])));
    expect(new Set(rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(['get', 'list', 'create', 'patch']));
    expect(new Set(rules.flatMap(({ resources }) => resources))).toEqual(
      new Set(['namespaces', 'networkpolicies', 'resourcequotas', 'limitranges', 'serviceaccounts']),
    );
  });

  test('tells the keeper how many objects make a whole space', () => {
    const deployment = objectOf(synthesize(spacesOf().platform), 'Deployment', 'spaces-keeper');
    const env = listAt(deployment, 'spec', 'template', 'spec', 'containers', 0, 'env');
    expect(env).toContainEqual({ name: 'OBJECTS', value: '8' });
  });

  test('has another version of the template when anything in it changes', () => {
    const version = (change: (spaces: UserSpaces) => void, props: UserSpacesProps = {}) => {
      const spaces = spacesOf(props);
      change(spaces);
      return at(template(spaces).get('LimitRange platform'), 'metadata', 'labels', 'bouture.dev/space-template');
    };
    const nothing = () => undefined;
    const versions = [
      version(nothing),
      version(nothing, { userQuota: { cpu: '11' } }),
      version(nothing, { projectQuota: { cpu: '11' } }),
      version(nothing, { egress: 'internet' }),
      version((spaces) => {
        spaces.allowFrom({ namespace: 'traefik' });
      }),
    ];
    expect(new Set(versions).size).toBe(versions.length);
    expect(version(nothing)).toBe(versions[0]);
  });

  test('lets no space out but to DNS and itself', () => {
    expect(egressOf(spacesOf())).toEqual([]);
  });

  test('opens the Internet when asked to, and never a private network or the metadata of a cloud', () => {
    const [four, six] = egressOf(spacesOf({ egress: 'internet' }));
    expect(listAt(four, 'to', 0, 'ipBlock', 'except')).toEqual([
      '10.0.0.0/8',
      '100.64.0.0/10',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ]);
    expect(at(six, 'to', 0, 'ipBlock', 'cidr')).toBe('::/0');
  });

  test('opens a way to the platform on both sides, once for each port', () => {
    const platform = tenancyPlatform();
    const spaces = new UserSpaces(platform, 'spaces');
    const store = storePods(platform);
    spaces.allowTo(store, 9001);
    spaces.allowTo(store, 9000);
    spaces.allowTo(store, 9000);
    expect(egressOf(spaces).map((rule) => at(rule, 'ports', 0, 'port'))).toEqual([9000, 9001]);
    const twin = objectOf(synthesize(platform), 'NetworkPolicy', 'store-server-from-spaces');
    expect(twin.metadata.namespace).toBe('demo-store');
    expect(at(twin, 'spec', 'ingress')).toEqual([
      {
        from: [{ namespaceSelector: { matchLabels: { 'bouture.dev/space': 'people' } } }],
        ports: [
          { port: 9000, protocol: 'TCP' },
          { port: 9001, protocol: 'TCP' },
        ],
      },
    ]);
  });

  test('opens a way to Pods of others on its own side', () => {
    const spaces = spacesOf();
    spaces.allowToPods({ namespace: 'traefik', podLabels: { app: 'traefik' } }, 8443);
    expect(egressOf(spaces)).toEqual([
      {
        to: [
          {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } },
            podSelector: { matchLabels: { app: 'traefik' } },
          },
        ],
        ports: [{ port: 8443, protocol: 'TCP' }],
      },
    ]);
  });

  test('gives Onyxia the keys that it knows, and keeps the others', () => {
    const spaces = spacesOf({ userQuota: { cpu: '4' }, roleQuotas: { gpu: { gpus: 2 } } });
    const { user, roles } = spaces.onyxiaQuotas;
    expect(user).toMatchObject({ 'requests.cpu': '4', 'requests.nvidia.com/gpu': '0' });
    expect(roles['gpu']).toMatchObject({ 'requests.cpu': '4', 'requests.nvidia.com/gpu': '2' });
    expect(Object.keys(user)).not.toContain('services.nodeports');
    expect(hardOf(spaces)).toMatchObject({
      'services.nodeports': '0',
      'services.loadbalancers': '0',
      persistentvolumeclaims: '30',
    });
  });

  test('bounds every user by the greatest of the roles, whichever way a quantity is written', () => {
    const spaces = spacesOf({
      userQuota: { memory: '1024Mi' },
      roleQuotas: { a: { memory: '1.5Gi', gpus: 1 }, b: { memory: '1500M', further: { 'requests.amd.com/gpu': '1' } } },
    });
    expect(hardOf(spaces)).toMatchObject({ 'requests.memory': '1.5Gi', 'requests.nvidia.com/gpu': '1' });
    expect(hardOf(spaces)).not.toHaveProperty(['requests.amd.com/gpu']);
    expect(hardOf(spaces, 'project')).toMatchObject({ 'requests.memory': '64Gi', 'requests.nvidia.com/gpu': '0' });
  });

  test('labels spaces with a level and a version of the Pod Security Standards', () => {
    expect(spacesOf({ podSecurity: 'restricted', podSecurityVersion: 'v1.33' }).namespaceLabels).toEqual({
      'bouture.dev/space': 'people',
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'v1.33',
      'pod-security.kubernetes.io/warn': 'restricted',
      'pod-security.kubernetes.io/warn-version': 'v1.33',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/audit-version': 'v1.33',
    });
  });

  test.each<[SpaceQuotaProps, string]>([
    [{ cpu: 'many' }, 'quota of a user: requests.cpu "many" is no quantity of zero or more'],
    [{ memory: '-1Gi' }, 'quota of a user: requests.memory "-1Gi" is no quantity'],
    [{ gpus: Number.NaN }, 'requests.nvidia.com/gpu "NaN" is no quantity'],
    [{ further: { pods: '7' } }, 'quota of a user: further key "pods" is one that this library sets'],
  ])('refuses the quota %j', (userQuota, message) => {
    expect(() => spacesOf({ userQuota })).toThrow(message);
  });

  test('refuses what is no version of the Pod Security Standards', () => {
    expect(() => spacesOf({ podSecurityVersion: '1.34' })).toThrow('"1.34": expected one such as "v1.34"');
  });

  test('refuses a port that is none', () => {
    expect(() => {
      spacesOf().allowToExternal({}, 70_000);
    }).toThrow('given 70000');
  });

  test('breaks no rule and is valid on every Kubernetes minor', () => {
    const spaces = spacesOf({ names: new SpaceNames({ projectPrefix: 'project-' }), egress: 'internet' });
    const synthesis = synthesize(spaces.platform);
    expect(checkRules(synthesis, { profile: 'pilot' }).map(describeViolation)).toEqual([]);
    const written = [...template(spaces).values(), ...template(spaces, 'project').values()];
    const everything = [...synthesis.objects.map(({ manifest }) => manifest), ...written];
    for (const minor of schemaMinors()) {
      const schema = new StrictSchemas(minor);
      const problems = everything.flatMap((one) => schema.problems(JSON.parse(JSON.stringify(one))));
      expect({ minor, problems }).toEqual({ minor, problems: [] });
    }
  });
});
