import {
  CertificateAuthority,
  Connections,
  type DatabaseConsumer,
  Layer,
  libpqEnvironment,
  MinioTenant,
  type Platform,
  PlatformNamespace,
  type PostgresConfiguration,
  type PlatformProps,
  PostgresDatabase,
  type PostgresDatabaseProps,
  PrometheusServer,
  renderFiles,
  ServerTls,
  type Synthesis,
  synthesize,
} from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { DIGESTED_LOCK, testImages, testPlatform } from '../../support/platform';
import { at, listAt, objectOf } from '../../support/objects';

const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const AUTHORITY = CertificateAuthority.pem(PEM);
const PRODUCTION: Partial<PlatformProps> = {
  profile: 'production',
  images: testImages({ lock: DIGESTED_LOCK, requireDigest: true }),
};

function server(props: PostgresDatabaseProps = {}, platformProps: Partial<PlatformProps> = {}) {
  const platform = testPlatform(platformProps);
  return { platform, database: new PostgresDatabase(platform, 'postgres', props) };
}

function consumer(platform: Platform, name: string, namespace = `demo-${name}`): DatabaseConsumer {
  const found = platform.node.findAll().find((node) => node instanceof PlatformNamespace && node.name === namespace);
  return {
    consumerName: name,
    connections: new Connections(platform, `connections-${namespace}-${name}-${platform.node.children.length}`, {
      namespace:
        found instanceof PlatformNamespace
          ? found
          : new PlatformNamespace(platform, `ns-${namespace}`, { name: namespace }),
      name: `${name}-${platform.node.children.length}`,
      podLabels: { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name },
    }),
  };
}

const secretsOf = (synthesis: Synthesis) =>
  Object.fromEntries(synthesis.secrets.map(({ namespace, name, data }) => [`${namespace}/${name}`, data]));

