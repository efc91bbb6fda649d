import { z } from 'zod';
import { cidr } from '../config/hosts';
import { bucket, databaseName, label } from '../config/names';
import { resources } from '../config/quantities';
import { scalar, wholeNumber } from '../config/scalar';
import { schedule } from '../config/schedule';
import { certificateAuthority } from './authority';
import { exactlyOne } from './choice';
import { claimName } from './claim-name';
import { serverTls } from './server-tls';

/** Seconds of a day. */
const DAY = 86_400;

const text = (what: string, maximum: number) =>
  scalar(what, (value) =>
    value.trim() === '' || value.length > maximum
      ? { message: `1 to ${maximum} characters, not only blanks` }
      : undefined,
  );

const backup = z
  .strictObject({
    bucket: bucket().default('keycloak-backups').describe('Bucket of the object store that backups go to, encrypted.'),
    schedule: schedule().default('15 1 * * *').describe('When a backup is made, in UTC.'),
    retentionDays: wholeNumber('a number of days', 1, 3650)
      .default(30)
      .describe('Days after which a backup is removed.'),
    keepAtLeast: wholeNumber('a number of backups', 1, 1000)
      .default(3)
      .describe('Newest backups that stay however old they are.'),
    resources: resources('100m to 1 CPU and 256Mi to 1Gi').exactOptional(),
  })
  .describe('Scheduled backups of the realm and its people to the object store. Left out, there are none.');

/** `identity.keycloak`: a Keycloak of the platform's own. */
const keycloak = z
  .strictObject({
    subdomain: label().default('auth').describe('First label of its host.'),
    realm: label().default('datalab').describe('Name of the realm, which every token says. Chosen once.'),
    displayName: text('a name for people', 80)
      .exactOptional()
      .describe('What people read above the login. Default: the name of the realm.'),
    database: databaseName(49).default('keycloak').describe('Database that holds people, groups and sessions.'),
    roles: z
      .array(label())
      .max(100)
      .default([])
      .describe('Roles that tokens tell, such as those that quotas and catalogues go by.'),
    registration: z.boolean().default(false).describe('People may make accounts for themselves.'),
    secondFactor: z.boolean().default(false).describe('New people must set up a second factor.'),
    idleSeconds: wholeNumber('a number of seconds', 300, 30 * DAY)
      .default(DAY / 2)
      .describe('Seconds without any sign of a person after which the session ends.'),
    maxSeconds: wholeNumber('a number of seconds', 300, 30 * DAY)
      .default(DAY)
      .describe('Seconds after which a session ends in any case.'),
    replicas: wholeNumber('a number of Pods', 1, 20)
      .exactOptional()
      .describe('Pods. Default: 1 for a pilot, 2 in production.'),
    resources: resources(
      'pilot 250m to 2 CPU and 768Mi to 1280Mi; production 1 to 4 CPU and 1536Mi to 2Gi',
    ).exactOptional(),
    tls: serverTls('Keycloak').exactOptional(),
    backup: backup.exactOptional(),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || value.idleSeconds <= value.maxSeconds) return;
    const message = `a session that lasts ${value.maxSeconds} seconds cannot be idle for longer`;
    issues.push({ code: 'custom', input: value.idleSeconds, path: ['idleSeconds'], message });
  })
  .describe('A Keycloak with one realm, which is data of this file.');

const httpsUrl = (what: string) =>
  scalar(what, (value) => {
    if (!value.startsWith('https://') || !URL.canParse(value)) return { message: 'an address begins with https://' };
    const { username, password, search, hash } = new URL(value);
    if (username !== '' || password !== '') return { message: 'an address holds no user name and no password' };
    return search === '' && hash === '' && !value.endsWith('/')
      ? undefined
      : { message: 'no query, no fragment and no slash at its end' };
  });

const claim = (fallback: string, what: string) => claimName().default(fallback).describe(what);

/** `identity.external`: an OpenID provider that somebody else runs. */
const external = z
  .strictObject({
    issuer: httpsUrl('an address such as https://login.example.org/realms/office').describe(
      'What iss of its tokens says, exactly.',
    ),
    jwksUrl: httpsUrl('an address such as https://login.example.org/keys')
      .exactOptional()
      .describe("Where its public keys are. Default: ISSUER/protocol/openid-connect/certs, Keycloak's own."),
    claims: z
      .strictObject({
        username: claim(
          'preferred_username',
          'Claim with the name that namespaces, buckets and directories are derived from.',
        ),
        groups: claim('groups', 'Claim with the names of groups.'),
        roles: claim('roles', 'Claim with the names of roles.'),
      })
      .prefault({})
      .describe('Claims at the top level of every token.'),
    clients: z
      .record(
        label(),
        z.strictObject({
          clientId: text('the id of a client', 200).describe('Its id there.'),
          audience: text('an audience', 200)
            .exactOptional()
            .describe('What aud of its access tokens holds. Default: what the platform asks for.'),
        }),
      )
      .exactOptional()
      .describe(
        'Clients there, by the id that the platform asks for: onyxia, onyxia-minio or onyxia-s3, vault; monitoring, workflows, argo-cd. Default: the ' +
          'same ids.',
      ),
    cidrs: z
      .array(cidr())
      .min(1)
      .exactOptional()
      .describe("Networks of the provider. Default: every IPv4 address but the cloud's metadata service."),
    certificateAuthority: certificateAuthority.exactOptional(),
  })
  .describe(
    'An OpenID provider that somebody else runs, such as Entra ID: npx bouture doctor tells what its clients must emit.',
  );

/** `identity`: who knows people. */
export const identity = exactlyOne({ keycloak, external }, {}).describe('Who knows people and their groups.');

const group = () =>
  scalar('the name of a group, such as coders', (value) =>
    /^[A-Za-z0-9][A-Za-z0-9._@-]{0,253}$/.test(value)
      ? undefined
      : { message: 'a group has letters, digits, dots, dashes, underscores and @ alone' },
  );

/** `identity` of a blueprint whose programs people log in to by their groups. */
export const identityOfGroups = exactlyOne(
  { keycloak, external },
  {
    administrators: z
      .array(group())
      .min(1)
      .max(20)
      .describe('Groups whose members read the pages, run workflows, and do in Argo CD what it may do.'),
    readers: z
      .array(group())
      .max(20)
      .default([])
      .describe('Groups whose members read the pages, and see workflows and what Argo CD follows.'),
  },
)
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const { administrators, readers, keycloak: own } = value;
    for (const [key, groups] of Object.entries({ administrators, readers })) {
      for (const [index, name] of groups.entries()) {
        const isLabel = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name);
        const message =
          key === 'readers' && administrators.includes(name)
            ? 'this group administers, and reads therefore: name it once'
            : own !== undefined && !isLabel
              ? 'a group of a Keycloak of ours has small letters, digits and inner dashes alone, at most 63'
              : undefined;
        if (message !== undefined) issues.push({ code: 'custom', input: name, path: [key, index], message });
      }
    }
  })
  .describe(
    'Who logs people in to the pages of monitoring, to Argo Workflows and to Argo CD. Left out, the pages ask for a generated password, Argo ' +
      'Workflows for a token of Kubernetes, and Argo CD for the password of its administrator.',
  );
