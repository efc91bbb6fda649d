import {
  type KubernetesManifest,
  PlatformAccount,
  synthesize,
  TenantPolicies,
  type TenantPoliciesProps,
  UserSpaces,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { hostPattern } from '../../../constructs/tenancy/policies/hosts';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt } from '../../support/objects';
import { onyxiaAccount, tenancyPlatform } from './fixture';

/** Everything that an office may ask for beside what always holds. */
const EVERYTHING = { registries: ['registry.example.org'], privateRegistries: ['registry.example.org/secret'] };

/** Somebody who pauses services, and the taint of devices. */
const RECLAIMED: Partial<TenantPoliciesProps> = {
  deviceTolerations: { 'nvidia.com/gpu': ['nvidia.com/gpu'] },
  reclaimers: [PlatformAccount.user('system:serviceaccount:demo-gpu:reclaim')],
};

function policiesOf(props: Partial<TenantPoliciesProps> = {}): readonly KubernetesManifest[] {
  return synthesized(props)
    .objects.map(({ manifest }) => manifest)
    .filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
}

function synthesized(props: Partial<TenantPoliciesProps> = {}) {
  const platform = tenancyPlatform();
  const onyxia = PlatformAccount.serviceAccount(onyxiaAccount(platform));
  const spaces = new UserSpaces(platform, 'spaces');
  const exposure = { domain: 'lab.example.org', ingressClassName: 'traefik' };
  new TenantPolicies(platform, 'tenant-policies', { spaces, exposure, onyxia, ...props });
  return synthesize(platform);
}

const condition = (policy: KubernetesManifest) => String(at(policy, 'spec', 'matchConditions', 0, 'expression'));
const messages = (policy: KubernetesManifest) =>
  listAt(policy, 'spec', 'validations').map((one) => String(at(one, 'message')));
const named = (all: readonly KubernetesManifest[], name: string) => all.find(({ metadata }) => metadata.name === name);

