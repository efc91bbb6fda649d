import type { Policies, PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from '@pulumi/policy';
import type { KubernetesManifest } from '../../constructs';
import { type ObjectRule, type PlatformRule, RULES, type Violation, checkRules } from '../../constructs/platform/rules';
import { CLOUD_RULES, type CloudRule } from './clouds';

/** The policy that judges the suppressions; the rules keep their own ids. */
export const SUPPRESSIONS_POLICY = 'suppressions';

/** What the policies read of a resource. */
type Judged = Pick<PolicyResource, 'type' | 'props' | 'urn'>;

/**
 * The rules as policies: those that see one object validate a resource, those that see all of them validate the stack. An error is
 * mandatory, a warning advisory; a rule of the production profile is disabled until the pack's configuration turns it on.
 */
export function policies(): Policies {
  return [
    ...RULES.filter(({ filesOnly }) => filesOnly !== true).map((rule) =>
      rule.scope === 'object' ? resourcePolicy(rule) : stackPolicy(rule),
    ),
    suppressionsPolicy(),
    ...CLOUD_RULES.map(cloudPolicy),
  ];
}

/** A rule over resources of clouds. Unlike an object of Kubernetes, none of them can be excused. */
function cloudPolicy({ id, why, fix, source, check }: CloudRule): StackValidationPolicy {
  return {
    name: id,
    description: why,
    enforcementLevel: 'mandatory',
    remediationSteps: fix,
    url: source,
    validateStack: ({ resources }, report) => {
      for (const { resource, property, message } of check(resources)) {
        report(`${resource.type} ${resource.name}: ${property}: ${message}; ${fix}`, resource.urn);
      }
    },
  };
}

function resourcePolicy(rule: ObjectRule): ResourceValidationPolicy {
  return {
    ...describe(rule),
    validateResource: (resource, report) => {
      const manifest = manifestOf(resource);
      if (manifest === undefined) return;
      const violations = checkRules({ objects: [{ manifest }] }, { rules: [rule], profile: 'production' });
      for (const violation of violations.filter((one) => one.rule === rule.id)) report(sentence(violation));
    },
  };
}

function stackPolicy(rule: PlatformRule): StackValidationPolicy {
  return {
    ...describe(rule),
    validateStack: ({ resources }, report) => {
      judge(resources, report, [rule], isOf(rule));
    },
  };
}

/** Whether each suppression has a reason, names a rule and is needed. */
function suppressionsPolicy(): StackValidationPolicy {
  const ids = new Set(RULES.map(({ id }) => id));
  return {
    name: SUPPRESSIONS_POLICY,
    description: 'An object is excused from a rule by a written reason, and only from a rule that it breaks.',
    enforcementLevel: 'mandatory',
    validateStack: ({ resources }, report) => {
      judge(resources, report, RULES, ({ rule }) => !ids.has(rule));
    },
  };
}

function judge(
  resources: readonly Judged[],
  report: (message: string, urn?: string) => void,
  rules: readonly (ObjectRule | PlatformRule)[],
  wanted: (violation: Violation) => boolean,
): void {
  const objects = resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    return manifest === undefined ? [] : [{ manifest, urn: resource.urn }];
  });
  const urns = new Map(objects.map(({ manifest, urn }) => [manifest, urn]));
  for (const violation of checkRules({ objects }, { rules, profile: 'production' }).filter(wanted)) {
    report(sentence(violation), urns.get(violation.object.manifest));
  }
}

function isOf(rule: PlatformRule): (violation: Violation) => boolean {
  return (violation) => violation.rule === rule.id;
}

function describe({ id, level, why, fix, source, profiles }: (typeof RULES)[number]): {
  name: string;
  description: string;
  enforcementLevel: 'mandatory' | 'advisory' | 'disabled';
  remediationSteps: string;
  url?: string;
} {
  const url = /https:\S+/.exec(source)?.[0];
  return {
    name: id,
    description: why,
    enforcementLevel: profiles !== undefined ? 'disabled' : level === 'error' ? 'mandatory' : 'advisory',
    remediationSteps: fix,
    ...(url === undefined ? {} : { url }),
  };
}

/** The Kubernetes object of a resource. @default - undefined when it is none, or only a patch or a list of others */
function manifestOf({ type, props }: Judged): KubernetesManifest | undefined {
  if (!type.startsWith('kubernetes:') || /(Patch|List)$/.test(type)) return undefined;
  const { apiVersion, kind, metadata } = props as Readonly<Record<string, unknown>>;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || typeof metadata !== 'object') return undefined;
  return props as KubernetesManifest;
}

function sentence({ object, field, message, fix }: Violation): string {
  return `${object.title}: ${field}: ${message}; ${fix}`;
}
