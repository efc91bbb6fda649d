import { z } from 'zod';
import { claimMatcher } from '../../constructs/onyxia/restrictions';
import { label } from '../config/names';
import { scalar } from '../config/scalar';
import { claimName } from './claim-name';

const pattern = scalar('a regular expression that Java and JavaScript read, for the whole value', (value) =>
  claimMatcher(value) === undefined ? { message: 'this is no regular expression' } : undefined,
);

const restriction = z.strictObject({
  claim: claimName().describe('Claim at the top level of the access token.'),
  matches: pattern.describe('What it must say: a regular expression for the whole value. Of a list, one item must.'),
});

/** Names, each once. */
const names = (one: z.ZodString) =>
  z
    .array(one)
    .min(1)
    .max(100)
    .check(({ value, issues }) => {
      for (const [index, name] of value.entries()) {
        if (value.indexOf(name) === index) continue;
        issues.push({ code: 'custom', input: name, path: [index], message: 'this name is given twice' });
      }
    })
    .exactOptional();

/** Who sees a catalog, and where: what is given must all hold. */
export const audience = {
  visible: z
    .strictObject({
      user: z.boolean().default(true).describe("In people's own spaces."),
      project: z.boolean().default(true).describe('In the spaces of projects.'),
    })
    .check(({ value, issues }) => {
      if (issues.length > 0 || value.user || value.project) return;
      const message = 'nobody would see it: leave one of both true, or the catalog out';
      issues.push({ code: 'custom', input: value, path: [], message });
    })
    .prefault({})
    .describe('Where it is offered.'),
  roles: names(label()).describe(
    'Who has one of these roles sees it: roles that tokens tell, of identity.keycloak.roles. Default: everyone.',
  ),
  projects: names(label(40)).describe(
    'Who is in the group of one of these projects of people.projects sees it. Default: everyone.',
  ),
  restrictions: z
    .array(restriction)
    .min(1)
    .max(20)
    .exactOptional()
    .describe('Further attributes of a person, by claim; all of them must fit. Default: none.'),
};
