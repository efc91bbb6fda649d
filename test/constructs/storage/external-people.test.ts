import {
  cephPersonRole,
  ExternalIdentityProvider,
  ExternalObjectStore,
  type ExternalPeopleProps,
  type ExpectedRole,
  type PeopleSystem,
  SpaceNames,
} from '../../../constructs';
import { mayAssume, mayDo, type Reader, type RequestContext } from '../../support/iam';
import { testPlatform } from '../../support/platform';

const ISSUER = 'https://auth.example.org/realms/datalab';
const PROVIDER = 'auth.example.org/realms/datalab';
const ACCOUNT = '123456789012';
const NAMES = new SpaceNames({ userPrefix: 'user-', projectPrefix: 'projet-' });
const AWS: PeopleSystem = { kind: 'aws', account: ACCOUNT };
const CEPH: PeopleSystem = { kind: 'ceph' };
const MINIO: PeopleSystem = { kind: 'minio' };

function make(system: PeopleSystem, props: Partial<ExternalPeopleProps> = {}, endpoint = 'https://s3.example.org') {
  const platform = testPlatform();
  const realm = new ExternalIdentityProvider(platform, 'identity', { issuer: ISSUER });
  const store = new ExternalObjectStore(platform, 'object-store', { endpoint, region: 'eu-west-3' });
  const people = store.federate(realm, { names: NAMES, system, ...props });
  return { platform, realm, store, people };
}

/** The role of a name, which must be there. */
function roleOf({ people }: ReturnType<typeof make>, name: string): ExpectedRole {
  const found = people.setup.roles.find((role) => role.name === name);
  if (found === undefined) throw new Error(`no role ${name}`);
  return found;
}

interface Token {
  readonly username: string;
  readonly groups?: readonly string[];
  readonly audience?: string;
  readonly tags?: readonly string[];
}

/** What AWS makes of a token: the claims that it reads, and the tags. */
function atAws({ username, groups = [], audience = 'onyxia-s3', tags = ['username'] }: Token): RequestContext {
  return {
    [`${PROVIDER}:aud`]: [audience],
    [`${PROVIDER}:sub`]: ['0f1e2d3c'],
    [`${PROVIDER}:amr`]: groups.map((group) => NAMES.project(group)),
    'aws:RequestTag/username': tags.includes('username') ? [username] : [],
    'aws:TagKeys': tags,
  };
}

/** What a session of AWS tells of its principal, and of a bucket. */
const sessionAtAws = (username: string, owner = ACCOUNT): RequestContext => ({
  'aws:PrincipalTag/username': [username],
  'aws:ResourceAccount': [owner],
});

/** What Ceph makes of a token: every claim. */
function atCeph({ username, groups = [], audience = 'onyxia-s3' }: Token): RequestContext {
  return {
    [`${PROVIDER}:app_id`]: [audience],
    [`${PROVIDER}:aud`]: [audience],
    [`${PROVIDER}:preferred_username`]: [username],
    [`${PROVIDER}:groups`]: groups,
  };
}

const bucket = (name: string) => `arn:aws:s3:::${name}`;
const DEEDS: readonly (readonly [string, (name: string) => string])[] = [
  ['s3:ListBucket', bucket],
  ['s3:GetObject', (name) => `${bucket(name)}/survey.csv`],
  ['s3:PutObject', (name) => `${bucket(name)}/survey.csv`],
  ['s3:DeleteObject', (name) => `${bucket(name)}/survey.csv`],
];
/** What of reading, writing, listing and deleting a role lets be done in a bucket. */
const deeds = (role: ExpectedRole, name: string, context: RequestContext, reader: Reader) =>
  DEEDS.filter(([action, resource]) => mayDo(role, action, resource(name), context, reader)).map(([action]) => action);
const ALL = DEEDS.map(([action]) => action);

