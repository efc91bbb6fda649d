import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../blueprints/load';
import { OBJECT_STORE_FILE, objectStoreDocument } from '../../blueprints/object-store-document';
import { renderBlueprint } from '../../blueprints/render';
import { planOutput, writeOutput } from '../../blueprints/write';
import { run as diff } from '../../cli/commands/diff';
import { ExternalObjectStore, type PeopleSetup } from '../../constructs';
import { capture } from '../cli/capture';

const fixture = (name: string) => join(__dirname, '../fixtures/config', `${name}.happy.yaml`);

function setupOf(name: string): PeopleSetup {
  const [setup] = loadConfig(fixture(name))
    .compose()
    .node.findAll()
    .flatMap((construct) => (construct instanceof ExternalObjectStore ? (construct.people?.setup ?? []) : []));
  if (setup === undefined) throw new Error('no store for people');
  return setup;
}

/** The documents between the fences, by what stands before them. */
const documentsOf = (text: string): unknown[] =>
  [...text.matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, json = '']) => JSON.parse(json) as unknown);

describe('what to set up at a store of somebody else', () => {
  test.each(['sspcloud-people-at-aws', 'sspcloud-people-at-ceph'])('%s holds every policy, as it is', (name) => {
    const setup = setupOf(name);
    const text = objectStoreDocument('office', setup);
    expect(documentsOf(text)).toEqual([
      ...setup.roles.flatMap(({ trustPolicy, permissionPolicy }) => [trustPolicy, permissionPolicy]),
      setup.cors,
    ]);
    for (const { name: role, arn } of setup.roles) {
      expect(text).toContain(arn);
      expect(text).toMatch(
        new RegExp(
          String.raw`create-role\S* (--endpoint-url \S+ )?--role-name ${role} --max-session-duration ${setup.durationSeconds} `,
        ),
      );
    }
    expect(text).toContain(`--url ${setup.issuer} --client-id-list ${setup.audiences.join(' ')}`);
    for (const bucket of setup.buckets) expect(text).toContain(`\`${bucket}\``);
  });

  test('tells a MinIO its variables, policy and buckets', () => {
    const setup = setupOf('sspcloud-people-at-minio');
    const text = objectStoreDocument('office', setup);
    expect(documentsOf(text)).toEqual([setup.roles[0]?.permissionPolicy]);
    expect(text).toContain('MINIO_IDENTITY_OPENID_CLIENT_ID_PEOPLE=onyxia-s3\n');
    expect(text).toContain('MINIO_IDENTITY_OPENID_ROLE_POLICY_PEOPLE=office-people\n');
    expect(text).toContain('MINIO_REGION=us-east-1\n');
    expect(text).toContain('MINIO_API_CORS_ALLOW_ORIGIN=https://datalab.data.example.org\n');
    expect(text).toContain(setup.roles[0]?.arn ?? 'no role');
    expect(text).toContain('mc mb STORE/projet-census\n');
  });

  test('says for how long who leaves a project may still reach its bucket', () => {
    expect(objectStoreDocument('office', setupOf('sspcloud-people-at-aws'))).toContain(
      'for 14700 seconds at the latest',
    );
  });
});

describe('synthesis', () => {
  const out = mkdtempSync(join(tmpdir(), 'bouture-object-store-'));
  afterAll(() => {
    rmSync(out, { recursive: true });
  });
  const write = (name: string) => {
    const rendered = renderBlueprint(loadConfig(fixture(name)));
    writeOutput(out, planOutput(out, [rendered]));
    return join(out, rendered.folder, OBJECT_STORE_FILE);
  };

  test('writes it beside the manifests, tells when it changes, and removes it with its reason', async () => {
    const file = write('sspcloud-people-at-ceph');
    expect(readFileSync(file, 'utf8')).toBe(objectStoreDocument('office', setupOf('sspcloud-people-at-ceph')));
    const { out: told } = await capture(diff, [fixture('sspcloud-people-at-aws')], { out });
    expect(told).toContain(`~ ${OBJECT_STORE_FILE}  (${OBJECT_STORE_FILE})`);
    write('sspcloud-external-identity');
    expect(existsSync(file)).toBe(false);
  });
});
