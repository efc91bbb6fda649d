import fc from 'fast-check';
import { CertificateAuthority, type OnyxiaProps, SpaceNames, synthesize } from '../../../constructs';
import { at, listAt, objectOf } from '../../support/objects';
import { CATALOGS, type Facts, make, SERVICES } from './fakes';
import { catalogProblems, regionProblems } from './schemas';

/** How many times as many examples as usual: for a long search. */
const SCALE = Number(process.env['BOUTURE_PROPERTY_SCALE'] ?? '1');

const label = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const claim = fc.stringMatching(/^[a-z][a-z_]{1,12}$/);
const person = fc.stringMatching(/^[a-z0-9]{1,10}(-[a-z0-9]{1,8})?$/).filter((name) => {
  try {
    return new SpaceNames().user(name) !== '';
  } catch {
    return false;
  }
});
const prefixes = fc
  .tuple(label, label)
  .map(([user, project]) => ({ userPrefix: `${user}-`, projectPrefix: `${project}-` }))
  .filter((given) => {
    try {
      return new SpaceNames(given).userPrefix !== '';
    } catch {
      return false;
    }
  });

const facts: fc.Arbitrary<Facts> = fc
  .record({
    host: label,
    claims: fc.uniqueArray(claim, { minLength: 3, maxLength: 3 }),
    prefixes,
    clients: fc.uniqueArray(label, { minLength: 2, maxLength: 2 }).filter((ids) => !ids.includes('onyxia')),
    durationSeconds: fc.integer({ min: 900, max: 604_800 }),
    templated: fc.boolean(),
    mount: label,
    vaultRole: label,
    authPath: label,
    hasAuthority: fc.boolean(),
  })
  .map(({ host, claims: [username = '', groups = '', roles = ''], clients, templated, ...rest }): Facts => {
    const [storageClientId = '', vaultClientId = ''] = clients;
    const arn = (name: string) => `arn:aws:iam::1:role/${name}-$1`;
    return {
      ...rest,
      issuer: `https://${host}.example.org/realms/office`,
      claims: { username, groups, roles },
      names: new SpaceNames(rest.prefixes),
      storageClientId,
      vaultClientId,
      roles: templated
        ? [
            { profileName: 'mine-$1', roleArn: arn('mine'), roleSessionName: 'mine-$1', claimName: username },
            { profileName: 'project-$1', roleArn: arn('project'), roleSessionName: 'project-$1', claimName: groups },
          ]
        : [{ profileName: 'default', roleArn: '', roleSessionName: '' }],
    };
  });

const props = fc.record({
  subdomain: label,
  projects: fc.boolean(),
  onboarding: fc.boolean(),
  hasTrust: fc.boolean(),
  certificate: fc.stringMatching(/^[A-Za-z0-9+/]{8,40}$/),
});

/** What web 5.5.1 makes of a template and one value of a claim. */
const resolve = (template: unknown, value: string): string => String(template).replaceAll('$1', value);