describe('at AWS', () => {
  const made = make(AWS, {}, 'https://s3.eu-west-3.amazonaws.com');
  for (const project of ['labour', 'census']) made.people.addProject(project);
  const everyone = roleOf(made, 'demo-people');
  const census = roleOf(made, 'projet-census');
  const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/${PROVIDER}`;

  test('one role is everyone’s, and each project has one', () => {
    expect(made.people.setup.roles.map(({ arn, whose, maxSessionSeconds }) => [arn, whose, maxSessionSeconds])).toEqual(
      [
        [`arn:aws:iam::${ACCOUNT}:role/demo-people`, 'everyone', 43_200],
        [`arn:aws:iam::${ACCOUNT}:role/projet-census`, 'members of group census', 43_200],
        [`arn:aws:iam::${ACCOUNT}:role/projet-labour`, 'members of group labour', 43_200],
      ],
    );
  });

  test('a person reads, writes, lists and deletes in the own bucket', () => {
    expect(mayAssume(everyone, provider, atAws({ username: 'al' }), 'aws')).toBe(true);
    expect(deeds(everyone, 'user-al', sessionAtAws('al'), 'aws')).toEqual(ALL);
  });

  test.each(['user-alpha', 'user-a', 'user-', 'user-*', 'projet-census', 'user-al-2', 'mlflow'])(
    'al does nothing in %s',
    (name) => {
      expect(deeds(everyone, name, sessionAtAws('al'), 'aws')).toEqual([]);
    },
  );

  test('nobody without a name reaches any bucket', () => {
    expect(deeds(everyone, 'user-', { 'aws:ResourceAccount': [ACCOUNT] }, 'aws')).toEqual([]);
    expect(mayAssume(everyone, provider, atAws({ username: '', tags: [] }), 'aws')).toBe(false);
    expect(mayAssume(everyone, provider, atAws({ username: '' }), 'aws')).toBe(false);
  });

  test('a name with a slash is no way into a folder of somebody else’s bucket', () => {
    expect(deeds(everyone, 'user-alpha/x', sessionAtAws('alpha/x'), 'aws')).not.toEqual([]);
    expect(mayAssume(everyone, provider, atAws({ username: 'alpha/x' }), 'aws')).toBe(false);
  });

  test('a bucket of the right name in another account is closed', () => {
    expect(deeds(everyone, 'user-al', sessionAtAws('al', '999999999999'), 'aws')).toEqual([]);
    expect(deeds(census, 'projet-census', sessionAtAws('al', '999999999999'), 'aws')).toEqual([]);
  });

  test('nobody makes, opens or removes a bucket, or removes a version', () => {
    for (const action of ['s3:CreateBucket', 's3:DeleteBucket', 's3:PutBucketPolicy', 's3:PutBucketCORS']) {
      expect(mayDo(everyone, action, bucket('user-al'), sessionAtAws('al'), 'aws')).toBe(false);
    }
    const version = `${bucket('user-al')}/survey.csv`;
    expect(mayDo(everyone, 's3:DeleteObjectVersion', version, sessionAtAws('al'), 'aws')).toBe(false);
  });

  test('members of the group alone assume the role of a project, which opens its bucket alone', () => {
    expect(mayAssume(census, provider, atAws({ username: 'al', groups: ['labour', 'census'] }), 'aws')).toBe(true);
    expect(mayAssume(census, provider, atAws({ username: 'al', groups: ['labour', 'census2'] }), 'aws')).toBe(false);
    expect(mayAssume(census, provider, atAws({ username: 'al' }), 'aws')).toBe(false);
    expect(deeds(census, 'projet-census', sessionAtAws('al'), 'aws')).toEqual(ALL);
    for (const name of ['projet-labour', 'projet-census2', 'projet-censu', 'user-al']) {
      expect(deeds(census, name, sessionAtAws('al'), 'aws')).toEqual([]);
    }
  });

  test('a token for another client, with another tag or of another provider opens nothing', () => {
    for (const role of [everyone, census]) {
      const right: Token = { username: 'al', groups: ['census'] };
      expect(mayAssume(role, provider, atAws(right), 'aws')).toBe(true);
      expect(mayAssume(role, provider, atAws({ ...right, audience: 'vault' }), 'aws')).toBe(false);
      expect(mayAssume(role, provider, atAws({ ...right, tags: ['username', 'admin'] }), 'aws')).toBe(false);
      expect(mayAssume(role, `${provider}2`, atAws(right), 'aws')).toBe(false);
    }
  });

  test('Onyxia asks for these very roles, in the name of the space', () => {
    expect(made.people).toMatchObject({
      url: 'https://s3.eu-west-3.amazonaws.com',
      stsUrl: 'https://sts.eu-west-3.amazonaws.com',
      region: 'eu-west-3',
      durationSeconds: 43_200,
      roles: [
        {
          profileName: 'default',
          roleArn: everyone.arn,
          roleSessionName: 'user-$1',
          claimName: 'preferred_username',
        },
        {
          profileName: 'projet-$1',
          roleArn: census.arn.replace('census', '$1'),
          roleSessionName: 'projet-$1',
          claimName: 'groups',
        },
      ],
    });
  });

  test('what the tokens must tell is told to who runs the identity provider', () => {
    const [client] = made.realm.requirements;
    expect(client).toMatchObject({ clientId: 'onyxia-s3', audience: 'onyxia-s3', permissionsClaim: 'amr' });
    expect(client?.statements).toEqual(
      expect.arrayContaining([
        'has permission "projet-census" for members of group "census"',
        'puts {"principal_tags": {"username": [NAME]}}, with the name that "preferred_username" holds, into ' +
          '"https://aws.amazon.com/tags" of its access tokens, and no further tag',
      ]),
    );
  });

  test('the trust policy of everyone’s role is as AWS documents it', () => {
    expect(everyone.trustPolicy).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": [
              "sts:AssumeRoleWithWebIdentity",
              "sts:TagSession",
            ],
            "Condition": {
              "ForAllValues:StringEquals": {
                "aws:TagKeys": [
                  "username",
                ],
              },
              "StringEquals": {
                "auth.example.org/realms/datalab:aud": [
                  "onyxia-s3",
                ],
              },
              "StringLike": {
                "aws:RequestTag/username": "?*",
              },
              "StringNotLike": {
                "aws:RequestTag/username": "*/*",
              },
            },
            "Effect": "Allow",
            "Principal": {
              "Federated": "arn:aws:iam::123456789012:oidc-provider/auth.example.org/realms/datalab",
            },
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  test('roles bear the beginning that the account demands, in its partition', () => {
    const { people } = make(
      { kind: 'aws', account: ACCOUNT, partition: 'aws-cn', rolePrefix: 'lab+' },
      { stsUrl: 'https://sts.cn-north-1.amazonaws.com.cn' },
    );
    const [role] = people.setup.roles;
    expect(role?.arn).toBe(`arn:aws-cn:iam::${ACCOUNT}:role/lab+demo-people`);
    expect(people.roles[0]?.roleArn).toBe(role?.arn);
    expect(role?.permissionPolicy.Statement[0]?.Resource).toEqual([
      'arn:aws-cn:s3:::user-${aws:PrincipalTag/username}',
    ]);
  });

  test.each<[string, PeopleSystem, RegExp]>([
    ['an account with a letter', { kind: 'aws', account: '12345678901a' }, /expected the 12 digits/],
    ['a partition of nobody', { kind: 'aws', account: ACCOUNT, partition: 'gcp' }, /partition "gcp": expected/],
    ['a partition whose addresses nobody knows', { kind: 'aws', account: ACCOUNT, partition: 'aws-cn' }, /give stsUrl/],
    ['names of roles that are too long', { kind: 'aws', account: ACCOUNT, rolePrefix: 'x'.repeat(60) }, /at most 64/],
    ['a role with a slash', { kind: 'aws', account: ACCOUNT, rolePrefix: 'a/' }, /role "a\/demo-people": expected/],
  ])('%s is refused', (_, system, told) => {
    expect(() => make(system)).toThrow(told);
  });
});

describe('at Ceph', () => {
  const made = make(CEPH);
  made.people.addProject('census');
  const facts = {
    platform: 'demo',
    issuer: ISSUER,
    clientId: 'onyxia-s3',
    audience: 'onyxia-s3',
    claims: made.realm.claims,
    names: NAMES,
    region: 'eu-west-3',
    durationSeconds: 43_200,
    projects: ['census'],
  };
  const al = cephPersonRole(CEPH, facts, 'al');
  const census = roleOf(made, 'projet-census');
  const provider = `arn:aws:iam:::oidc-provider/${PROVIDER}`;

  test('each person has a role, for Ceph puts no name into a policy', () => {
    expect(made.people.setup.roles.map(({ arn }) => arn)).toEqual([
      'arn:aws:iam:::role/user-USERNAME',
      'arn:aws:iam:::role/projet-census',
    ]);
    expect(JSON.stringify([al, census])).not.toContain('${');
    expect(JSON.stringify(al)).toBe(JSON.stringify(roleOf(made, 'user-USERNAME')).replaceAll('USERNAME', 'al'));
  });

  test('which that person alone assumes, and which opens the own bucket alone', () => {
    expect(mayAssume(al, provider, atCeph({ username: 'al', groups: ['census'] }), 'ceph')).toBe(true);
    for (const username of ['alpha', 'a', 'AL', '']) {
      expect(mayAssume(al, provider, atCeph({ username }), 'ceph')).toBe(false);
    }
    expect(deeds(al, 'user-al', {}, 'ceph')).toEqual(ALL);
    for (const name of ['user-alpha', 'user-a', 'projet-census']) expect(deeds(al, name, {}, 'ceph')).toEqual([]);
  });

  test('members of the group alone assume the role of a project', () => {
    expect(mayAssume(census, provider, atCeph({ username: 'al', groups: ['labour', 'census'] }), 'ceph')).toBe(true);
    expect(mayAssume(census, provider, atCeph({ username: 'al', groups: ['labour'] }), 'ceph')).toBe(false);
    expect(mayAssume(census, provider, atCeph({ username: 'census' }), 'ceph')).toBe(false);
    expect(deeds(census, 'projet-census', {}, 'ceph')).toEqual(ALL);
    expect(deeds(census, 'projet-census2', {}, 'ceph')).toEqual([]);
  });

  test('a token for another client opens nothing', () => {
    expect(mayAssume(al, provider, atCeph({ username: 'al', audience: 'vault' }), 'ceph')).toBe(false);
  });

  test('Onyxia asks for the role of the name and of each group, where the store itself answers', () => {
    expect(made.people.stsUrl).toBe('https://s3.example.org');
    expect(made.people.roles).toEqual([
      {
        profileName: 'default',
        roleArn: 'arn:aws:iam:::role/user-$1',
        roleSessionName: 'user-$1',
        claimName: 'preferred_username',
      },
      {
        profileName: 'projet-$1',
        roleArn: 'arn:aws:iam:::role/projet-$1',
        roleSessionName: 'projet-$1',
        claimName: 'groups',
      },
    ]);
  });

  test('a tenant stands in every name', () => {
    const { people } = make({ kind: 'ceph', account: 'office' });
    expect(people.setup.providerArn).toBe(`arn:aws:iam::office:oidc-provider/${PROVIDER}`);
    expect(people.roles[0]?.roleArn).toBe('arn:aws:iam::office:role/user-$1');
    expect(() => make({ kind: 'ceph', account: 'of/fice' })).toThrow('expected the letters, digits and underscores');
  });
});

describe('at a MinIO of somebody else', () => {
  test('one role is everyone’s, and its policy tells people and groups apart', () => {
    const made = make(MINIO);
    made.people.addProject('census');
    const { roles } = made.people.setup;
    expect(roles).toMatchObject([{ name: 'demo-people', arn: made.people.roles[0]?.roleArn, whose: 'everyone' }]);
    expect(roles[0]?.permissionPolicy.Statement.map(({ Effect, Resource, Condition }) => [Effect, Resource, Condition]))
      .toMatchInlineSnapshot(`
      [
        [
          "Allow",
          [
            "arn:aws:s3:::user-\${jwt:preferred_username}",
          ],
          undefined,
        ],
        [
          "Allow",
          [
            "arn:aws:s3:::user-\${jwt:preferred_username}/*",
          ],
          undefined,
        ],
        [
          "Deny",
          undefined,
          {
            "NumericGreaterThan": {
              "sts:DurationSeconds": "43200",
            },
          },
        ],
        [
          "Deny",
          undefined,
          undefined,
        ],
        [
          "Allow",
          [
            "arn:aws:s3:::projet-census",
          ],
          {
            "ForAnyValue:StringEquals": {
              "jwt:groups": [
                "census",
              ],
            },
          },
        ],
        [
          "Allow",
          [
            "arn:aws:s3:::projet-census/*",
          ],
          {
            "ForAnyValue:StringEquals": {
              "jwt:groups": [
                "census",
              ],
            },
          },
        ],
        [
          "Deny",
          [
            "arn:aws:s3:::projet-census/*",
          ],
          undefined,
        ],
      ]
    `);
  });

  test('groups must stand in the claim that its policies read', () => {
    const platform = testPlatform();
    const realm = new ExternalIdentityProvider(platform, 'identity', { issuer: ISSUER, claims: { groups: 'teams' } });
    const store = new ExternalObjectStore(platform, 'object-store', { endpoint: 'https://s3.example.org' });
    expect(() => store.federate(realm, { names: NAMES, system: MINIO })).toThrow(
      'tokens tell groups by the claim "teams", and policies of MinIO read "groups"',
    );
  });
});

describe('whatever runs the store', () => {
  test.each<[PeopleSystem, number]>([
    [AWS, 3599],
    [AWS, 43_201],
    [CEPH, 900],
    [CEPH, 86_400],
    [MINIO, 899],
    [MINIO, 604_801],
    [AWS, 3600.5],
  ])('%j holds nobody to a life of %d seconds', (system, durationSeconds) => {
    expect(() => make(system, { durationSeconds })).toThrow(/holds credentials to a life of/);
  });

  test('a token never outlives the credentials that it is exchanged for', () => {
    const platform = testPlatform();
    const realm = new ExternalIdentityProvider(platform, 'identity', { issuer: ISSUER });
    const addPublicClient = realm.addPublicClient.bind(realm);
    realm.addPublicClient = (id, props) => addPublicClient(id, { ...props, accessTokenSeconds: 7200 });
    const store = new ExternalObjectStore(platform, 'object-store', { endpoint: 'https://s3.example.org' });
    expect(() => store.federate(realm, { names: NAMES, system: AWS, durationSeconds: 3600 })).toThrow(
      'live 7200 s, longer than credentials of 3600 s',
    );
  });

  test('the bound is the longest session of each role', () => {
    const { people } = make(AWS, { durationSeconds: 7200 });
    expect(people.durationSeconds).toBe(7200);
    expect(people.setup.roles.map(({ maxSessionSeconds }) => maxSessionSeconds)).toEqual([7200]);
  });

  test('pages of the allowed origins alone may call', () => {
    const { people } = make(CEPH);
    people.allowOrigin('https://datalab.example.org');
    people.allowOrigin('https://datalab.example.org');
    expect(people.setup.cors).toEqual({
      CORSRules: [
        {
          AllowedOrigins: ['https://datalab.example.org'],
          AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST', 'DELETE'],
          AllowedHeaders: ['*'],
          ExposeHeaders: ['ETag'],
          MaxAgeSeconds: 3600,
        },
      ],
    });
  });

  test('buckets of projects are expected by exact name', () => {
    const { store, people } = make(CEPH);
    people.addProject('census');
    expect(people.setup).toMatchObject({ buckets: ['projet-census'], userPrefix: 'user-' });
    expect(store.expectedBuckets).toEqual([{ name: 'projet-census', props: {} }]);
    expect(store.people).toBe(people);
  });

  test('a project has its bucket once, under the name that people look for', () => {
    const { people } = make(CEPH);
    people.addProject('census');
    expect(() => {
      people.addProject('census');
    }).toThrow('project "census" has its bucket "projet-census" already');
    const platform = testPlatform();
    const realm = new ExternalIdentityProvider(platform, 'identity', { issuer: ISSUER });
    const store = new ExternalObjectStore(platform, 'object-store', {
      endpoint: 'https://s3.example.org',
      bucketNames: { 'projet-census': 'office-census' },
    });
    const other = store.federate(realm, { names: NAMES, system: CEPH });
    expect(() => {
      other.addProject('census');
    }).toThrow('bucket "projet-census" is "office-census" over there');
  });

  test('a project whose role would have too long a name is refused, and leaves nothing behind', () => {
    const { people, store } = make({ kind: 'aws', account: ACCOUNT, rolePrefix: 'x'.repeat(40) });
    expect(() => {
      people.addProject('a'.repeat(30));
    }).toThrow('at most 64 letters');
    expect(store.expectedBuckets).toEqual([]);
    expect(people.setup.buckets).toEqual([]);
  });

  test('it takes tokens of one provider, and over TLS', () => {
    const { store, realm } = make(CEPH);
    expect(() => store.federate(realm, { names: NAMES, system: CEPH })).toThrow(
      'takes tokens of an identity provider already',
    );
    expect(() => make(CEPH, {}, 'http://ceph.example.org:7480')).toThrow(
      'is plain text: tokens of people would be read',
    );
  });
});
