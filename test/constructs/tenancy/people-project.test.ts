import {
  PeopleProject,
  type PeopleProjectProps,
  synthesize,
  UserSpaces,
  type UserSpacesProps,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { at, listAt, objectOf } from '../../support/objects';
import { FakeIdentityProvider, storePods, tenancyPlatform } from './fixture';

function projectOf(id = 'census', props: Partial<PeopleProjectProps> = {}, around: UserSpacesProps = {}) {
  const platform = tenancyPlatform();
  const identityProvider = new FakeIdentityProvider(platform, 'realm');
  const spaces = new UserSpaces(platform, 'spaces', { projectQuota: { cpu: '12' }, ...around });
  const project = new PeopleProject(platform, id, { spaces, identityProvider, ...props });
  return { platform, identityProvider, spaces, project };
}

describe('PeopleProject', () => {
  test('has the group, and a namespace of the same name that belongs to it', () => {
    const { platform, identityProvider, project } = projectOf();
    expect(identityProvider.groups).toEqual(['census']);
    expect(project.namespace.name).toBe('projet-census');
    expect(objectOf(synthesize(platform), 'Namespace', 'projet-census').metadata.labels).toMatchObject({
      onyxia_owner: 'census',
      'bouture.dev/space': 'people',
      'pod-security.kubernetes.io/enforce': 'baseline',
      'pod-security.kubernetes.io/enforce-version': 'v1.34',
    });
  });

  test('makes its members administrators of that namespace, as the API server knows them', () => {
    const { platform } = projectOf();
    const { roleRef, subjects } = objectOf(synthesize(platform), 'RoleBinding', 'members') as unknown as Record<
      string,
      unknown
    >;
    expect(roleRef).toMatchObject({ kind: 'ClusterRole', name: 'admin' });
    expect(subjects).toEqual([{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'oidc:census' }]);
  });

  test('has the labels that Onyxia writes at each login, so that the two do not contend', () => {
    const { platform, spaces } = projectOf();
    const { labels } = objectOf(synthesize(platform), 'Namespace', 'projet-census').metadata;
    expect(labels).toMatchObject(spaces.namespaceLabels);
  });

  test('has the quota of projects but for what differs', () => {
    const { platform } = projectOf('census', { quota: { gpus: 2 } });
    const quota = synthesize(platform).objects.find(
      ({ manifest }) => manifest.kind === 'ResourceQuota' && manifest.metadata.namespace === 'projet-census',
    );
    expect(at(quota?.manifest, 'spec', 'hard')).toMatchObject({ 'requests.cpu': '12', 'requests.nvidia.com/gpu': '2' });
  });

  test('has what was said of it where the spaces are made, and Onyxia counts as much for all', () => {
    const { platform, spaces } = projectOf('census', {}, { projectQuotas: { census: { gpus: 3 } } });
    const hard = synthesize(platform).objects.find(
      ({ manifest }) => manifest.kind === 'ResourceQuota' && manifest.metadata.namespace === 'projet-census',
    );
    expect(at(hard?.manifest, 'spec', 'hard', 'requests.nvidia.com/gpu')).toBe('3');
    expect(spaces.onyxiaQuotas.group['requests.nvidia.com/gpu']).toBe('3');
    expect(spaces.projectQuota.hard['requests.nvidia.com/gpu']).toBe('0');
  });

  test('has the holes of every space, also those that are opened after it was made', () => {
    const { platform, spaces } = projectOf();
    spaces.allowTo(storePods(platform), 9000);
    const out = objectOf(synthesize(platform), 'NetworkPolicy', 'allow-out');
    expect(listAt(out, 'spec', 'egress', 0, 'ports')).toEqual([{ port: 9000, protocol: 'TCP' }]);
  });

  test('gets a place wherever it joins, by its plain name', () => {
    const { project } = projectOf();
    const asked: string[] = [];
    const bucket = project.joins({
      addProject: (name) => {
        asked.push(name);
        return { bucket: `projet-${name}` };
      },
    });
    expect(asked).toEqual(['census']);
    expect(bucket).toEqual({ bucket: 'projet-census' });
  });

  test.each(['kube-system', 'a--b', 'onyxia'])('refuses the name "%s"', (id) => {
    expect(() => projectOf(id)).toThrow(`project "${id}": expected parts of a-z and 0-9`);
  });

  test('breaks no rule', () => {
    const { platform } = projectOf();
    expect(checkRules(synthesize(platform), { profile: 'pilot' }).map(describeViolation)).toEqual([]);
  });
});
