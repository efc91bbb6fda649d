import { contextProblem, type ContextPath, injected, injectedText } from '../../../constructs';
import { CONTEXT_VERSION, contextPaths, stepsOf } from '../../../constructs/catalog/onyxia-context';
import { ONYXIA_VERSION } from '../../../constructs/onyxia/onyxia-version';

test('describes the version of Onyxia that is pinned', () => {
  expect(CONTEXT_VERSION).toBe(ONYXIA_VERSION.web);
});

test.each<ContextPath>([
  'user.idep',
  'user.decodedIdToken.groups',
  's3.AWS_ACCESS_KEY_ID',
  's3_array[0].AWS_S3_ENDPOINT',
  'k8s.istio.enabled',
  'project.id',
])('has %s', (path) => {
  expect(contextProblem(path)).toBeUndefined();
});

test.each([
  ['s3.AWS_BUCKET_NAME', 'name the bucket in a value of the chart'],
  ['s3.workingDirectoryPath', 'the bucket of a space is {{project.id}}'],
  ['git.project', 'ask for the repository in a value'],
  ['k8s.initScriptUrl', 'use instanceSchema "ide/init.json"'],
  ['k8s.initScriptCheckSum', 'use instanceSchema "ide/init.json"'],
  ['region.resources.cpuLimit', 'use instanceSchema "ide/resources.json"'],
  ['region.nodeSelector', 'use instanceSchema "nodeSelector.json"'],
  ['region.tolerations', 'use instanceSchema "tolerations.json"'],
  ['region.startupProbe', 'use instanceSchema "ide/startupProbe.json"'],
  ['region.from', 'use instanceSchema "network-policy.json"'],
  ['region.defaultNetworkPolicy', 'use instanceSchema "network-policy.json"'],
  ['region.openshiftSCC.enabled', 'use instanceSchema "ide/openshiftSCC.json"'],
])('has %s no longer, and says what replaced it', (path, remedy) => {
  expect(contextProblem(path)).toContain(remedy);
});

test('tells what there is instead of a mistyped path', () => {
  expect(contextProblem('user.ideep')).toBe(
    '{{user.ideep}} is not in the context of Onyxia 5.5.1: user has accessToken, darkMode, decodedIdToken, email, idep, ip, lang, name, password, profile, refreshToken',
  );
});

test('a path that Onyxia lacks does not compile, and is refused without types', () => {
  // @ts-expect-error gone with version 5
  expect(() => injected('s3.AWS_BUCKET_NAME')).toThrow('not in the context');
  // @ts-expect-error a mistyped name
  expect(() => injectedText`x-${'user.ideep'}`).toThrow('not in the context');
});

test('builds texts with several parts', () => {
  expect(injectedText`${'project.id'}-${'k8s.randomSubdomain'}-0.${'k8s.domain'}`).toBe(
    '{{project.id}}-{{k8s.randomSubdomain}}-0.{{k8s.domain}}',
  );
});

test('reads references as Onyxia does', () => {
  expect(contextPaths('user.idep')).toEqual(['user.idep']);
  expect(contextPaths('{{user.idep}}-{{project.id}}')).toEqual(['user.idep', 'project.id']);
  expect(contextPaths(['fixed', '{{git.name}}', { a: '{{git.email}}' }])).toEqual(['git.name', 'git.email']);
  expect(stepsOf('user.decodedIdToken["a.b"][0].c')).toEqual(['user', 'decodedIdToken', 'a.b', '0', 'c']);
});