describe('the server', () => {
  test('keeps its volume when it goes, and waits two minutes before it is killed', () => {
    const { platform } = server();
    const spec = objectOf(synthesize(platform), 'StatefulSet', 'postgres')['spec'];
    expect(at(spec, 'persistentVolumeClaimRetentionPolicy')).toEqual({ whenDeleted: 'Retain', whenScaled: 'Retain' });
    expect(at(spec, 'template', 'spec', 'terminationGracePeriodSeconds')).toBe(120);
    expect(at(spec, 'replicas')).toBe(1);
  });

  test('can be corrected when its Pod cannot start', () => {
    const { platform } = server();
    expect(objectOf(synthesize(platform), 'StatefulSet', 'postgres')['spec']).toMatchObject({
      podManagementPolicy: 'Parallel',
    });
  });

  test('takes a quarter of its memory for its cache, unless told otherwise', () => {
    const configuration = (props: PostgresDatabaseProps) =>
      at(objectOf(synthesize(server(props).platform), 'ConfigMap', /^postgres-server-/), 'data', 'postgresql.conf');
    const resources = { cpu: { request: '1', limit: '1' }, memory: { request: '2Gi', limit: '4Gi' } };
    expect(configuration({ resources })).toContain("shared_buffers = '1024MB'\n");
    expect(configuration({ resources, configuration: { shared_buffers: '3GB' } })).toContain(
      "shared_buffers = '3GB'\n",
    );
  });

  test('is started anew by a change of its configuration, and by nothing else', () => {
    const name = (props: PostgresDatabaseProps, use?: (database: PostgresDatabase) => void) => {
      const { platform, database } = server(props);
      use?.(database);
      return listAt(
        objectOf(synthesize(platform), 'StatefulSet', 'postgres'),
        'spec',
        'template',
        'spec',
        'volumes',
      )[0];
    };
    const plain = name({});
    expect(name({ configuration: { max_connections: 50 } })).not.toEqual(plain);
    expect(name({}, (database) => database.addDatabase('mlflow'))).toEqual(plain);
  });

  test('asks every client over the network for a password by SCRAM', () => {
    const { platform } = server();
    const files = at(objectOf(synthesize(platform), 'ConfigMap', /^postgres-server-/), 'data');
    expect(at(files, 'pg_hba.conf')).toMatchInlineSnapshot(`
      "local all postgres peer
      host all all all scram-sha-256
      "
    `);
    expect(at(files, 'postgresql.conf')).toContain("password_encryption = 'scram-sha-256'");
  });

  test('refuses plain text where it has a certificate', () => {
    const { platform } = server({ tls: ServerTls.secret('certificate', AUTHORITY) });
    const synthesis = synthesize(platform);
    const files = at(objectOf(synthesis, 'ConfigMap', /^postgres-server-/), 'data');
    expect(at(files, 'pg_hba.conf')).toMatchInlineSnapshot(`
      "local all postgres peer
      hostssl all all all scram-sha-256
      "
    `);
    expect(at(files, 'postgresql.conf')).toContain('ssl = on');
    expect(
      listAt(objectOf(synthesis, 'StatefulSet', 'postgres'), 'spec', 'template', 'spec', 'volumes'),
    ).toContainEqual({
      name: 'tls',
      secret: { secretName: 'certificate', defaultMode: 0o440 },
    });
  });

  test('asks cert-manager for a certificate of every name of its Service', () => {
    const { platform } = server({ tls: ServerTls.issuer({ name: 'office' }, AUTHORITY) });
    expect(objectOf(synthesize(platform), 'Certificate', 'postgres-tls')['spec']).toMatchObject({
      secretName: 'postgres-tls',
      issuerRef: { kind: 'ClusterIssuer', name: 'office' },
      dnsNames: [
        'postgres.demo-postgres.svc.cluster.local',
        'postgres.demo-postgres.svc',
        'postgres.demo-postgres',
        'postgres',
      ],
    });
  });

  test('production demands TLS, or a reason for plain text', () => {
    expect(() => server({}, PRODUCTION)).toThrow(/"postgres" would speak plain text in production/);
    expect(() => server({ tls: ServerTls.none('  ') }, PRODUCTION)).toThrow(/plain text in production/);
    expect(server({ tls: ServerTls.none('the network encrypts') }, PRODUCTION).database.tlsMode).toBe('disable');
    expect(server({ tls: ServerTls.secret('certificate') }, PRODUCTION).database.tlsMode).toBe('verify-full');
  });

  test.each<[string, PostgresDatabaseProps, RegExp]>([
    ['a volume of no size', { volumeSize: '10 GB' }, /volume size of database server "postgres" "10 GB" is not a size/],
    ['shared memory of no size', { sharedMemory: '0' }, /shared memory/],
    [
      'a reserved parameter',
      { configuration: JSON.parse('{"port": 1}') as PostgresConfiguration },
      /port: cannot be set here/,
    ],
  ])('%s is refused', (_, props, problem) => {
    expect(() => server(props)).toThrow(problem);
  });

  test('a name that leaves no room for those of its parts is refused', () => {
    expect(() => new PostgresDatabase(testPlatform(), 'p'.repeat(41))).toThrow(/41 characters: at most 40/);
  });

  test('people are told how to reach it', () => {
    expect(server().platform.accesses).toMatchInlineSnapshot(`
      [
        {
          "password": {
            "key": "password",
            "name": "postgres-superuser",
            "namespace": "demo-postgres",
          },
          "service": {
            "name": "postgres",
            "namespace": "demo-postgres",
            "port": 5432,
          },
          "title": "Database server postgres",
          "url": "postgresql://postgres.demo-postgres.svc.cluster.local:5432",
          "username": "postgres",
        },
      ]
    `);
  });
});

