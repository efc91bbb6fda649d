import type { ExpectedRole, PeopleSetup } from '../constructs/storage';

/** Name of the file that tells what to set up at a store of somebody else. No manifest, see `SECRETS_FILE`. */
export const OBJECT_STORE_FILE = 'OBJECT-STORE.md';

/** Characters of a name in a file's name on the command lines. */
const IN_FILE_NAME = /[^A-Za-z0-9_-]/g;

/**
 * What whoever runs an object store sets up there so that people's tokens open their buckets: policies, buckets and commands, in
 * Markdown. It stands beside the manifests, so that the diff of a pull request shows a policy that changes.
 *
 * @param platform name of the platform
 */
export function objectStoreDocument(platform: string, setup: PeopleSetup): string {
  return [
    `# Object store of ${platform} for people`,
    '',
    `What must stand at ${setup.url} before people log in, and nothing here makes. None of it is secret. Each document is derived from the`,
    'configuration: set up what this file says, anew whenever it changes.',
    '',
    ...(setup.system === 'minio' ? minio(setup) : roles(setup)),
    '## How long credentials live',
    '',
    ...bound(setup),
    '',
  ].join('\n');
}

function roles(setup: PeopleSetup): string[] {
  const { system, url, issuer, audiences, providerArn = '' } = setup;
  const at = system === 'ceph' ? ` --endpoint-url ${url}` : '';
  return [
    '## Identity provider',
    '',
    `The account knows the issuer as \`${providerArn}\`.` +
      (system === 'aws'
        ? ' It must be reached from the Internet: AWS fetches its keys.'
        : ' The gateway fetches its keys, and wants the thumbprint of the certificate that they stand in.'),
    '',
    ...block('sh', [
      `aws iam create-open-id-connect-provider${at} --url ${issuer} --client-id-list ${audiences.join(' ')}` +
        (system === 'ceph' ? ' --thumbprint-list THUMBPRINT' : ''),
    ]),
    '## Roles',
    '',
    ...(system === 'ceph'
      ? ['Each person has a role: `USERNAME` stands for the name, in every place. Make it when the person comes.', '']
      : []),
    ...setup.roles.flatMap((role) => roleSection(role, at)),
    '## Buckets',
    '',
    ...bucketSection(setup, at),
  ];
}

function roleSection(role: ExpectedRole, at: string): string[] {
  const { name, arn, whose, trustPolicy, permissionPolicy, maxSessionSeconds } = role;
  const file = name.replace(IN_FILE_NAME, '-');
  return [
    `### ${name}`,
    '',
    `\`${arn}\`, for ${whose}.`,
    '',
    ...block('sh', [
      `aws iam create-role${at} --role-name ${name} --max-session-duration ${maxSessionSeconds ?? ''} \\`,
      `  --assume-role-policy-document file://${file}.trust.json`,
      `aws iam put-role-policy${at} --role-name ${name} --policy-name buckets --policy-document file://${file}.json`,
    ]),
    `\`${file}.trust.json\`, who may assume it:`,
    '',
    ...json(trustPolicy),
    `\`${file}.json\`, what it opens:`,
    '',
    ...json(permissionPolicy),
  ];
}

function bucketSection({ buckets, userPrefix, cors, region, system }: PeopleSetup, at: string): string[] {
  // Every region but the first of AWS must be named to a bucket.
  const where =
    system === 'aws' && region !== 'us-east-1' ? ` --create-bucket-configuration LocationConstraint=${region}` : '';
  return [
    `One for each person, \`${userPrefix}USERNAME\`, made when the person comes: a page cannot make a bucket, for a bucket that is not there allows no page to call.`,
    ...(buckets.length === 0 ? [] : ['', `One for each project: ${buckets.map((name) => `\`${name}\``).join(', ')}.`]),
    '',
    ...block('sh', [
      `aws s3api create-bucket${at} --bucket BUCKET${where}`,
      `aws s3api put-bucket-cors${at} --bucket BUCKET --cors-configuration file://cors.json`,
    ]),
    '`cors.json`, for each of them:',
    '',
    ...json(cors),
    ...(system === 'ceph'
      ? [
          'Pages call STS too, which belongs to no bucket, and the gateway knows CORS of buckets alone: the proxy before it allows the same origins to',
          'call `POST /`.',
          '',
        ]
      : []),
  ];
}

function minio({ issuer, audiences, roles: all, buckets, cors, region }: PeopleSetup): string[] {
  const [role] = all;
  const name = role?.name ?? '';
  const [audience = ''] = audiences;
  return [
    '## Identity provider',
    '',
    'Variables of the server. The secret is a long random text that nobody else knows: MinIO takes it for a signing key of its own.',
    '',
    ...block('sh', [
      `MINIO_IDENTITY_OPENID_CONFIG_URL_PEOPLE=${issuer}/.well-known/openid-configuration`,
      `MINIO_IDENTITY_OPENID_CLIENT_ID_PEOPLE=${audience}`,
      'MINIO_IDENTITY_OPENID_CLIENT_SECRET_PEOPLE=...',
      `MINIO_IDENTITY_OPENID_ROLE_POLICY_PEOPLE=${name}`,
      `MINIO_REGION=${region}`,
      `MINIO_API_CORS_ALLOW_ORIGIN=${cors.CORSRules.flatMap(({ AllowedOrigins }) => AllowedOrigins).join(',')}`,
    ]),
    '## Policy',
    '',
    `MinIO tells the role at its start: it must be \`${role?.arn ?? ''}\`. The policy must be there before. It takes \`*\` and \`?\` in a person's`,
    'name for wildcards: the identity provider gives nobody such a name.',
    '',
    ...block('sh', [`mc admin policy create STORE ${name} ${name}.json`]),
    `\`${name}.json\`, what it opens:`,
    '',
    ...json(role?.permissionPolicy),
    ...(buckets.length === 0
      ? []
      : [
          '## Buckets',
          '',
          'One for each project; people make their own.',
          '',
          ...block('sh', [`mc mb ${buckets.map((bucket) => `STORE/${bucket}`).join(' ')}`]),
        ]),
  ];
}

function bound({ durationSeconds, accessTokenSeconds, stsUrl, system }: PeopleSetup): string[] {
  const last = durationSeconds + accessTokenSeconds;
  return [
    `Browsers exchange tokens at ${stsUrl}, for credentials that live ${durationSeconds} seconds at the most. A token lives ${accessTokenSeconds}: who leaves a`,
    `project reaches its bucket for ${last} seconds at the latest.` +
      (system === 'aws'
        ? ' To end it at once, deny in the role what was issued before now (`aws:TokenIssueTime`).'
        : ''),
  ];
}

function json(document: unknown): string[] {
  return block('json', [JSON.stringify(document, undefined, 2)]);
}

function block(language: string, lines: readonly string[]): string[] {
  return [`\`\`\`${language}`, ...lines, '```', ''];
}
