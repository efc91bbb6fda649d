import { KeycloakRealm, type KeycloakBackupProps, SpaceNames, synthesize } from '../../../constructs';
import { checkRules, describeViolation } from '../../../constructs/platform/rules';
import { schemaMinors, StrictSchemas } from '../../../tools/schemas/validator';
import { at, listAt, objectOf } from '../../support/objects';
import { testPlatform } from '../../support/platform';
import { FakeDatabaseServer, FakeObjectStore } from '../../support/storage';

function make(props: Partial<KeycloakBackupProps> = {}) {
  const platform = testPlatform();
  const store = new FakeObjectStore(platform, 'store', {
    certificateAuthority: { namespace: 'demo-keycloak', name: 'store-ca', key: 'ca.crt' },
  });
  platform.expectSecret({ namespace: 'demo-keycloak', name: 'store-ca', keys: ['ca.crt'], purpose: 'the test' });
  for (const name of ['keycloak-backup-s3', 'keycloak-restore-s3']) {
    const keys = ['accessKeyId', 'secretAccessKey'];
    platform.expectSecret({ namespace: 'demo-keycloak', name, keys, purpose: 'the test' });
  }
  const name = 'keycloak-db-keycloak';
  platform.expectSecret({ namespace: 'demo-keycloak', name, keys: ['password'], purpose: 'the test' });
  new KeycloakRealm(platform, 'keycloak', {
    database: new FakeDatabaseServer(platform, 'database').addDatabase('keycloak'),
    exposure: { expose: () => ({ host: 'auth.example.org', url: 'https://auth.example.org' }) },
    names: new SpaceNames(),
    realm: 'office',
    backup: { bucket: store.addBucket('realms'), ...props },
  });
  const synthesis = synthesize(platform);
  const cronJob = (role: string) => objectOf(synthesis, 'CronJob', `keycloak-${role}`);
  const pod = (role: string) => at(cronJob(role), 'spec', 'jobTemplate', 'spec', 'template', 'spec');
  return {
    synthesis,
    cronJob,
    pod,
    variables: (role: string): Record<string, unknown> =>
      Object.fromEntries(
        listAt(pod(role), 'containers', 0, 'env').map((each) => [
          String(at(each, 'name')),
          at(each, 'value') ?? at(each, 'valueFrom', 'secretKeyRef', 'name'),
        ]),
      ),
  };
}

describe('the backup of a KeycloakRealm', () => {
  test('is none, unless it is asked for', () => {
    const platform = testPlatform();
    new KeycloakRealm(platform, 'keycloak', {
      database: new FakeDatabaseServer(platform, 'database').addDatabase('keycloak'),
      exposure: { expose: () => ({ host: 'auth.example.org', url: 'https://auth.example.org' }) },
      names: new SpaceNames(),
    });
    expect(() => objectOf(synthesize(platform), 'CronJob', 'keycloak-backup')).toThrow('expected one');
    expect(synthesize(platform).secrets.map(({ name }) => name)).not.toContain('keycloak-backup');
  });

  test('is made each night, beside the servers, and kept for a while', () => {
    const { cronJob, variables } = make();
    expect(cronJob('backup')['spec']).toMatchObject({
      schedule: '15 1 * * *',
      timeZone: 'Etc/UTC',
      suspend: false,
      concurrencyPolicy: 'Forbid',
    });
    expect(variables('backup')).toMatchObject({
      REALM: 'office',
      RETENTION_DAYS: '30',
      KEEP_AT_LEAST: '3',
      KC_DB_URL_HOST: 'db.example.org',
      KC_CACHE: 'local',
    });
  });

  test('is encrypted before it leaves the Pod, with a generated value that stands in no manifest', () => {
    const { synthesis, variables, pod } = make();
    expect(synthesis.secrets.find(({ name }) => name === 'keycloak-backup')?.data).toMatchObject({
      key: { id: 'keycloak-backup', length: 43 },
    });
    for (const role of ['backup', 'restore']) {
      expect(variables(role)).toMatchObject({
        RCLONE_CONFIG_BACKUP_TYPE: 'crypt',
        RCLONE_CONFIG_BACKUP_REMOTE: 'store:realms/keycloak',
        KEY_FILE: '/run/secrets/backup/key',
      });
      expect(listAt(pod(role), 'volumes')).toContainEqual({
        name: 'key',
        secret: { secretName: 'keycloak-backup', defaultMode: 0o440, items: [{ key: 'key', path: 'key' }] },
      });
    }
  });

  test('is restored by a Job that somebody starts, which may only read the bucket', () => {
    const { cronJob, variables } = make();
    expect(cronJob('restore')['spec']).toMatchObject({ suspend: true, jobTemplate: { spec: { backoffLimit: 0 } } });
    expect(variables('restore')).toMatchObject({
      RESTORE_BACKUP: 'latest',
      KEYCLOAK_HOST: 'keycloak.demo-keycloak.svc.cluster.local',
      KEYCLOAK_PORT: '8080',
      RCLONE_CONFIG_STORE_ACCESS_KEY_ID: 'keycloak-restore-s3',
    });
    expect(variables('backup')).toMatchObject({ RCLONE_CONFIG_STORE_ACCESS_KEY_ID: 'keycloak-backup-s3' });
  });

  test('reaches the database and the store, and only a restore looks for servers', () => {
    const { synthesis } = make();
    const egress = (role: string) =>
      JSON.stringify(at(objectOf(synthesis, 'NetworkPolicy', `keycloak-${role}`), 'spec', 'egress'));
    for (const role of ['backup', 'restore']) {
      expect(egress(role)).toContain('192.0.2.5/32');
      expect(egress(role)).toContain('192.0.2.6/32');
    }
    expect(egress('restore')).toContain('"port":8080');
    expect(egress('backup')).not.toContain('"port":8080');
  });

  test('keeps the rules of the project, and the schema of each Kubernetes', () => {
    const { synthesis } = make();
    expect(checkRules(synthesis).map(describeViolation)).toEqual([]);
    for (const minor of schemaMinors()) {
      const schemas = new StrictSchemas(minor);
      const problems = synthesis.objects.flatMap(({ manifest }) => schemas.problems(manifest));
      expect([minor, problems]).toEqual([minor, []]);
    }
  });

  test.each<[Partial<KeycloakBackupProps>, string]>([
    [{ retentionDays: 0 }, 'backup.retentionDays is a whole number from 1 to 3650, given 0'],
    [{ keepAtLeast: 1.5 }, 'backup.keepAtLeast is a whole number from 1 to 1000, given 1.5'],
    [{ schedule: 'nightly' }, 'backup schedule of Keycloak "keycloak"'],
  ])('refuses %j', (props, message) => {
    expect(() => make(props)).toThrow(message);
  });
});