describe('databases', () => {
  test('each has an owner of its own name, unless another database lends its owner', () => {
    const { platform, database } = server();
    const tracking = database.addDatabase('tracking');
    const users = database.addDatabase('tracking_users', { owner: tracking });
    const guests = database.addDatabase('guests', { owner: users });
    expect([tracking.owner, users.owner, guests.owner]).toEqual(['tracking', 'tracking', 'tracking']);
    expect(Object.keys(secretsOf(synthesize(platform)))).toEqual([
      'demo-postgres/postgres-role-tracking',
      'demo-postgres/postgres-superuser',
    ]);
  });

  test('a consumer finds the same password as the server does, in its own namespace', () => {
    const { platform, database } = server();
    const access = database.addDatabase('mlflow_store').grantConnect(consumer(platform, 'mlflow'));
    expect(access).toEqual({
      host: 'postgres.demo-postgres.svc.cluster.local',
      port: 5432,
      database: 'mlflow_store',
      user: 'mlflow_store',
      tlsMode: 'disable',
      password: { namespace: 'demo-mlflow', name: 'mlflow-db-mlflow-store', key: 'password' },
    });
    const secrets = secretsOf(synthesize(platform));
    expect(secrets['demo-mlflow/mlflow-db-mlflow-store']).toEqual(secrets['demo-postgres/postgres-role-mlflow-store']);
  });

  test('databases of one owner share one Secret for each consumer', () => {
    const { platform, database } = server();
    const tracking = database.addDatabase('tracking');
    const users = database.addDatabase('tracking_users', { owner: tracking });
    const one = consumer(platform, 'mlflow');
    const again = consumer(platform, 'mlflow');
    const first = tracking.grantConnect(one);
    expect(users.grantConnect(again).password).toBe(first.password);
    const names = synthesize(platform).secrets.filter(({ namespace }) => namespace === 'demo-mlflow');
    expect(names.map(({ name }) => name)).toEqual(['mlflow-db-tracking']);
  });

  test('a grant opens exactly the port of the server, on both sides', () => {
    const { platform, database } = server();
    database.addDatabase('mlflow').grantConnect(consumer(platform, 'mlflow'));
    const synthesis = synthesize(platform);
    const ingress = listAt(objectOf(synthesis, 'NetworkPolicy', 'postgres'), 'spec', 'ingress');
    expect(ingress).toContainEqual({
      from: [
        {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'demo-mlflow' } },
          podSelector: { matchLabels: { 'app.kubernetes.io/name': 'mlflow', 'app.kubernetes.io/instance': 'mlflow' } },
        },
      ],
      ports: [{ port: 5432, protocol: 'TCP' }],
    });
    expect(ingress).toHaveLength(2);
    expect(listAt(objectOf(synthesis, 'NetworkPolicy', /^mlflow-/), 'spec', 'egress')).toHaveLength(1);
  });

  test('consumers are given the authority of the certificate, in their own namespace', () => {
    const { platform, database } = server({ tls: ServerTls.issuer({ name: 'office' }, AUTHORITY) });
    const access = database.addDatabase('mlflow').grantConnect(consumer(platform, 'mlflow'));
    expect(access.tlsMode).toBe('verify-full');
    expect(access.certificateAuthority).toEqual({
      namespace: 'demo-mlflow',
      name: 'mlflow-db-mlflow-ca',
      key: 'ca.crt',
    });
    expect(secretsOf(synthesize(platform))['demo-mlflow/mlflow-db-mlflow-ca']).toEqual({ 'ca.crt': `${PEM}\n` });
  });

  test.each([
    ['Upper', /use a-z, 0-9 and underscore/],
    ['1st', /use a-z/],
    ['trailing_', /ending with a letter or a digit/],
    ['a-b', /use a-z/],
    ['x"; DROP ROLE y', /use a-z/],
    ['', /use a-z/],
    ['a'.repeat(64), /64 characters; PostgreSQL allows 63/],
    ['postgres', /keeps for itself/],
    ['template1', /keeps for itself/],
    ['public', /keeps for itself/],
    ['pg_monitor', /keeps for itself/],
  ])('the name "%s" is refused', (name, problem) => {
    expect(() => server().database.addDatabase(name)).toThrow(problem);
  });

  test('a name is asked for once', () => {
    const { database } = server();
    database.addDatabase('mlflow');
    expect(() => database.addDatabase('mlflow')).toThrow('database "mlflow" of server "postgres" is asked for twice');
  });

  test('an owner of another server is refused', () => {
    const { platform, database } = server();
    const elsewhere = new PostgresDatabase(platform, 'elsewhere').addDatabase('theirs');
    expect(() => database.addDatabase('ours', { owner: elsewhere })).toThrow(/"theirs" is one of server "elsewhere"/);
  });
});

