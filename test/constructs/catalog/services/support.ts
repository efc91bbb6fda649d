import { execFileSync } from 'node:child_process';
import { buildCatalog, type CatalogService, type ChartFiles, type launch, readPackage } from '../../../../constructs';
import type { JsonValue } from '../../../../constructs/catalog/schema-definition';
import { checkRules, RULES } from '../../../../constructs/platform/rules';

/** What a launch makes. */
export type Launched = ReturnType<typeof launch>;

/** What a person may choose. */
export interface Values {
  readonly [name: string]: JsonValue;
}

/** The Secret by which a PostgreSQL of the same namespace is found. */
export const POSTGRES = { name: 'db-discovery', annotations: { 'onyxia/discovery': 'postgres' }, data: {} };

/** The password of that PostgreSQL, as a container gets it. */
export const PGPASSWORD = {
  name: 'PGPASSWORD',
  valueFrom: { secretKeyRef: { name: 'db-discovery', key: 'postgres-password', optional: true } },
};

/** What the platform decides for its own objects and for whole namespaces, and that Secrets hold values. */
const OF_THE_PLATFORM = new Set([
  'default-deny',
  'encrypted-exposure',
  'explicit-namespace',
  'holes-have-twins',
  'holes-lead-somewhere',
  'namespace-guards',
  'no-plain-secret',
  'no-secret-in-files',
  'recommended-labels',
]);

/** Rules that hold for the objects of a service. */
export const RULES_OF_SERVICES = RULES.filter(({ id }) => !OF_THE_PLATFORM.has(id));

/** What an editor breaks: a person installs packages. */
export const READ_ONLY_ROOT = 'read-only-root StatefulSet user-test/test';

/** What a service breaks whose person asks for an account of the API. */
export const ACCOUNT = ['no-account-token StatefulSet user-test/test', 'no-admin-binding RoleBinding user-test/test'];

/** Rules that objects of a service break, with the object: none is right. */
export function brokenRules(objects: Launched): readonly string[] {
  return checkRules({ objects: objects.map((manifest) => ({ manifest })) }, { rules: RULES_OF_SERVICES })
    .filter(({ level }) => level === 'error')
    .map(({ rule, object }) => `${rule} ${object.title}`)
    .sort();
}

/** The package of a service, as Onyxia reads it. */
export function packageOf(service: CatalogService, language: 'en' | 'fr' = 'en'): ChartFiles {
  const [, bytes] = [...buildCatalog([service], { language }).files].find(([file]) => file.endsWith('.tgz')) ?? [];
  return readPackage('x', bytes ?? new Uint8Array());
}

/** The object of that kind and name. */
export function named(objects: Launched, kind: string, name: string) {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** Which objects hold a text: for a secret, Secrets alone. */
export function holdersOf(objects: Launched, text: string): readonly string[] {
  return objects
    .filter((object) => JSON.stringify(object).includes(text))
    .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
}

/** Fails where a program of a service is none in its language. */
export function parse(language: 'sh' | 'bash' | 'python', program: string): void {
  const [command, ...args] =
    language === 'python' ? ['python3', '-c', 'import ast, sys; ast.parse(sys.stdin.read())'] : [language, '-n'];
  execFileSync(command, args, { input: program });
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

interface PodSpec {
  readonly containers: readonly {
    readonly image: string;
    readonly command?: readonly string[];
    readonly env?: readonly Variable[];
    readonly envFrom?: readonly unknown[];
  }[];
}

/** The Pod of a StatefulSet or a Deployment, with the environment of its first container. */
export function podOf(objects: Launched, name = 'test') {
  const set = objects.find(
    ({ kind, metadata }) => (kind === 'StatefulSet' || kind === 'Deployment') && metadata.name === name,
  );
  const { spec } = (set?.['spec'] as { readonly template: { readonly spec: PodSpec } }).template;
  const env = spec.containers[0]?.env ?? [];
  return {
    spec,
    env,
    variables: Object.fromEntries(env.map((variable) => [variable.name, variable.value])),
  };
}
