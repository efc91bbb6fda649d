import { stringify } from 'yaml';
import { parseConfig } from '../../blueprints';
import { type CatalogDocument, synthesize } from '../../constructs';
import { at } from '../support/objects';
import { catalogProblems } from '../constructs/onyxia/schemas';

const LOCATION = 'https://charts.example.org';
const KEYCLOAK = { keycloak: { roles: ['gpu-user', 'trainer'] } };

/** The API's setting `catalogs` of a configuration. */
function documents(catalogs: readonly object[], identity: object = KEYCLOAK): readonly CatalogDocument[] {
  const text = stringify({
    apiVersion: 'bouture.dev/v1',
    blueprint: 'sspcloud',
    name: 'office',
    images: { mirror: 'registry.example.org' },
    exposure: {
      domain: 'data.example.org',
      ingress: { className: 'web', controller: { namespace: 'web' }, tls: { controller: true } },
    },
    objectStore: { minio: {} },
    database: { postgres: {} },
    identity,
    people: {
      services: { domain: 'lab.example.org', ingressClassName: 'web' },
      projects: [{ name: 'census' }, { name: 'prices' }],
    },
    onyxia: {
      catalogs: catalogs.map((fields, index) => ({
        id: `c${index}`,
        name: `C${index}`,
        location: LOCATION,
        ...fields,
      })),
    },
  });
  const { objects } = synthesize(parseConfig('office.yaml', text).compose());
  const [found] = objects.flatMap(({ manifest }) => {
    const setting = at(manifest, 'data', 'catalogs');
    return typeof setting === 'string' ? [setting] : [];
  });
  const document: unknown = JSON.parse(found ?? 'null');
  expect(catalogProblems(document)).toEqual([]);
  return document as readonly CatalogDocument[];
}

type Claims = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Whether Onyxia's API gives a catalog to a person with these claims: every restriction fits, and of a list one item does. */
function sees({ restrictions = [] }: CatalogDocument, claims: Claims): boolean {
  return restrictions.every(({ userAttribute: { key, matches } }) => {
    const value = claims[key];
    const texts = Array.isArray(value) ? (value as readonly string[]) : [String(value)];
    return value !== undefined && texts.some((text) => new RegExp(`^(?:${matches})$`).test(text));
  });
}

test('a catalog that says nothing is for everyone, in both kinds of spaces', () => {
  const [catalog] = documents([{}]);
  expect(catalog).toMatchObject({ visible: { user: true, project: true } });
  expect(catalog).not.toHaveProperty('restrictions');
});

test.each([
  [{ user: false }, { user: false, project: true }],
  [{ project: false }, { user: true, project: false }],
])('a catalog shows where it is told, %p', (given, visible) => {
  expect(documents([{ visible: given }])).toEqual([expect.objectContaining({ visible })]);
});

test('roles, projects and attributes are restrictions of the claims that the realm has', () => {
  const restrictions = [{ claim: 'email', matches: '.*@example\\.org' }];
  const [catalog] = documents([{ roles: ['gpu-user', 'trainer'], projects: ['census'], restrictions }]);
  expect(catalog?.restrictions).toEqual([
    { userAttribute: { key: 'roles', matches: 'gpu-user|trainer' } },
    { userAttribute: { key: 'groups', matches: 'census' } },
    { userAttribute: { key: 'email', matches: '.*@example\\.org' } },
  ]);
});

test.each<[string, Claims, boolean]>([
  ['one of the roles and the group', { roles: ['other', 'trainer'], groups: ['census'] }, true],
  ['the other role', { roles: ['gpu-user'], groups: ['prices', 'census'] }, true],
  ['the group alone', { roles: [], groups: ['census'] }, false],
  ['the role alone', { roles: ['trainer'], groups: ['prices'] }, false],
  ['names that only begin or end so', { roles: ['gpu-user2', 'my-trainer'], groups: ['census'] }, false],
  ['no claim', {}, false],
])('who has %s sees a catalog for roles and a project, or not', (_, claims, seen) => {
  const [catalog] = documents([{ roles: ['gpu-user', 'trainer'], projects: ['census'] }]);
  expect(catalog === undefined ? undefined : sees(catalog, claims)).toBe(seen);
});

test('at a provider of somebody else the claims have its names, and only the projects are known here', () => {
  const external = { issuer: 'https://login.example.org', claims: { groups: 'teams', roles: 'app_roles' } };
  const [catalog] = documents(
    [{ roles: ['analyst'], projects: ['prices'], restrictions: [{ claim: 'department', matches: 'statistics' }] }],
    { external },
  );
  expect(catalog?.restrictions).toEqual([
    { userAttribute: { key: 'app_roles', matches: 'analyst' } },
    { userAttribute: { key: 'teams', matches: 'prices' } },
    { userAttribute: { key: 'department', matches: 'statistics' } },
  ]);
});
