import { z } from 'zod';
import { databaseName, label } from '../config/names';
import { resources } from '../config/quantities';
import { scalar, wholeNumber } from '../config/scalar';
import { serverTls } from './server-tls';

/** Seconds of a day. */
const DAY = 86_400;

const text = (what: string, maximum: number) =>
  scalar(what, (value) =>
    value.trim() === '' || value.length > maximum
      ? { message: `1 to ${maximum} characters, not only blanks` }
      : undefined,
  );

/** `identity`: who knows people. */
export const identity = z
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
  })
  .check(({ value, issues }) => {
    if (issues.length > 0 || value.idleSeconds <= value.maxSeconds) return;
    const message = `a session that lasts ${value.maxSeconds} seconds cannot be idle for longer`;
    issues.push({ code: 'custom', input: value.idleSeconds, path: ['idleSeconds'], message });
  })
  .prefault({})
  .describe('Keycloak: who knows people and their groups.');
