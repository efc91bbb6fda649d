import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsProgramPolicy, type CloudNeeds } from '../../constructs';
import { ensurePrograms } from '../../tools/cluster/programs';
import { cloudSynthesis } from '../support/clouds';
import type { Credentials } from './support/people-store';
import { RoleStore, type StoreRole } from './support/role-store';
import { TokenIssuer } from './support/token-issuer';

/**
 * The policies that a cluster at AWS is given, read by a real S3-compatible server, with real clients of S3 and STS. MinIO knows neither the account
 * of a bucket nor tags of a session: the condition on the first is left out, and the name that AWS takes from the second comes from the token.
 */

const DENIED = /Access Denied|Insufficient permissions/;
const DURATION = 3600;

let tokens: TokenIssuer;
let store: RoleStore;
let needs: CloudNeeds;
let folder: string;

/** A policy without what AWS alone knows. */
function forMinio(policy: object): object {
  return JSON.parse(
    JSON.stringify(policy, (key, value: unknown) => {
      if (key !== 'StringEquals' || typeof value !== 'object' || value === null) return value;
      const { 'aws:ResourceAccount': account, ...rest } = value as Record<string, unknown>;
      if (account !== '123456789012' && JSON.stringify(account) !== '["123456789012"]') {
        throw new Error(`a statement that does not hold to the account: ${JSON.stringify(value)}`);
      }
      return Object.keys(rest).length === 0 ? undefined : rest;
    })
      .replaceAll(',"Condition":{}', '')
      .replaceAll('${aws:PrincipalTag/username}', '${jwt:preferred_username}'),
  ) as object;
}

/** A role of its own at the store for each role at AWS: its client tells which. */
function roleOf(name: string, suffix: string): StoreRole {
  const role = needs.people?.roles.find((one) => one.name === name);
  if (role === undefined) throw new Error(`the cloud is asked for no role ${name}`);
  return {
    name,
    policy: forMinio(role.permissionPolicy),
    env: {
      MINIO_SITE_REGION: 'eu-west-3',
      [`MINIO_IDENTITY_OPENID_CONFIG_URL_${suffix}`]: tokens.discoveryUrl,
      [`MINIO_IDENTITY_OPENID_CLIENT_ID_${suffix}`]: name,
      [`MINIO_IDENTITY_OPENID_CLIENT_SECRET_${suffix}`]: 'CLIENTcanaryCLIENTcanary',
      [`MINIO_IDENTITY_OPENID_ROLE_POLICY_${suffix}`]: name,
    },
  };
}

const assume = (role: string, username: string): Promise<Credentials | string> =>
  store.assumeRole(
    store.tokenOf(username, [], { aud: [role], azp: role }),
    {
      roleARN: `arn:minio:iam:eu-west-3::role/${createHash('sha1').update(role).digest('base64url')}`,
      roleSessionName: username,
    },
    DURATION,
  );

/** Makes a program's user, with the policy that it has at AWS. @returns what its client is given as host */
async function program(name: string): Promise<string> {
  const found = needs.programs.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the cloud is asked for no program ${name}`);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(forMinio(awsProgramPolicy(found.grants, '123456789012'))));
  const [user, secret] = [`program-${name}`, 'PROGRAMcanaryPROGRAMcanary'];
  for (const args of [
    ['admin', 'policy', 'create', 'store', name, file],
    ['admin', 'user', 'add', 'store', user, secret],
    ['admin', 'policy', 'attach', 'store', name, '--user', user],
  ]) {
    const { code, output } = await store.root(...args);
    if (code !== 0) throw new Error(`mc ${args.join(' ')}: ${output}`);
  }
  return store.url.replace('://', `://${user}:${secret}@`);
}

beforeAll(async () => {
  await ensurePrograms(['minio', 'mc'], { say: () => undefined, step: (_name, work) => work() });
  folder = mkdtempSync(join(tmpdir(), 'bouture-cloud-store-'));
  const { cloud } = cloudSynthesis('aws');
  if (cloud === undefined) throw new Error('the configuration names no cloud');
  needs = cloud;
  tokens = await TokenIssuer.start();
  store = await RoleStore.create(tokens);
  await store.setUp(
    [roleOf('office-people', 'PEOPLE'), roleOf('stat-projet-census', 'CENSUS')],
    [...needs.buckets.map(({ name }) => name), 'stat-user-al', 'stat-user-alpha', 'stat-projet-census2'],
  );
});

afterAll(async () => {
  await store.dispose();
  await tokens.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a person works in the own bucket with credentials that a token was exchanged for', async () => {
  const al = await assume('office-people', 'al');
  expect(await store.person(al, 'pipe', 'store/stat-user-al/survey.csv')).toMatchObject({ code: 0 });
  expect((await store.person(al, 'cat', 'store/stat-user-al/survey.csv')).stdout).toBe('content');
  expect((await store.person(al, 'ls', 'store/stat-user-al')).stdout).toContain('survey.csv');
  expect(await store.person(al, 'rm', 'store/stat-user-al/survey.csv')).toMatchObject({ code: 0 });
});

test('al never reaches the bucket of alpha, nor those of projects and programs', async () => {
  const al = await assume('office-people', 'al');
  for (const bucket of ['stat-user-alpha', 'stat-user-alice', 'stat-projet-census', 'office-123456789012-mlflow']) {
    expect((await store.person(al, 'ls', `store/${bucket}`)).output).toMatch(DENIED);
    expect((await store.person(al, 'pipe', `store/${bucket}/x`)).output).toMatch(DENIED);
  }
  const alpha = await assume('office-people', 'alpha');
  expect(await store.person(alpha, 'pipe', 'store/stat-user-alpha/own.csv')).toMatchObject({ code: 0 });
});

test('a project’s role opens that project’s bucket alone', async () => {
  const member = await assume('stat-projet-census', 'al');
  expect(await store.person(member, 'pipe', 'store/stat-projet-census/shared.csv')).toMatchObject({ code: 0 });
  for (const bucket of ['stat-projet-census2', 'stat-user-al']) {
    expect((await store.person(member, 'ls', `store/${bucket}`)).output).toMatch(DENIED);
  }
});

test('a program works in its own buckets alone, and a version of an object stays', async () => {
  const mlflow = await program('mlflow');
  const own = 'store/office-123456789012-mlflow';
  expect((await store.root('version', 'enable', own)).code).toBe(0);
  expect(await store.mc(mlflow, 'pipe', `${own}/model`)).toMatchObject({ code: 0 });
  expect((await store.mc(mlflow, 'cat', `${own}/model`)).stdout).toBe('content');
  expect((await store.mc(mlflow, 'rm', '--versions', '--force', `${own}/model`)).output).toMatch(DENIED);
  for (const bucket of ['office-123456789012-vault-snapshots', 'stat-user-al']) {
    expect((await store.mc(mlflow, 'ls', `store/${bucket}`)).output).toMatch(DENIED);
    expect((await store.mc(mlflow, 'pipe', `store/${bucket}/x`)).output).toMatch(DENIED);
  }
});
