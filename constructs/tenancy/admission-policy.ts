import { ApiObject } from 'cdk8s';
import type { Component, SpaceNames } from '../platform';
import type { PlatformAccount } from './platform-account';
import { SPACE_SELECTOR } from './space-label';

/** What a policy is about. */
export interface PolicyResources {
  readonly apiGroups: readonly string[];
  /** @default - every version */
  readonly apiVersions?: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly ('CREATE' | 'UPDATE' | 'DELETE')[];
  /** @default '*' */
  readonly scope?: 'Namespaced' | 'Cluster' | '*';
}

/** One thing that must hold. */
export interface PolicyValidation {
  /** In CEL. */
  readonly expression: string;
  /** What a person reads who is refused: what, why, and what to do instead. */
  readonly message: string;
  /** The same in CEL, with the values that were given; the message stands in where it fails. @default - the message alone */
  readonly messageExpression?: string;
}

/** A ValidatingAdmissionPolicy as data. */
export interface AdmissionPolicy {
  /** Last part of its name, which stands in every refusal. */
  readonly id: string;
  readonly resources: readonly PolicyResources[];
  /** In CEL; all must hold for the policy to judge a request. The first that does not ends it, so that costly ones come last. */
  readonly conditions: readonly string[];
  /** Parts of expressions, by name. @default - none */
  readonly variables?: Readonly<Record<string, string>>;
  readonly validations: readonly PolicyValidation[];
  /** An object of the request's namespace that must exist, `params` in expressions. @default - none */
  readonly param?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  /** Name of the binding where it is read in refusals. @default - the policy's own */
  readonly bindingId?: string;
}

/** Makes the policy and its binding. Refusals are also told to the audit log. */
export function applyPolicy(component: Component, policy: AdmissionPolicy): void {
  const { id, resources, conditions, variables = {}, validations, param, bindingId = id } = policy;
  const name = `${component.platform.name}-${id}`;
  const labels = component.labels('admission-policy', id);
  const apiVersion = 'admissionregistration.k8s.io/v1';
  new ApiObject(component, id, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name, labels },
    spec: {
      failurePolicy: 'Fail',
      ...(param === undefined ? {} : { paramKind: { apiVersion: param.apiVersion, kind: param.kind } }),
      matchConstraints: {
        matchPolicy: 'Equivalent',
        resourceRules: resources.map(({ apiVersions = ['*'], scope = '*', ...rule }) => ({
          ...rule,
          apiVersions,
          scope,
        })),
        // The parameter is looked up before the condition is asked: without this, its absence would refuse Pods everywhere.
        ...(param === undefined ? {} : { namespaceSelector: { matchLabels: { ...SPACE_SELECTOR } } }),
      },
      // one condition, for its parts are evaluated from left to right, while several would all be evaluated each time
      matchConditions: [{ name: 'concerns-people', expression: conditions.map((one) => `(${one})`).join(' && ') }],
      variables: Object.entries(variables).map(([key, expression]) => ({ name: key, expression })),
      validations: validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
    },
  });
  new ApiObject(component, `${id}-binding`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: `${component.platform.name}-${bindingId}`, labels },
    spec: {
      policyName: name,
      validationActions: ['Deny', 'Audit'],
      ...(param === undefined ? {} : { paramRef: { name: param.name, parameterNotFoundAction: 'Deny' } }),
    },
  });
}

/** A text as CEL writes it. */
export function cel(text: string): string {
  return JSON.stringify(text);
}

/** A list of texts as CEL writes it. */
export function celList(texts: readonly string[]): string {
  return `[${texts.map(cel).join(', ')}]`;
}

/** A text as a part of a regular expression of RE2, which CEL uses. */
export function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The request is about an object in a space of people. By the name, which a namespace cannot lose; a label could be missing. */
export function inSpace(names: SpaceNames, namespace = 'request.namespace'): string {
  return `${namespace}.startsWith(${cel(names.userPrefix)}) || ${namespace}.startsWith(${cel(names.projectPrefix)})`;
}

/** The request comes from one of these accounts. */
export function isFrom(accounts: readonly PlatformAccount[]): string {
  const names = (kind: PlatformAccount['kind']) => accounts.filter((one) => one.kind === kind).map(({ name }) => name);
  const users = names('User');
  const groups = names('Group');
  const parts = [
    ...(users.length === 0 ? [] : [`request.userInfo.username in ${celList(users)}`]),
    ...(groups.length === 0 ? [] : [`request.userInfo.groups.exists(g, g in ${celList(groups)})`]),
  ];
  return parts.length === 0 ? 'false' : parts.join(' || ');
}

/**
 * The request comes from an administrator of the cluster: somebody who might remove the policies themselves. The API server is asked,
 * so that nobody has to know how each cloud calls its administrators.
 *
 * @param but accounts that do not count as such, whatever rights they were given: what they do, people ask them to
 */
export function isAdministrator(but: readonly PlatformAccount[] = []): string {
  const asked =
    "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies').check('delete').allowed()";
  return but.length === 0 ? asked : `!(${isFrom(but)}) && ${asked}`;
}

/** The name of an object's own label, or an empty text. @param object `object` or `oldObject` */
export function labelOf(object: string, label: string): string {
  const labels = `${object}.metadata.labels`;
  return `${object} != null && has(${labels}) && ${cel(label)} in ${labels} ? ${labels}[${cel(label)}] : ""`;
}