describe('readers', () => {
  test('are given to consumers for their databases alone', () => {
    const { platform, database } = server();
    const mlflow = database.addDatabase('mlflow');
    const other = database.addDatabase('other');
    const reader = database.addReader('reporting', { databases: [mlflow] });
    const dashboard = consumer(platform, 'dashboard');
    expect(reader.grantConnect(dashboard, mlflow)).toMatchObject({
      database: 'mlflow',
      user: 'reporting',
      password: { namespace: 'demo-dashboard', name: 'dashboard-db-reporting' },
    });
    expect(() => reader.grantConnect(dashboard, other)).toThrow(/may not read database "other": it reads mlflow/);
  });

  test('may have a password that exists already, in the namespace of the server', () => {
    const { platform, database } = server();
    const mlflow = database.addDatabase('mlflow');
    const password = { namespace: 'demo-postgres', name: 'given', key: 'pw' };
    const reader = database.addReader('reporting', { databases: [mlflow], password });
    const job = objectOf(synthesize(platform), 'Job', /^postgres-provisioning-/);
    const projected = listAt(job, 'spec', 'template', 'spec', 'volumes').find(
      (volume) => at(volume, 'projected') !== undefined,
    );
    expect(listAt(projected, 'projected', 'sources')).toContainEqual({
      secret: { name: 'given', items: [{ key: 'pw', path: 'reporting' }] },
    });
    expect(() => reader.grantConnect(consumer(platform, 'dashboard'), mlflow)).toThrow(
      /"dashboard" in "demo-dashboard" cannot read/,
    );
    const elsewhere = { namespace: 'demo-other', name: 'given', key: 'pw' };
    expect(() => database.addReader('second', { databases: [mlflow], password: elsewhere })).toThrow(
      /must be a Secret of namespace "demo-postgres"/,
    );
  });

  test('need a database of this server, and a name that no role has', () => {
    const { platform, database } = server();
    const mlflow = database.addDatabase('mlflow');
    const theirs = new PostgresDatabase(platform, 'elsewhere').addDatabase('theirs');
    expect(() => database.addReader('reporting', { databases: [] })).toThrow(/has no database to read/);
    expect(() => database.addReader('reporting', { databases: [theirs] })).toThrow(
      /"theirs" is one of server "elsewhere"/,
    );
    expect(() => database.addReader('mlflow', { databases: [mlflow] })).toThrow(/role "mlflow" .* exists already/);
  });
});

describe('the provisioning Job', () => {
  const jobName = (use: (database: PostgresDatabase) => void, props: PostgresDatabaseProps = {}) => {
    const { platform, database } = server(props);
    use(database);
    return objectOf(synthesize(platform), 'Job', /^postgres-provisioning-/).metadata.name;
  };

  test('is another when what it does changes, and the same whatever the order of declaration', () => {
    const one = jobName((database) => database.addDatabase('one'));
    const both = jobName((database) => [database.addDatabase('one'), database.addDatabase('two')]);
    expect(both).not.toBe(one);
    expect(jobName((database) => [database.addDatabase('two'), database.addDatabase('one')])).toBe(both);
    expect(jobName((database) => database.addDatabase('one'), { volumeSize: '20Gi' })).toBe(one);
  });

  test('comes once the server is ready, and stays when it is done', () => {
    const { platform, database } = server();
    database.addDatabase('mlflow');
    const found = synthesize(platform).objects.find(({ manifest }) => manifest.kind === 'Job');
    expect(found?.wave).toBe(21);
    expect(at(found?.manifest, 'spec', 'ttlSecondsAfterFinished')).toBeUndefined();
  });

  test('is not made for a server without roles', () => {
    expect(synthesize(server().platform).objects.filter(({ manifest }) => manifest.kind === 'Job')).toEqual([]);
  });

  test('is told what to make in names alone', () => {
    const { platform, database } = server();
    const mlflow = database.addDatabase('mlflow');
    database.addDatabase('mlflow_users', { owner: mlflow });
    database.addReader('reporting', { databases: [mlflow] });
    const sql = at(objectOf(synthesize(platform), 'ConfigMap', /^postgres-provisioning-/), 'data', 'provision.sql');
    expect(String(sql).split('\n').slice(3, 7).join('\n')).toMatchInlineSnapshot(`
      "INSERT INTO wanted_role VALUES ('mlflow', false), ('reporting', true);
      INSERT INTO wanted_database VALUES ('mlflow', 'mlflow'), ('mlflow_users', 'mlflow');
      INSERT INTO wanted_read VALUES ('reporting', 'mlflow');
      \\set mark 'bouture/postgres'"
    `);
  });
});

