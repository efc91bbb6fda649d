import type { Synthesis } from '../../constructs';
import { kubectl } from '../../stacks/kubectl';
import { UsageError } from './workspace';

const NAME = 'app.kubernetes.io/name';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const PART_OF = 'app.kubernetes.io/part-of';

/**
 * Refuses to take over definitions of kinds that somebody else made: the next `down --delete-data` would remove them, with all their objects.
 *
 * @throws UsageError which names them, and the setting that leaves them alone
 */
export async function refuseOthersDefinitions({ platform, objects }: Synthesis): Promise<void> {
  const wanted = objects.map(({ manifest }) => manifest).filter(({ kind }) => kind === 'CustomResourceDefinition');
  const names = wanted.map(({ metadata }) => metadata.name);
  if (names.length === 0) return;
  const text = await kubectl([
    ...['get', 'customresourcedefinitions', ...names],
    ...['--ignore-not-found', '--output', 'json'],
  ]);
  const others = definitions(text).filter(
    ({ metadata: { labels = {} } }) => labels[MANAGED_BY] !== 'bouture' || labels[PART_OF] !== platform,
  );
  if (others.length === 0) return;
  const products = new Set(
    wanted
      .filter(({ metadata }) => others.some((one) => one.metadata.name === metadata.name))
      .map(({ metadata }) => metadata.labels?.[NAME] ?? ''),
  );
  throw new UsageError(
    `the cluster has ${others.map(({ metadata }) => metadata.name).join(', ')} already, by somebody else. Leave these definitions to them in the ` +
      `configuration: people: {resourceDefinitions: {${[...products].map((product) => `${product}: existing`).join(', ')}}}`,
  );
}

interface Definition {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
}

/** What kubectl found: nothing, one object, or a list. */
function definitions(text: string): readonly Definition[] {
  if (text === '') return [];
  const found = JSON.parse(text) as Definition | { readonly items: readonly Definition[] };
  return 'items' in found ? found.items : [found];
}
