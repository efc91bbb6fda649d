import { diagnosticsOf } from '../../support/typescript';
import { packageFile } from '../../../blueprints/package-root';

/** Props of Onyxia, one field at a time; nothing else is missing. */
const program = (fields: string): string => `
import type { IExposure, IIdentityProvider, OnyxiaProps, SpaceNames } from 'bouture';
declare const identityProvider: IIdentityProvider, exposure: IExposure, names: SpaceNames;
const SERVICES = { domain: 'lab.example.org', ingressClassName: 'traefik' } as const;
const CATALOG = { id: 'a', name: 'A', location: 'https://a.example.org' } as const;
const BASE = { identityProvider, exposure, names, services: SERVICES, catalogs: [CATALOG] };
export const props: OnyxiaProps = { ...BASE, ${fields} };
`;

const services = (fields: string): string => `services: { ...SERVICES, ${fields} }`;
const s3 = (fields: string): string => `region: { furtherS3: [{ URL: 'https://s', ${fields} }] }`;
const ROLE = "role: [{ profileName: 'a', roleARN: '', roleSessionName: '' }]";

/** What compiles, to show that it is the field alone that does not. */
const RIGHT: readonly string[] = [
  '',
  services("authenticationMode: 'tokenPassthrough', projects: true"),
  services("authenticationMode: 'impersonate', projects: false"),
  "quotas: { user: { 'requests.nvidia.com/gpu': '1', 'count/pods': 3 }, project: 'none' }",
  s3(`sts: { durationSeconds: 900, ${ROLE}, oidcConfiguration: { clientID: 'a' } }`),
  'catalogs: [{ ...CATALOG, versions: { newest: 2 } }]',
  "schemas: { initScript: 'https://a.example.org/init.sh' }",
];

/** What does not, with what the compiler says. */
const WRONG: readonly (readonly [string, string])[] = [
  [services("initScript: 'https://x'"), 'is dropped by API v4.12.0: give schemas.initScript'],
  [services('customInitScript: {}'), 'is dropped by API v4.12.0: give schemas.initScript'],
  [services('customValues: {}'), 'is dropped by API v4.12.0: put a constant default into a schema, schemas.files'],
  [services("openshiftSCC: { enabled: true, scc: 'a' }"), 'give schemas.files with ide/openshiftSCC.json'],
  [services('defaultConfiguration: {}'), 'ends the API at its start since v3: give schemas'],
  [services('singleNamespace: true'), 'puts everyone into the API own namespace'],
  [services("namespacePrefix: 'user-'"), 'comes from names'],
  [services("groupNamespacePrefix: 'projet-'"), 'comes from names'],
  [services('useDefaultCertificate: true'), 'reaches no chart: leave certManagerClusterIssuer out'],
  [services("annotations: { a: 'b' }"), 'reaches no chart: give schemas.files with ide/ingress.json'],
  [services("authenticationMode: 'impersonate'"), "Property 'projects' is missing"],
  [services("authenticationMode: 'impersonate', projects: true"), "Type 'true' is not assignable to type 'false'"],
  [
    services("authenticationMode: 'serviceAccount'"),
    `'"serviceAccount"' is not assignable to type '"tokenPassthrough"`,
  ],
  [services("podSecurity: 'privileged'"), `'"privileged"' is not assignable`],
  ['quotas: { enabled: true }', 'is a dead key: quotas are on'],
  ["quotas: { default: { 'requests.cpu': '1' } }", 'is a dead key: give user and project'],
  ['quotas: { group: {} }', 'follows from project: give project'],
  ["quotas: { user: { 'limits.nvidia.com/gpu': '1' } }", 'give requests.nvidia.com/gpu'],
  ["quotas: { user: { 'requests.amd.com/gpu': '1' } }", 'does not exist in type'],
  ["region: { excludedGroupPattern: '.*' }", 'is read and never used: leave the group out of the token'],
  ["region: { includedGroupPattern: '(.*)', transformGroupPattern: '$1' }", 'renames groups in Onyxia alone'],
  ['region: { certManager: {} }', 'stands in services: give services.certManagerClusterIssuer'],
  ['region: { location: {} }', 'is dropped by the API'],
  [s3("workingDirectory: { bucketMode: 'multi' }"), 'is gone since chart 11: give bookmarks, and sts.role'],
  [s3('bookmarkedDirectories: []'), 'is gone since chart 11: give bookmarks'],
  [s3('sts: { durationSeconds: 900 }'), "Property 'role' is missing"],
  [s3('sts: { durationSeconds: 900, role: [] }'), 'Source has 0 element(s) but target requires 1'],
  [s3(`sts: { ${ROLE} }`), "Property 'durationSeconds' is missing"],
  [
    s3(`sts: { durationSeconds: 900, ${ROLE}, oidcConfiguration: { clientId: 'a' } }`),
    'is not read, whatever the documentation says: write clientID',
  ],
  ['catalogs: { catalogs: [CATALOG] }', 'catalogs'],
  ['catalogs: [{ ...CATALOG, skipTlsVerify: true }]', 'reaches helm and not the reader of the index'],
  ["catalogs: [{ ...CATALOG, caFile: 'a.pem' }]", 'is a name inside the container: give trust'],
  [
    "catalogs: [{ ...CATALOG, username: 'a', password: 'b' }]",
    'would stand in a ConfigMap: give credentials, by reference',
  ],
  ["catalogs: [{ ...CATALOG, type: 'oci' }]", 'is helm: the API reads no other kind'],
  ["branding: { customHtmlHead: '<script>' }", 'would run scripts in the page'],
];

describe('the types of Onyxia', () => {
  const programs = [...RIGHT, ...WRONG.map(([fields]) => fields)].map(program);
  const file = (index: number) => packageFile('constructs', `closed-${index}.ts`);
  const said = [...diagnosticsOf(new Map(programs.map((source, index) => [file(index), source]))).values()];

  test.each(RIGHT.map((fields, index) => [fields, said[index]] as const))('take %s', (_, messages) => {
    expect(messages).toEqual([]);
  });

  test.each(WRONG.map(([fields, expected], index) => [fields, expected, said[RIGHT.length + index] ?? []] as const))(
    'refuse %s and say %s',
    (_, expected, messages) => {
      expect(messages.join('\n')).toContain(expected);
    },
  );
});
