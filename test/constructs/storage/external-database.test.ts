import {
  CertificateAuthority,
  Connections,
  type DatabaseConsumer,
  DeployTimeValue,
  ExternalDatabase,
  type ExternalDatabaseProps,
  type Platform,
  PlatformNamespace,
  type PlatformProps,
  synthesize,
} from '../../../constructs';
import { listAt, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

function external(props: Partial<ExternalDatabaseProps> = {}, platformProps: Partial<PlatformProps> = {}) {
  const platform = testPlatform(platformProps);
  return { platform, server: new ExternalDatabase(platform, 'database', { host: 'postgres.example.org', ...props }) };
}

function consumer(platform: Platform, name = 'mlflow', namespace = `demo-${name}`): DatabaseConsumer {
  return {
    consumerName: name,
    connections: new Connections(platform, `connections-${namespace}`, {
      namespace: new PlatformNamespace(platform, `namespace-${namespace}`, { name: namespace }),
      name,
      podLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name },
    }),
  };
}

describe('ExternalDatabase', () => {
  test('tells a consumer where a database is, and finds its password where PostgresDatabase would put it', () => {
    const { platform, server } = external();
    expect(server.addDatabase('mlflow').grantConnect(consumer(platform))).toEqual({
      host: 'postgres.example.org',
      port: 5432,
      database: 'mlflow',
      user: 'mlflow',
      tlsMode: 'verify-full',
      password: { namespace: 'demo-mlflow', name: 'mlflow-db-mlflow', key: 'password' },
    });
    expect(synthesize(platform).secrets).toEqual([]);
  });

  test('a database may have other names over there', () => {
    const { platform, server } = external({ databases: { mlflow: { database: 'Office-MLflow', user: 'ml owner' } } });
    const database = server.addDatabase('mlflow');
    expect(database).toMatchObject({ name: 'Office-MLflow', owner: 'ml owner' });
    expect(database.grantConnect(consumer(platform))).toMatchObject({
      database: 'Office-MLflow',
      user: 'ml owner',
      password: { name: 'mlflow-db-mlflow' },
    });
  });

  test('databases of one owner share its role and its Secret', () => {
    const { platform, server } = external({ databases: { tracking: { user: 'office' } } });
    const tracking = server.addDatabase('tracking');
    const users = server.addDatabase('tracking_users', { owner: tracking });
    const mlflow = consumer(platform);
    expect(users.owner).toBe('office');
    expect(users.grantConnect(mlflow).password).toEqual(tracking.grantConnect(mlflow).password);
  });

  test('databases of one owner share the password that was given for it', () => {
    const given = { namespace: 'demo-mlflow', name: 'of-the-office', key: 'p' };
    const { platform, server } = external({ databases: { tracking: { user: 'office', passwords: [given] } } });
    const tracking = server.addDatabase('tracking');
    const users = server.addDatabase('tracking_users', { owner: tracking });
    expect(users.grantConnect(consumer(platform)).password).toEqual(given);
    expect(platform.expectedSecrets.map(({ name }) => name)).toEqual(['of-the-office']);
  });

  test('a database is asked for by the name that the blueprint gives it', () => {
    const { server } = external({ databases: { mlflow: { database: 'office_mlflow' } } });
    expect(server.addDatabase('mlflow')).toMatchObject({ askedName: 'mlflow', name: 'office_mlflow' });
  });

  test('a password is the one of the namespace that consumes it', () => {
    const passwords = [
      { namespace: 'demo-mlflow', name: 'a', key: 'p' },
      { namespace: 'demo-labels', name: 'b', key: 'p' },
    ];
    const { platform, server } = external({ databases: { mlflow: { passwords } } });
    const database = server.addDatabase('mlflow');
    expect(database.grantConnect(consumer(platform, 'labels')).password).toEqual(passwords[1]);
    expect(() => database.grantConnect(consumer(platform, 'other'))).toThrow(
      /from namespace "demo-other", where no password of it stands.*demo-mlflow, demo-labels/,
    );
  });

  test('a grant opens the port towards the networks of the server, and nothing else', () => {
    const { platform, server } = external({ port: 6432, cidrs: ['192.0.2.10/32'] });
    server.addDatabase('mlflow').grantConnect(consumer(platform));
    expect(listAt(objectOf(synthesize(platform), 'NetworkPolicy', 'mlflow'), 'spec', 'egress')).toEqual([
      { to: [{ ipBlock: { cidr: '192.0.2.10/32' } }], ports: [{ port: 6432, protocol: 'TCP' }] },
    ]);
  });

  test("the server's authority comes into the consumer's namespace, once", () => {
    const { platform, server } = external({ certificateAuthority: CertificateAuthority.pem(PEM) });
    const tracking = server.addDatabase('tracking');
    const mlflow = consumer(platform);
    const access = tracking.grantConnect(mlflow);
    expect(access.certificateAuthority).toEqual({
      namespace: 'demo-mlflow',
      name: 'mlflow-db-tracking-ca',
      key: 'ca.crt',
    });
    expect(tracking.grantConnect(mlflow).certificateAuthority).toEqual(access.certificateAuthority);
    expect(synthesize(platform).secrets.map(({ name }) => name)).toEqual(['mlflow-db-tracking-ca']);
  });

  test('tells which databases must exist', () => {
    const { server } = external({ databases: { mlflow: { database: 'office' } } });
    const mlflow = server.addDatabase('mlflow');
    server.addDatabase('mlflow_users', { owner: mlflow });
    expect(server.expectedDatabases).toEqual([
      { name: 'mlflow_users', owner: 'mlflow' },
      { name: 'office', owner: 'mlflow' },
    ]);
  });

  test('production refuses plain text without a reason', () => {
    expect(() => external({ tlsMode: 'disable' }, { profile: 'production' })).toThrow(/in plain text in production/);
    const reasoned = external({ tlsMode: 'disable', plainTextBecause: 'a tunnel encrypts' }, { profile: 'production' });
    expect(reasoned.server.tlsMode).toBe('disable');
    expect(external({ tlsMode: 'disable' }).server.tlsMode).toBe('disable');
  });

  test.each([
    'https://postgres.example.org',
    'postgres.example.org:5432',
    'postgres example',
    '-x.example.org',
    '',
    'a..b',
    'a'.repeat(64),
  ])('the host "%s" is refused', (host) => {
    expect(() => external({ host })).toThrow(/is no host name: expected postgres\.example\.org/);
  });

  test('what stands before an @ of a refused host is not shown', () => {
    expect(() => external({ host: 'postgresql://me:my-password@postgres.example.org' })).toThrow(/"\*\*\*@postgres/);
  });

  test('a host may be known only at deployment', () => {
    const host = new DeployTimeValue('database-host', 'host of the database').token;
    expect(external({ host }).server.host).toBe(host);
  });

  test.each<[string, Partial<ExternalDatabaseProps>, RegExp]>([
    ['port 0', { port: 0 }, /port of database server "database" is a whole number from 1 to 65535/],
    [
      'an authority that nobody asks',
      { tlsMode: 'require', certificateAuthority: CertificateAuthority.pem(PEM) },
      /nobody looks at a certificate/,
    ],
  ])('%s is refused', (_, props, problem) => {
    expect(() => external(props)).toThrow(problem);
  });

  test('a name is asked for once, and an owner is one of this server', () => {
    const { platform, server } = external();
    server.addDatabase('mlflow');
    expect(() => server.addDatabase('mlflow')).toThrow(/"mlflow" of server "database" is asked for twice/);
    const theirs = new ExternalDatabase(platform, 'elsewhere', { host: 'b.example.org' }).addDatabase('theirs');
    expect(() => server.addDatabase('ours', { owner: theirs })).toThrow(/"theirs" is one of server "elsewhere"/);
    expect(() => server.addDatabase('No-Name')).toThrow(/use a-z, 0-9 and underscore/);
  });
});