describe('a backup', () => {
  function backedUp(props: Partial<NonNullable<PostgresDatabaseProps['backup']>> = {}) {
    const platform = testPlatform();
    const bucket = new MinioTenant(platform, 'minio').addBucket('backups');
    new PostgresDatabase(platform, 'postgres', { volumeSize: '20Gi', backup: { bucket, ...props } });
    return synthesize(platform);
  }
  const variables = (synthesis: Synthesis, name: string) =>
    Object.fromEntries(
      listAt(
        objectOf(synthesis, 'CronJob', name),
        'spec',
        'jobTemplate',
        'spec',
        'template',
        'spec',
        'containers',
      ).flatMap((found) => listAt(found, 'env').map((variable) => [at(variable, 'name'), at(variable, 'value')])),
    ) as Record<string, unknown>;

  test('is taken each night in UTC, never twice at once, and tried again', () => {
    expect(objectOf(backedUp(), 'CronJob', 'postgres-backup')['spec']).toMatchObject({
      schedule: '0 2 * * *',
      timeZone: 'Etc/UTC',
      suspend: false,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      jobTemplate: { spec: { backoffLimit: 2 } },
    });
  });

  test('goes into the bucket, below the name of the server', () => {
    expect(variables(backedUp({ retentionDays: 14 }), 'postgres-backup')).toMatchObject({
      BACKUP_REMOTE: 'store:backups/postgres',
      BACKUP_RETENTION_DAYS: '14',
      BACKUP_KEEP_AT_LEAST: '3',
      RCLONE_CONFIG_STORE_ENDPOINT: 'http://minio.demo-minio.svc.cluster.local:9000',
      RCLONE_CONFIG_STORE_FORCE_PATH_STYLE: 'true',
      PGHOST: 'postgres.demo-postgres.svc.cluster.local',
    });
  });

  test('has local disk for a dump as large as the volume, unless told otherwise', () => {
    const scratch = (synthesis: Synthesis) =>
      listAt(
        objectOf(synthesis, 'CronJob', 'postgres-backup'),
        'spec',
        'jobTemplate',
        'spec',
        'template',
        'spec',
        'volumes',
      ).find((volume) => at(volume, 'name') === 'scratch');
    expect(scratch(backedUp())).toEqual({ name: 'scratch', emptyDir: { sizeLimit: '20Gi' } });
    expect(scratch(backedUp({ scratchSize: '5Gi' }))).toEqual({ name: 'scratch', emptyDir: { sizeLimit: '5Gi' } });
  });

  test('is restored by a Job that only people start, and that may not write to the bucket', () => {
    const synthesis = backedUp();
    expect(objectOf(synthesis, 'CronJob', 'postgres-restore')['spec']).toMatchObject({
      suspend: true,
      schedule: '0 0 31 2 *',
      jobTemplate: { spec: { backoffLimit: 0 } },
    });
    expect(variables(synthesis, 'postgres-restore')).toMatchObject({ RESTORE_BACKUP: 'latest', RESTORE_DATABASES: '' });
    const policies = at(objectOf(synthesis, 'ConfigMap', /^minio-provisioning-/), 'data');
    const policy = (user: string) =>
      Object.entries(policies as Record<string, string>).find(([file]) => file.includes(user))?.[1] ?? '';
    expect(policy('postgres-backup')).toContain('s3:PutObject');
    expect(policy('postgres-restore')).toContain('s3:GetObject');
    expect(policy('postgres-restore')).not.toMatch(/Put|Delete/);
  });

  test('trusts the authority of the store and that of the server', () => {
    const platform = testPlatform();
    const store = new MinioTenant(platform, 'minio', { tls: ServerTls.secret('given', AUTHORITY) });
    new PostgresDatabase(platform, 'postgres', {
      tls: ServerTls.secret('given', AUTHORITY),
      backup: { bucket: store.addBucket('backups') },
    });
    expect(variables(synthesize(platform), 'postgres-backup')).toMatchObject({
      RCLONE_CA_CERT: '/etc/bouture-store-ca/ca.crt',
      PGSSLMODE: 'verify-full',
      PGSSLROOTCERT: '/etc/bouture-postgres-ca/ca.crt',
    });
  });

  test.each<[string, Partial<NonNullable<PostgresDatabaseProps['backup']>>, RegExp]>([
    [
      'a schedule of six fields',
      { schedule: '0 0 2 * * *' },
      /backup schedule of database server "postgres" "0 0 2 \* \* \*" has 6 fields/,
    ],
    ['no retention', { retentionDays: 0 }, /retentionDays is a whole number of 1 or more/],
    ['nothing kept', { keepAtLeast: 0.5 }, /keepAtLeast is a whole number of 1 or more/],
    ['a folder that climbs', { folder: '../other' }, /backup folder/],
    ['scratch of no size', { scratchSize: 'much' }, /scratch size/],
  ])('%s is refused', (_, props, problem) => {
    expect(() => backedUp(props)).toThrow(problem);
  });
});

