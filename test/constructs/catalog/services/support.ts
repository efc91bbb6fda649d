import { buildCatalog, type CatalogService, type ChartFiles, type launch, readPackage } from '../../../../constructs';
import { checkRules, RULES } from '../../../../constructs/platform/rules';

/** What a launch makes. */
export type Launched = ReturnType<typeof launch>;

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

/** Rules that objects of a service break, with the object: none is right. */
export function brokenRules(objects: Launched): readonly string[] {
  const rules = RULES.filter(({ id }) => !OF_THE_PLATFORM.has(id));
  return checkRules({ objects: objects.map((manifest) => ({ manifest })) }, { rules })
    .filter(({ level }) => level === 'error')
    .map(({ rule, object }) => `${rule} ${object.title}`)
    .sort();
}

/** The package of a service, as Onyxia reads it. */
export function packageOf(service: CatalogService, language: 'en' | 'fr' = 'en'): ChartFiles {
  const [, bytes] = [...buildCatalog([service], { language }).files].find(([file]) => file.endsWith('.tgz')) ?? [];
  return readPackage('x', bytes ?? new Uint8Array());
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

interface PodSpec {
  readonly containers: readonly { readonly env?: readonly Variable[]; readonly command?: readonly string[] }[];
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
