import { allowStatements } from './policy-documents';
import { type CloudFinding, type CloudResource, type CloudRule } from './rule';

/** Roles of Google and Azure that are every action by another name. */
const EVERYTHING = ['roles/owner', 'roles/editor', 'Owner', 'Contributor'];

export const noWildcardAction: CloudRule = {
  id: 'cloud-no-wildcard-action',
  why: 'An action with a star is also every action that the cloud will add: nobody has decided on those.',
  source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege',
  fix: 'name each action; use a role that is made for the task',
  *check(resources) {
    for (const resource of resources) yield* wildcards(resource);
  },
};

function* wildcards(resource: CloudResource): Iterable<CloudFinding> {
  const { type, props } = resource;
  for (const { property, actions } of allowStatements(resource)) {
    for (const action of actions.filter((one) => one.includes('*'))) {
      yield { resource, property, message: `allows ${action}` };
    }
  }
  if (type === 'aws:iam/rolePolicyAttachment:RolePolicyAttachment') {
    const arn = String(props['policyArn']);
    if (/\/(AdministratorAccess|PowerUserAccess|[A-Za-z0-9]+FullAccess)$/.test(arn)) {
      yield { resource, property: 'policyArn', message: `${arn} allows whole services` };
    }
  }
  for (const property of ['role', 'roleDefinitionName'] as const) {
    if (/^(gcp|azure):/.test(type) && EVERYTHING.includes(String(props[property]))) {
      yield { resource, property, message: `${String(props[property])} may do everything` };
    }
  }
}