describe('a server that is watched', () => {
  function watched(props: PostgresDatabaseProps = {}, platformProps: Partial<PlatformProps> = {}) {
    const { platform, database } = server(props, platformProps);
    database.addDatabase('mlflow');
    database.monitorVia(new PrometheusServer(platform, 'metrics'));
    return synthesize(platform);
  }
  const podOf = (synthesis: Synthesis) =>
    at(objectOf(synthesis, 'Deployment', 'postgres-exporter'), 'spec', 'template', 'spec');
  const uriOf = (synthesis: Synthesis) =>
    listAt(listAt(podOf(synthesis), 'containers')[0], 'env').find(
      (variable) => at(variable, 'name') === 'DATA_SOURCE_URI',
    );

  test('has an exporter beside it, and its own Pod is the same as before', () => {
    const { platform, database } = server();
    database.addDatabase('mlflow');
    const unwatched = synthesize(platform);
    expect(objectOf(watched(), 'StatefulSet', 'postgres')).toEqual(objectOf(unwatched, 'StatefulSet', 'postgres'));
    expect(objectOf(watched(), 'Service', 'postgres')).toEqual(objectOf(unwatched, 'Service', 'postgres'));
    expect(unwatched.objects.map(({ manifest }) => manifest.metadata.name)).not.toContain('postgres-exporter');
  });

  test('does not make the layers above it wait for the exporter', () => {
    const found = watched().objects.find(({ manifest }) => manifest.kind === 'Deployment');
    expect(found).toMatchObject({ component: 'postgres-exporter', layer: Layer.WORKLOADS, wave: 40 });
  });

  test('is read by a role with a generated password, which is a file and stands on no command line', () => {
    const synthesis = watched();
    expect(podOf(synthesis)).toMatchSnapshot();
    expect(secretsOf(synthesis)['demo-postgres/postgres-role-metrics-reader']).toMatchObject({
      username: 'metrics_reader',
      password: { id: 'postgres-role-metrics-reader' },
    });
  });

  test('makes that role where it makes the others, with the rights of a watcher and one database without tables', () => {
    const sql = String(at(objectOf(watched(), 'ConfigMap', /^postgres-provisioning-/), 'data', 'provision.sql'));
    expect(sql).toContain("INSERT INTO wanted_role VALUES ('metrics_reader', false), ('mlflow', false);\n");
    expect(sql).toContain("INSERT INTO wanted_read VALUES ('metrics_reader', 'postgres');\n");
    expect(sql.split('-- The watcher')[1]).toMatchInlineSnapshot(`
      " reads what the server tells of itself, from a database that has no tables.
      GRANT pg_monitor TO metrics_reader;
      ALTER ROLE metrics_reader CONNECTION LIMIT 5;
      ALTER ROLE metrics_reader SET default_transaction_read_only = on;
      ALTER ROLE metrics_reader SET statement_timeout = '10s';
      "
    `);
  });

  test('is made a role also where it has no other', () => {
    const { platform, database } = server();
    database.monitorVia(new PrometheusServer(platform, 'metrics'));
    expect(objectOf(synthesize(platform), 'Job', /^postgres-provisioning-/)).toBeDefined();
  });

  test('opens the network from the one who reads to the exporter, and from there to the server alone', () => {
    const synthesis = watched();
    const policy = objectOf(synthesis, 'NetworkPolicy', 'postgres-exporter')['spec'];
    const pods = (namespace: string, labels: unknown) => ({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
      podSelector: { matchLabels: labels },
    });
    expect(listAt(policy, 'ingress')).toEqual([
      {
        from: [pods('demo-metrics', expect.objectContaining({ 'app.kubernetes.io/name': 'prometheus' }))],
        ports: [{ port: 9187, protocol: 'TCP' }],
      },
    ]);
    expect(listAt(policy, 'egress')).toEqual([
      {
        to: [pods('demo-postgres', expect.objectContaining({ 'app.kubernetes.io/instance': 'postgres-server' }))],
        ports: [{ port: 5432, protocol: 'TCP' }],
      },
    ]);
    expect(objectOf(synthesis, 'Service', 'postgres-metrics')['spec']).toMatchObject({
      clusterIP: 'None',
      selector: { 'app.kubernetes.io/name': 'postgresql', 'app.kubernetes.io/instance': 'postgres-exporter' },
      ports: [{ name: 'metrics', port: 9187 }],
    });
  });

  test('has its certificate verified, by its own authority or those of the system', () => {
    const value = (tls: string) => ({
      name: 'DATA_SOURCE_URI',
      value: `postgres.demo-postgres.svc.cluster.local:5432/postgres?${tls}&connect_timeout=3`,
    });
    expect(uriOf(watched())).toEqual(value('sslmode=disable'));
    const own = watched({ tls: ServerTls.secret('given', AUTHORITY) });
    expect(uriOf(own)).toEqual(value('sslmode=verify-full&sslrootcert=/etc/bouture-postgres-ca/ca.crt'));
    expect(listAt(podOf(own), 'volumes')).toContainEqual({
      name: 'server-ca',
      secret: { secretName: 'postgres-ca', defaultMode: 0o440, items: [{ key: 'ca.crt', path: 'ca.crt' }] },
    });
    expect(uriOf(watched({ tls: ServerTls.secret('given') }))).toEqual(
      value('sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt'),
    );
  });

  test('keeps the name of the role for it, whatever comes first', () => {
    const refusal = /role "metrics_reader" of server "postgres" is the one that reads metrics: choose another name/;
    expect(() => server().database.addDatabase('metrics_reader')).toThrow(refusal);
    const { database } = server();
    expect(() => database.addReader('metrics_reader', { databases: [database.addDatabase('mlflow')] })).toThrow(
      refusal,
    );
  });

  test('has one exporter, whoever reads it', () => {
    const { platform, database } = server();
    const scrape = jest.fn();
    const metrics = { scrape, alert: jest.fn(), dashboard: jest.fn() };
    database.monitorVia(metrics);
    database.monitorVia(metrics);
    expect(scrape).toHaveBeenCalledTimes(2);
    expect(synthesize(platform).objects.filter(({ manifest }) => manifest.kind === 'Deployment')).toHaveLength(1);
  });
});