describe('whatever an office chooses', () => {
  test('every value that two systems share is the same in all its places', () => {
    fc.assert(
      fc.property(facts, props, person, person, (given, chosen, username, group) => {
        const { names, claims } = given;
        const pem = `-----BEGIN CERTIFICATE-----\n${chosen.certificate}\n-----END CERTIFICATE-----\n`;
        const services: OnyxiaProps['services'] = chosen.projects
          ? SERVICES
          : { ...SERVICES, authenticationMode: 'impersonate', projects: false };
        const made = make(
          {
            subdomain: chosen.subdomain,
            onboarding: chosen.onboarding,
            services,
            ...(chosen.hasTrust ? { trust: CertificateAuthority.pem(pem) } : {}),
          },
          {},
          given,
        );
        const { onyxia, identityProvider, storage, secretStore, platform } = made;
        const synthesis = synthesize(platform);
        const region = JSON.parse(JSON.stringify(onyxia.region)) as unknown;
        const api = objectOf(synthesis, 'ConfigMap', /^onyxia-api-/)['data'];
        expect(regionProblems([region])).toEqual([]);
        expect(catalogProblems(onyxia.catalogs)).toEqual([]);

        // Names: namespace, bucket and directory of a person, and of a project.
        const space = { user: names.user(username), project: names.project(group) };
        expect(`${String(at(region, 'services', 'namespacePrefix'))}${username}`).toBe(space.user);
        expect(`${String(at(region, 'services', 'groupNamespacePrefix'))}${group}`).toBe(space.project);
        expect(`${String(at(region, 'vault', 'prefix'))}${username}`).toBe(space.user);
        const groupDirectory = [
          at(region, 'vault', 'groupPrefix'),
          at(region, 'services', 'groupNamespacePrefix'),
          group,
        ].join('');
        expect(groupDirectory).toBe(space.project);
        const bookmarks = listAt(region, 'data', 'S3', 'bookmarks');
        expect(bookmarks.map((bookmark) => at(bookmark, 'claimName'))).toEqual(
          chosen.projects ? [claims.username, claims.groups] : [claims.username],
        );
        const values = [username, group];
        const buckets = bookmarks.map((bookmark, index) => resolve(at(bookmark, 's3Uri'), values[index] ?? ''));
        expect(buckets).toEqual([`s3://${space.user}/`, `s3://${space.project}/`].slice(0, bookmarks.length));
        // Each bookmark belongs to a profile that its person has.
        const profiles = listAt(region, 'data', 'S3', 'sts', 'role').map((role) =>
          resolve(at(role, 'profileName'), at(role, 'claimName') === claims.groups ? group : username),
        );
        for (const [index, bookmark] of bookmarks.entries()) {
          expect(profiles).toContain(resolve(at(bookmark, 'forProfileName'), values[index] ?? ''));
        }

        // Claims, clients, audience, issuer.
        const issuer = given.issuer;
        expect(api).toMatchObject({
          'oidc.issuer-uri': issuer,
          'oidc.clientID': onyxia.client.clientId,
          'oidc.audience': onyxia.client.audience,
          'oidc.username-claim': claims.username,
          'oidc.roles-claim': claims.roles,
        });
        expect(at(api, 'oidc.groups-claim') === claims.groups).toBe(chosen.projects);
        expect(at(region, 'vault', 'oidcConfiguration')).toEqual({
          issuerURI: issuer,
          clientID: secretStore.client.clientId,
        });
        expect(at(region, 'data', 'S3', 'sts', 'oidcConfiguration')).toEqual({
          issuerURI: issuer,
          clientID: storage.client.clientId,
        });
        expect(at(region, 'data', 'S3', 'sts', 'durationSeconds')).toBe(storage.durationSeconds);
        expect(region).toMatchObject({
          vault: { URL: secretStore.url, kvEngine: given.mount, role: given.vaultRole, authPath: given.authPath },
        });

        // Host: route, redirects, origins.
        const { host, url } = onyxia.exposed;
        expect(at(objectOf(synthesis, 'Ingress', host), 'spec', 'rules', 0, 'host')).toBe(host);
        expect(host.startsWith(`${chosen.subdomain}.`)).toBe(true);
        for (const client of identityProvider.clients.values()) expect(client.redirects).toEqual([`${url}/*`]);
        expect([...storage.origins, ...secretStore.origins, at(api, 'security.cors.allowed_origins')]).toEqual([
          url,
          url,
          url,
        ]);

        // The policy that keeps Onyxia in people's spaces lets it into each of them.
        const policy = objectOf(synthesis, 'ValidatingAdmissionPolicy', 'demo-onyxia-api-spaces');
        const allowed = [...String(at(policy, 'spec', 'validations', 0, 'expression')).matchAll(/'([^']+)'/g)].map(
          ([, prefix]) => prefix,
        );
        expect(allowed).toEqual([names.userPrefix, names.projectPrefix]);

        // The program for first logins makes the same spaces as the API.
        if (chosen.onboarding) {
          const text = at(objectOf(synthesis, 'ConfigMap', /^onyxia-onboarding-/), 'data', 'env.yaml');
          const onboarding = JSON.parse(String(text)) as unknown;
          expect(onboarding).toMatchObject({
            oidc: {
              issuerURI: issuer,
              clientID: onyxia.client.clientId,
              audience: onyxia.client.audience,
              usernameClaim: claims.username,
              groupsClaim: at(api, 'oidc.groups-claim'),
              rolesClaim: claims.roles,
            },
            onboarding: {
              namespacePrefix: names.userPrefix,
              groupNamespacePrefix: names.projectPrefix,
              namespaceLabels: at(region, 'services', 'namespaceLabels'),
            },
          });
        }

        // The authority: the API's own copy, and that of people's services.
        const cacerts = at(region, 'certificateAuthorityInjection', 'cacerts');
        expect(typeof cacerts === 'string' ? Buffer.from(cacerts, 'base64').toString('utf8') : cacerts).toBe(
          chosen.hasTrust ? pem : undefined,
        );
        const copies = synthesis.secrets
          .filter(({ name }) => name === 'onyxia-api-trust')
          .map(({ data }) => data['ca.crt']);
        expect(copies).toEqual(chosen.hasTrust ? [pem] : []);
      }),
      { numRuns: 150 * SCALE },
    );
  });

  test('the same choice gives the same bytes', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const render = () => JSON.stringify(synthesize(make({ catalogs: CATALOGS }, {}, given).platform).objects);
        expect(render()).toBe(render());
      }),
      { numRuns: 10 * SCALE },
    );
  });
});
