import { parseImageReference } from '../platform';
import { vanishedImage } from '../platform/rules/images/no-vanished-image';
import { type LintFinding, mapOf, parsed } from './lint-data';
import type { ChartFiles } from './read-package';

/** Default values, of the chart or of a chart below it. */
const VALUES = /(^|\/)values\.ya?ml$/;

/** Tags that mean another image tomorrow. */
const MUTABLE = /^(latest|stable|main|master|edge|nightly|dev|develop|lts)$/;

/** An image that a chart names, and where. */
export interface ChartImage {
  readonly file: string;
  readonly path: string;
  readonly reference: string;
}

/** The images that a chart names: in its values, in its schema's choices, and literally in its templates. */
export function chartImages({ files }: ChartFiles): readonly ChartImage[] {
  const found: ChartImage[] = [];
  const add = (file: string) => (path: string, reference: string) => {
    if (!found.some((image) => image.reference === reference)) found.push({ file, path, reference });
  };
  // Values first: there people look for an image, and the schema and the templates only repeat them.
  const inOrder = [...files].sort(([a], [b]) => Number(VALUES.test(b)) - Number(VALUES.test(a)));
  for (const [file, text] of inOrder) {
    if (VALUES.test(file)) fromValues(parsed(text), '', add(file));
    else if (file === 'values.schema.json') fromSchema(schemaOf(text), '', add(file));
    else if (file.startsWith('templates/')) fromTemplate(text, add(file));
  }
  return found;
}

/** What is wrong with the images of a chart. */
export function imageFindings(chart: ChartFiles): readonly LintFinding[] {
  return chartImages(chart).flatMap(({ file, path, reference }): readonly LintFinding[] => {
    const parts = parseImageReference(reference);
    if (parts === undefined) return [];
    const gone = vanishedImage(reference);
    const finding = (level: LintFinding['level'], rule: string, message: string, remedy: string): LintFinding => ({
      level,
      rule,
      file,
      path,
      message: `${reference}: ${message}`,
      remedy,
    });
    return [
      ...(gone === undefined
        ? []
        : [finding('error', 'vanished-image', gone, 'use the makers’ own image, or one that the office builds')]),
      ...(parts.tag === undefined || MUTABLE.test(parts.tag)
        ? [
            finding(
              'error',
              'mutable-tag',
              parts.tag === undefined ? 'has no tag, which means latest' : `the tag ${parts.tag} is moved`,
              'name a version and its digest: repository:tag@sha256:...',
            ),
          ]
        : parts.digest === undefined
          ? [finding('warning', 'missing-digest', 'has no digest', 'pin it: repository:tag@sha256:...')]
          : []),
    ];
  });
}

type Add = (path: string, reference: string) => void;

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** `repository` with `tag` (and `registry`, `digest`), or a whole reference under a key that speaks of images. */
function fromValues(data: unknown, path: string, add: Add): void {
  if (Array.isArray(data)) {
    data.forEach((item: unknown, index) => {
      fromValues(item, `${path}[${index}]`, add);
    });
    return;
  }
  const map = mapOf(data);
  const { repository, tag, registry, digest } = map;
  if (typeof repository === 'string' && ('tag' in map || 'pullPolicy' in map || 'registry' in map)) {
    const host = typeof registry === 'string' && registry !== '' ? `${registry}/` : '';
    const version = typeof tag === 'string' || typeof tag === 'number' ? String(tag) : '';
    const pin = typeof digest === 'string' && digest !== '' ? `@${digest}` : '';
    if (repository !== '')
      add(join(path, 'repository'), `${host}${repository}${version === '' ? '' : `:${version}`}${pin}`);
  }
  for (const [key, value] of Object.entries(map)) {
    if (typeof value === 'string' && /image|version/i.test(`${path}.${key}`) && isReference(value))
      add(join(path, key), value);
    else fromValues(value, join(path, key), add);
  }
}

function isReference(text: string): boolean {
  return /^[a-z0-9.:-]+(\/[a-z0-9._-]+)+(:[A-Za-z0-9._-]+|@sha256:[a-f0-9]{64})+$/.test(text);
}

function schemaOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function fromSchema(schema: unknown, path: string, add: Add): void {
  const { default: first, enum: choices, listEnum, properties, items } = mapOf(schema);
  for (const [key, value] of [
    ['default', [first]],
    ['enum', choices],
    ['listEnum', listEnum],
  ] as const) {
    if (!Array.isArray(value) || !/image/i.test(path)) continue;
    value.forEach((choice: unknown) => {
      if (typeof choice === 'string' && isReference(choice)) add(join(path, key), choice);
    });
  }
  for (const [name, property] of Object.entries(mapOf(properties))) fromSchema(property, join(path, name), add);
  if (items !== undefined) fromSchema(items, `${path}[]`, add);
}

function fromTemplate(text: string, add: Add): void {
  text.split('\n').forEach((line, index) => {
    const reference = /^\s*(?:- )?image:\s*["']?([^\s"'{}]+)["']?\s*$/.exec(line)?.[1];
    if (reference !== undefined && parseImageReference(reference) !== undefined) add(`line ${index + 1}`, reference);
  });
}