describe('TenantPolicies', () => {
  test('are one for each thing that RBAC cannot say', () => {
    expect(policiesOf().map(({ metadata }) => metadata.name)).toEqual([
      'demo-devices',
      'demo-ingresses',
      'demo-isolation-first',
      'demo-keeper-scope',
      'demo-managed-objects',
      'demo-network-egress',
      'demo-pods',
      'demo-routes',
      'demo-services',
      'demo-space-members',
      'demo-space-names',
      'demo-volumes',
    ]);
  });

  test('let a Pod bear the taint of devices that asks for one of them, by any of its containers', () => {
    const [policy] = policiesOf({
      deviceTolerations: { 'nvidia.com/gpu': ['nvidia.com/gpu', 'nvidia.com/mig-1g.5gb'] },
    }).filter(({ metadata }) => metadata.name === 'demo-pods');
    const variable = (name: string) =>
      String(
        at(
          listAt(policy, 'spec', 'variables').find((one) => at(one, 'name') === name),
          'expression',
        ),
      );
    expect(variable('containers')).toContain('object.spec.initContainers');
    expect(variable('refused')).toContain(
      't.key == "nvidia.com/gpu" && variables.containers.exists(c, has(c.resources) && has(c.resources.limits) && ' +
        'c.resources.limits.exists(r, r in ["nvidia.com/gpu", "nvidia.com/mig-1g.5gb"] && string(c.resources.limits[r]) != "0"))',
    );
    expect(JSON.stringify(policy)).toContain(
      'nvidia.com/gpu where it asks for nvidia.com/gpu or nvidia.com/mig-1g.5gb',
    );
  });

  test('keep who pauses services inside spaces, and to zero', () => {
    const policy = named(policiesOf(RECLAIMED), 'demo-reclaim-scope');
    expect(condition(policy as KubernetesManifest)).toContain('system:serviceaccount:demo-gpu:reclaim');
    expect(listAt(policy, 'spec', 'matchConstraints', 'resourceRules', 0, 'resources')).toEqual(['*/*']);
  });

  test('let nobody make a way in from outside where no domain is meant for it', () => {
    const platform = tenancyPlatform();
    new TenantPolicies(platform, 'tenant-policies', { spaces: new UserSpaces(platform, 'spaces') });
    const names = synthesize(platform)
      .objects.filter(({ manifest }) => manifest.kind === 'ValidatingAdmissionPolicy')
      .map(({ manifest }) => manifest.metadata.name);
    expect(names).toContain('demo-no-exposure');
    expect(names).not.toContain('demo-ingresses');
    expect(names).not.toContain('demo-routes');
    expect(names).toHaveLength(11);
  });

  test('each refuse when they cannot be evaluated, and tell the audit log', () => {
    const { objects } = synthesized();
    for (const { manifest } of objects) {
      if (manifest.kind === 'ValidatingAdmissionPolicy') expect(at(manifest, 'spec', 'failurePolicy')).toBe('Fail');
      if (manifest.kind === 'ValidatingAdmissionPolicyBinding')
        expect(at(manifest, 'spec', 'validationActions')).toEqual(['Deny', 'Audit']);
    }
  });

  test('each have a binding that names them', () => {
    const bound = synthesized()
      .objects.filter(({ manifest }) => manifest.kind === 'ValidatingAdmissionPolicyBinding')
      .map(({ manifest }) => at(manifest, 'spec', 'policyName'));
    expect(bound.sort()).toEqual(policiesOf().map(({ metadata }) => metadata.name));
  });

  test('each tell a person more than what was refused, in one line', () => {
    for (const policy of policiesOf({ ...EVERYTHING, ...RECLAIMED })) {
      for (const message of messages(policy)) {
        expect(message).toMatch(/^[^\n]{60,}\.$/);
        expect(message).not.toMatch(/undefined|null|\[object/);
      }
    }
  });

  test('ask the API server who is an administrator, and take Onyxia for none', () => {
    for (const policy of policiesOf()) {
      if (policy.metadata.name === 'demo-keeper-scope') continue;
      expect(condition(policy)).toContain(".resource('validatingadmissionpolicies').check('delete').allowed()");
      expect(condition(policy)).toContain('"system:serviceaccount:demo-onyxia:onyxia"');
    }
  });

  test('are about spaces by their names, so that a missing label opens nothing', () => {
    const about = policiesOf().filter((policy) => !condition(policy).includes('request.namespace.startsWith("user-")'));
    // these judge what makes a space one, wherever it is tried
    expect(about.map(({ metadata }) => metadata.name)).toEqual([
      'demo-keeper-scope',
      'demo-space-members',
      'demo-space-names',
    ]);
  });

  test('look the seal of the space up in the namespace of the Pod', () => {
    const binding = named(
      synthesized().objects.map(({ manifest }) => manifest),
      'demo-space-is-being-prepared-try-again-in-a-minute',
    );
    expect(at(binding, 'spec', 'paramRef')).toEqual({ name: 'platform', parameterNotFoundAction: 'Deny' });
  });

  test('ask the namespace itself whether it is closed, when somebody is bound in it', () => {
    const members = named(policiesOf(), 'demo-space-members');
    const [first] = listAt(members, 'spec', 'validations');
    expect(at(first, 'expression')).toContain('"bouture.dev/closed" in namespaceObject.metadata.labels');
    expect(at(first, 'message')).toMatch(/^This space is closed/);
  });

  test('know a private account of Docker Hub by each of its names', () => {
    const [policy] = policiesOf({ privateRegistries: ['docker.io/office'] }).filter(({ metadata }) =>
      metadata.name.endsWith('private-images'),
    );
    const refused = listAt(policy, 'spec', 'variables').find((one) => at(one, 'name') === 'refused');
    expect(at(refused, 'expression')).toContain('["docker.io/office/", "index.docker.io/office/", "office/"]');
  });

  test('name only what Kubernetes 1.30 knows', () => {
    const text = JSON.stringify(policiesOf({ ...EVERYTHING, ...RECLAIMED }));
    for (const newer of ['format.', 'isSemver', 'semver(', 'sets.', '.transformMap', 'two-variable'])
      expect(text).not.toContain(newer);
  });

  test.each<[Partial<TenantPoliciesProps>, string]>([
    [{ exposure: { domain: 'https://lab.example.org' } }, '"https://lab.example.org" is not a domain name'],
    [{ registries: ['https://registry.example.org/'] }, 'registry "https://registry.example.org/": expected a host'],
    [{ registries: [''] }, 'registry "": expected a host'],
    [{ privateRegistries: ['registry.example.org/'] }, 'registry "registry.example.org/": expected a host'],
    [{ privateRegistries: ['docker.io'] }, 'expected an account of it'],
    [{ maximumPriority: 2_000_001_000 }, 'given 2000001000'],
    [{ maximumPriority: 0.5 }, 'given 0.5'],
  ])('refuse %j', (props, message) => {
    expect(() => synthesized(props)).toThrow(message);
  });

  test('break no rule and are valid on every Kubernetes minor', () => {
    const synthesis = synthesized({ ...EVERYTHING, ...RECLAIMED });
    expect(checkRules(synthesis, { profile: 'pilot' }).map(describeViolation)).toEqual([]);
    for (const minor of schemaMinors()) {
      const schema = new StrictSchemas(minor);
      const problems = synthesis.objects.flatMap(({ manifest }) =>
        schema.problems(JSON.parse(JSON.stringify(manifest))),
      );
      expect({ minor, problems }).toEqual({ minor, problems: [] });
    }
  });
});

describe('the hosts of a space', () => {
  /** The pattern as CEL puts it together. */
  const pattern = (namespace: string) => {
    const [begin, , end] = hostPattern('lab.example.org').split(' + ');
    return new RegExp(`${JSON.parse(begin ?? '') as string}${namespace}${JSON.parse(end ?? '') as string}`);
  };

  test('are never those of a space whose name begins with its own', () => {
    const namespaces = ['user-al', 'user-al-x', 'user-al-1', 'user-al-1-x', 'user-al-x-y', 'projet-al'];
    const rests = ['-1-0', '-x-0', '-1-user', '--x', '--1-0', '--x--y', '--x-y-1-0'];
    for (const owner of namespaces) {
      for (const rest of rests) {
        const host = `${owner}${rest}.lab.example.org`;
        expect(namespaces.filter((namespace) => pattern(namespace).test(host))).toEqual([owner]);
      }
    }
  });

  test.each([
    'user-al.lab.example.org',
    'user-al-.lab.example.org',
    'user-al---.lab.example.org',
    'user-al-1-0xlab.example.org',
  ])('do not include %s', (host) => {
    expect(pattern('user-al').test(host)).toBe(false);
  });
});

describe('PlatformAccount', () => {
  test('is what the API server calls a service account', () => {
    const account = PlatformAccount.serviceAccount(onyxiaAccount(tenancyPlatform()));
    expect(account).toMatchObject({ kind: 'User', name: 'system:serviceaccount:demo-onyxia:onyxia' });
  });

  test('is not everyone', () => {
    expect(() => PlatformAccount.group('system:authenticated')).toThrow('is no account of the platform');
    expect(() => PlatformAccount.user('')).toThrow('user "" is no account');
  });
});
