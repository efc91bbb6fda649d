import type { KubernetesManifest } from '../kubernetes';
import { type Layer, layerFolder } from '../layer';
import { compare } from '../names';
import type { Profile } from '../profile';
import type { ExpectedSecret } from '../expected-secret';
import { RULES } from './all';
import type { Finding, Rule, RuleLevel } from './rule';
import { Suppressions } from './suppressions';
import { ObjectView, PlatformView } from './view';

/** What `synthesize` returns, or anything that looks like it. */
export interface RuleInput {
  readonly objects: readonly {
    readonly manifest: KubernetesManifest;
    /** Together with the component, tells the file. @default - the file is not told */
    readonly layer?: Layer;
    /** @default - the file is not told */
    readonly component?: string;
  }[];
  /** Secrets that the deployment makes, with their keys. @default - those among the objects */
  readonly secrets?: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly data: Readonly<Record<string, unknown>>;
  }[];
  /** Secrets that somebody else makes. @default - none */
  readonly expectedSecrets?: readonly ExpectedSecret[];
}

/** What rules are checked against. */
export interface RuleOptions {
  /** @default 'pilot' */
  readonly profile?: Profile;
  /** Rules to hold the objects to. @default - all */
  readonly rules?: readonly Rule[];
}

/** An object that breaks a rule. */
export interface Violation {
  /** Id of the rule. */
  readonly rule: string;
  readonly level: RuleLevel;
  readonly object: ObjectView;
  /** Rendered file, `20-foundations/minio.k8s.yaml`. @default - unknown */
  readonly file?: string;
  /** Path of the field in the object. */
  readonly field: string;
  readonly message: string;
  readonly why: string;
  readonly fix: string;
}

/**
 * Holds objects to the project's rules. An object is excused from one by the annotation `bouture.dev/suppress.<rule>` with a
 * written reason; a reason that says nothing, an unknown rule and a suppression that nothing needs are violations themselves.
 *
 * @example
 * import { synthesize } from 'bouture';
 * import { checkRules } from 'bouture/rules';
 *
 * const errors = checkRules(synthesize(platform), { profile: platform.profile }).filter(({ level }) => level === 'error');
 */
export function checkRules(input: RuleInput, options: RuleOptions = {}): readonly Violation[] {
  const profile = options.profile ?? 'pilot';
  const platform = viewOf(input, profile);
  const rules = (options.rules ?? RULES).filter(({ profiles }) => profiles === undefined || profiles.includes(profile));
  const suppressions = new Suppressions(platform.objects);
  const violations: Violation[] = [];
  const report = (rule: Rule, object: ObjectView, finding: Finding): void => {
    if (!suppressions.excuse(object, rule.id)) violations.push(violation(rule, object, finding));
  };
  for (const rule of rules) {
    if (rule.scope === 'platform') {
      for (const finding of rule.check(platform)) report(rule, finding.object, finding);
    } else {
      for (const object of platform.objects) for (const finding of rule.check(object)) report(rule, object, finding);
    }
  }
  const active = new Set(rules.map(({ id }) => id));
  for (const { rule, object, finding } of suppressions.problems(active))
    violations.push(violation(rule, object, finding));
  return violations.sort(
    (a, b) =>
      compare(a.level, b.level) ||
      compare(a.object.title, b.object.title) ||
      compare(a.field, b.field) ||
      compare(a.rule, b.rule),
  );
}

/** A violation as a paragraph for people: file, object, field, remedy. */
export function describeViolation({ rule, level, object, file, field, message, fix }: Violation): string {
  const place = file === undefined ? object.title : `${file}: ${object.title}`;
  return `${level} ${rule}\n  ${place}\n  ${field}: ${message}\n  remedy: ${fix}`;
}

function viewOf({ objects, secrets = [], expectedSecrets = [] }: RuleInput, profile: Profile): PlatformView {
  const views = objects.map(
    ({ manifest, layer, component }) =>
      new ObjectView(
        manifest,
        layer === undefined || component === undefined ? undefined : `${layerFolder(layer)}/${component}.k8s.yaml`,
      ),
  );
  const keys = new Map([
    ...expectedSecrets.map((secret) => [`${secret.namespace}/${secret.name}`, new Set(secret.keys)] as const),
    ...secrets.map(({ namespace, name, data }) => [`${namespace}/${name}`, new Set(Object.keys(data))] as const),
  ]);
  return new PlatformView(views, keys, profile);
}

function violation(
  { id, level, why, fix }: Omit<Rule, 'scope' | 'check'>,
  object: ObjectView,
  finding: Finding,
): Violation {
  const { field, message } = finding;
  return {
    rule: id,
    level,
    object,
    ...(object.file === undefined ? {} : { file: object.file }),
    field,
    message,
    why,
    fix,
  };
}