describe('the rendered objects', () => {
  function everything(platformProps: Partial<PlatformProps> = {}, isWatched = false) {
    const platform = testPlatform(platformProps);
    const tls = platform.isProduction;
    const store = new MinioTenant(platform, 'minio', tls ? { tls: ServerTls.secret('given', AUTHORITY) } : {});
    const database = new PostgresDatabase(platform, 'postgres', {
      configuration: { max_connections: 200 },
      backup: { bucket: store.addBucket('backups') },
      ...(tls ? { tls: ServerTls.issuer({ name: 'office' }, AUTHORITY) } : {}),
    });
    const mlflow = database.addDatabase('mlflow');
    mlflow.grantConnect(consumer(platform, 'mlflow'));
    database.addReader('reporting', { databases: [mlflow] });
    if (isWatched) database.monitorVia(new PrometheusServer(platform, 'metrics'));
    return platform;
  }

  test('are these', () => {
    const files = [...renderFiles(synthesize(everything()))].filter(([path]) => path.endsWith('postgres.k8s.yaml'));
    // The scripts are long, and run in the end-to-end tests.
    const scripts = /^( +)(\w+\.(?:sh|sql)): \|\n(?:\1 .*\n|\n)+/gm;
    const shown = files.map(([path, text]) => [path, text.replace(scripts, '$1$2: (not shown)\n')]);
    expect(Object.fromEntries(shown)).toMatchSnapshot();
  });

  test('are the same each time', () => {
    expect(renderFiles(synthesize(everything()))).toEqual(renderFiles(synthesize(everything())));
  });

  test.each<[string, Partial<PlatformProps>]>([
    ['a pilot', {}],
    ['production', PRODUCTION],
  ])('keep the rules of the project, in %s', (_, platformProps) => {
    const platform = everything(platformProps, true);
    const ours = checkRules(synthesize(platform), { profile: platform.profile }).filter(
      // The consumer of these tests has no Pods, and the certificate of the store is given by nobody.
      ({ rule, object }) => rule !== 'holes-lead-somewhere' && object.namespace === 'demo-postgres',
    );
    expect(ours.map(describeViolation)).toEqual([]);
  });
});

