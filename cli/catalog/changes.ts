import { compare as byVersion, valid } from 'semver';
import { load } from 'js-yaml';
import { type ChartFiles, imagesOf } from '../../constructs';
import { type FieldChange, fieldChanges } from '../diff/fields';
import { metadataOf } from './folder';

/** What differs between two catalogs in one chart. */
export interface ChartChange {
  readonly chart: string;
  readonly versionsAdded: readonly string[];
  readonly versionsRemoved: readonly string[];
  /** Versions that both have, with other content: what has been released must not change. */
  readonly versionsRewritten: readonly string[];
  /** Values of the newest version of each that differ. */
  readonly values: readonly FieldChange[];
  readonly imagesAdded: readonly string[];
  readonly imagesRemoved: readonly string[];
}

/** Charts in which two catalogs differ, sorted by name. */
export function catalogChanges(before: readonly ChartFiles[], after: readonly ChartFiles[]): readonly ChartChange[] {
  const [old, young] = [byName(before), byName(after)];
  return [...new Set([...old.keys(), ...young.keys()])]
    .sort()
    .map((chart) => change(chart, old.get(chart) ?? new Map(), young.get(chart) ?? new Map()))
    .filter(
      ({ versionsAdded, versionsRemoved, versionsRewritten }) =>
        versionsAdded.length + versionsRemoved.length + versionsRewritten.length > 0,
    );
}

type Versions = ReadonlyMap<string, ChartFiles>;

function byName(charts: readonly ChartFiles[]): ReadonlyMap<string, Versions> {
  const names = new Map<string, Map<string, ChartFiles>>();
  for (const chart of charts) {
    const { name, version } = metadataOf(chart);
    const versions = names.get(name) ?? new Map<string, ChartFiles>();
    names.set(name, versions.set(version, chart));
  }
  return names;
}

function change(chart: string, before: Versions, after: Versions): ChartChange {
  const [from, to] = [newest(before), newest(after)];
  const [imagesBefore, imagesAfter] = [from, to].map((files) => (files === undefined ? [] : imagesOf(files)));
  return {
    chart,
    versionsAdded: [...after.keys()].filter((version) => !before.has(version)),
    versionsRemoved: [...before.keys()].filter((version) => !after.has(version)),
    versionsRewritten: [...after].flatMap(([version, files]) => {
      const old = before.get(version);
      return old === undefined || isSame(old, files) ? [] : [version];
    }),
    values: from === undefined || to === undefined ? [] : fieldChanges(valuesOf(from), valuesOf(to)),
    imagesAdded: (imagesAfter ?? []).filter((image) => imagesBefore?.includes(image) !== true),
    imagesRemoved: (imagesBefore ?? []).filter((image) => imagesAfter?.includes(image) !== true),
  };
}

function newest(versions: Versions): ChartFiles | undefined {
  const sorted = [...versions.keys()].filter((version) => valid(version) !== null).sort(byVersion);
  const last = sorted.at(-1) ?? [...versions.keys()].at(-1);
  return last === undefined ? undefined : versions.get(last);
}

function isSame(a: ChartFiles, b: ChartFiles): boolean {
  return a.files.size === b.files.size && [...a.files].every(([path, text]) => b.files.get(path) === text);
}

function valuesOf({ files }: ChartFiles): object {
  const data: unknown = load(files.get('values.yaml') ?? '{}');
  return typeof data === 'object' && data !== null ? data : {};
}

/** Changes for people, one chart after the other. */
export function describeCatalogChanges(changes: readonly ChartChange[]): string {
  return changes
    .map((each) =>
      [
        each.chart,
        ...each.versionsAdded.map((version) => `  + version ${version}`),
        ...each.versionsRemoved.map((version) => `  - version ${version}`),
        ...each.versionsRewritten.map((version) => `  ! version ${version} has other content: raise the version`),
        ...each.values.map((field) => `  ${SIGNS[field.change]} value ${field.path}${valueText(field)}`),
        ...each.imagesAdded.map((image) => `  + image ${image}`),
        ...each.imagesRemoved.map((image) => `  - image ${image}`),
      ].join('\n'),
    )
    .map((text) => `${text}\n`)
    .join('');
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

function valueText({ change: kind, from, to }: FieldChange): string {
  const text = (value: unknown): string => JSON.stringify(value);
  if (kind === 'added') return `: ${text(to)}`;
  return kind === 'removed' ? `: ${text(from)}` : `: ${text(from)} -> ${text(to)}`;
}
