import {
  CertificateAuthority,
  Connections,
  ExternalIdentityProvider,
  type ExternalIdentityProviderProps,
  type Platform,
  PlatformNamespace,
  synthesize,
} from '../../../constructs';
import { at, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';

const ISSUER = 'https://login.example.org/realms/office';

function make(props: Partial<ExternalIdentityProviderProps> = {}) {
  const platform = testPlatform();
  return { platform, provider: new ExternalIdentityProvider(platform, 'people', { issuer: ISSUER, ...props }) };
}

function consumer(platform: Platform) {
  const namespace = new PlatformNamespace(platform, 'vault-namespace', { name: 'demo-vault' });
  const podLabels = { 'app.kubernetes.io/name': 'vault', 'app.kubernetes.io/instance': 'vault' };
  return {
    consumerName: 'vault',
    connections: new Connections(platform, 'vault', { namespace, name: 'vault', podLabels }),
  };
}

describe('an ExternalIdentityProvider', () => {
  test('tells what each client must be and emit', () => {
    const { provider } = make({
      claims: { username: 'oid' },
      clients: { minio: { clientId: 'guid-1', audience: 'api://minio' } },
    });
    const minio = provider.addPublicClient('minio', { accessTokenSeconds: 3600, permissionsClaim: 'policy' });
    minio.allowRedirect('https://datalab.example.org/*');
    minio.grantEveryone('own');
    minio.grantGroup('census', 'project-census');
    expect(minio).toMatchObject({ clientId: 'guid-1', audience: 'api://minio' });
    expect(provider.requirements).toMatchInlineSnapshot(`
      [
        {
          "accessTokenSeconds": 3600,
          "audience": "api://minio",
          "clientId": "guid-1",
          "permissionsClaim": "policy",
          "redirects": [
            "https://datalab.example.org/*",
          ],
          "statements": [
            "is a public client "guid-1" with the authorization code flow and PKCE (S256), without secret, implicit flow and password grant",
            "lets people come back to https://datalab.example.org/*, and its scripts call from https://datalab.example.org",
            "puts "api://minio" into "aud" of its access tokens, and no other client does",
            "puts a name that never changes, in small letters and digits with single dashes, into "oid" of every token",
            "puts the names of a person's groups, as a list without slashes, into "groups" of every token",
            "puts the names of a person's roles, as a list, into "roles" of every token",
            "gives access tokens that live 3600 seconds",
            "puts a person's permissions, as a list, into "policy" of every token",
            "has permission "own" for everyone",
            "has permission "project-census" for members of group "census"",
          ],
        },
      ]
    `);
    expect(provider.expectedGroups).toEqual(['census']);
  });

  test('expects id and secret of a client that has one, and tells where', () => {
    const { platform, provider } = make({ clients: { argo: { clientId: 'guid-2' } } });
    const { namespace } = consumer(platform).connections;
    const argo = provider.addConfidentialClient('argo', { namespace, secretName: 'argo-sso', pkce: false });
    argo.allowRedirect('https://workflows.example.org/oauth2/callback');
    expect(argo).toMatchObject({
      clientId: 'guid-2',
      clientIdRef: { namespace: 'demo-vault', name: 'argo-sso', key: 'clientId' },
      clientSecretRef: { namespace: 'demo-vault', name: 'argo-sso', key: 'clientSecret' },
    });
    expect(platform.expectedSecrets).toEqual([
      {
        namespace: 'demo-vault',
        name: 'argo-sso',
        keys: ['clientId', 'clientSecret'],
        purpose: `id and secret of client guid-2 at ${ISSUER}`,
      },
    ]);
    expect(provider.requirements[0]?.statements.slice(0, 3)).toEqual([
      'is a confidential client "guid-2" with the authorization code flow, PKCE not required, without implicit flow and password grant',
      'has the secret that stands in key clientSecret of Secret "argo-sso" of namespace "demo-vault", beside its id in key clientId',
      'lets people come back to https://workflows.example.org/oauth2/callback',
    ]);
    expect(() => provider.addPublicClient('argo')).toThrow(/asked for twice/);
    const other = make();
    other.provider.addConfidentialClient('monitoring', {
      namespace: consumer(other.platform).connections.namespace,
      secretName: 'monitoring-login',
    });
    expect(other.provider.requirements[0]?.statements[0]).toContain(
      'with the authorization code flow and PKCE (S256), without',
    );
  });

  test('opens the network to its networks alone, and gives its authority', () => {
    const { platform, provider } = make({
      cidrs: ['192.0.2.0/24'],
      certificateAuthority: CertificateAuthority.secret('office-ca'),
    });
    const vault = consumer(platform);
    expect(provider.grantKeys(vault)).toEqual(provider.grantKeys(vault));
    expect(provider.grantKeys(vault)).toEqual({
      issuer: ISSUER,
      discoveryUrl: `${ISSUER}/.well-known/openid-configuration`,
      jwksUrl: `${ISSUER}/protocol/openid-connect/certs`,
      certificateAuthority: { namespace: 'demo-vault', name: 'office-ca', key: 'ca.crt' },
    });
    expect(at(objectOf(synthesize(platform), 'NetworkPolicy', 'vault'), 'spec', 'egress')).toEqual([
      { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] },
    ]);
  });

  test('has each client once, and only those that it was told of', () => {
    const { provider } = make({ clients: { onyxia: { clientId: 'guid-1' } } });
    provider.addPublicClient('onyxia');
    expect(() => provider.addPublicClient('onyxia')).toThrow(/asked for twice/);
    expect(() => provider.addPublicClient('vault')).toThrow(/no client for "vault": give clients.vault, it has onyxia/);
    expect(make().provider.addPublicClient('vault').clientId).toBe('vault');
  });

  test.each(['http://login.example.org', 'https://login.example.org/', 'login.example.org', 'https://x.org/a?b=c'])(
    'refuses the issuer %s',
    (issuer) => {
      expect(() => make({ issuer })).toThrow(/issuer/);
    },
  );

  test('refuses a permission without a claim, and a redirect in plain text', () => {
    const client = make().provider.addPublicClient('onyxia');
    expect(() => {
      client.grantEveryone('own');
    }).toThrow(/give permissionsClaim/);
    expect(() => {
      client.allowRedirect('http://datalab.example.org/');
    }).toThrow(/not an address with https/);
  });
});