describe("libpq's variables", () => {
  const access = {
    host: 'db.example.org',
    port: 5433,
    database: 'store',
    user: 'owner',
    password: { namespace: 'demo', name: 'secret', key: 'password' },
    tlsMode: 'disable',
  } as const;

  test('hold everything but the password, which stays in its Secret', () => {
    expect(libpqEnvironment(access)).toEqual([
      { name: 'PGHOST', value: 'db.example.org' },
      { name: 'PGPORT', value: '5433' },
      { name: 'PGDATABASE', value: 'store' },
      { name: 'PGUSER', value: 'owner' },
      { name: 'PGPASSWORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'password' } } },
      { name: 'PGSSLMODE', value: 'disable' },
    ]);
  });

  test("name the file of the server's authority, and refuse to go without it", () => {
    const certificateAuthority = { namespace: 'demo', name: 'ca', key: 'ca.crt' };
    const verified = { ...access, tlsMode: 'verify-full', certificateAuthority } as const;
    expect(libpqEnvironment(verified, '/etc/ca/ca.crt')).toContainEqual({
      name: 'PGSSLROOTCERT',
      value: '/etc/ca/ca.crt',
    });
    expect(() => libpqEnvironment(verified)).toThrow(/mount key "ca.crt" of Secret "ca"/);
  });

  test("name the system's authorities where the certificate is to be verified by them", () => {
    const value = '/etc/ssl/certs/ca-certificates.crt';
    expect(libpqEnvironment({ ...access, tlsMode: 'verify-full' })).toContainEqual({ name: 'PGSSLROOTCERT', value });
  });
});
