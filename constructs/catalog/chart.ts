import { compare } from '../platform';
import type { Expression } from './expression';
import { chartVersion, Conditional, labelText, release, text } from './functions';
import { checkGenerated } from './generated-values';
import { helmCondition, helmText } from './interpret-helm';
import { type CatalogLanguage, inLanguage } from './localized';
import { type Objects, ObjectTemplate } from './object';
import { HELPERS, labelValue } from './operations';
import { readme } from './readme';
import { Remembered } from './remembered';
import { jsonSchema } from './schema-json';
import { type CatalogService, innerObject } from './service';
import { shapeOf } from './template';
import { templateYaml } from './template-yaml';
import { valuesYaml } from './values-yaml';
import { yamlDocument } from './yaml';

/** Oldest Kubernetes that charts are for. */
const KUBERNETES = '>=1.30.0-0';

/** Files by path below the chart's folder. */
type Files = readonly (readonly [string, string])[];

/** Files by the templates of a service and by its schema: versions of a service share both. */
const MADE = new Remembered<Files>();

/** Metadata of a chart, as `Chart.yaml` and `index.yaml` have it. */
export interface ChartMetadata {
  readonly apiVersion: 'v2';
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly type: 'application';
  readonly kubeVersion: string;
  readonly description: string;
  readonly icon: string;
  readonly home: string;
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** A chart in memory: its metadata, and its files by path below the chart's folder, sorted. */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The chart of a service.
 *
 * @param language of titles and descriptions, which Onyxia shows in one language
 * @throws Error when a template is wrong: with the chart, the object and the path in it
 */
export function chartOf(service: CatalogService, language: CatalogLanguage): Chart {
  const metadata = metadataOf(service, language);
  const { name, appVersion, schema, templates } = service;
  const files = new Map<string, string>([
    ['Chart.yaml', yamlDocument(metadata)],
    ['README.md', readme(service, language)],
    ['icon.svg', service.icon.endsWith('\n') ? service.icon : `${service.icon}\n`],
    ...MADE.of(schema, JSON.stringify([language, name]), () => valueFiles(service, language)),
    ...MADE.of(templates, JSON.stringify([language, name, appVersion]), () => templateFiles(service, language)),
  ]);
  return { metadata, files: new Map([...files].sort(([a], [b]) => compare(a, b))) };
}

/** Values and their schema, which no version changes. */
function valueFiles(service: CatalogService, language: CatalogLanguage): Files {
  return [
    ['values.schema.json', `${JSON.stringify(rootSchema(service, language), undefined, 2)}\n`],
    ['values.yaml', valuesYaml(service.schema, language)],
  ];
}

/** Templates, which no version of the chart changes. */
function templateFiles(service: CatalogService, language: CatalogLanguage): Files {
  const { objects, notes } = service.templates(language);
  checkGenerated(service.name, objects.map(innerObject));
  return [
    ['templates/NOTES.txt', notesText(notes, `chart "${service.name}": notes`)],
    ['templates/_helpers.tpl', HELPERS],
    ...objects.map((each) => [fileName(innerObject(each)), objectText(service, each)] as const),
  ];
}

function metadataOf(service: CatalogService, language: CatalogLanguage): ChartMetadata {
  const { name, version, appVersion, description, icon, home, keywords, sources } = service;
  const others = typeof description === 'string' ? [] : Object.entries(description);
  return {
    apiVersion: 'v2',
    name,
    version,
    appVersion,
    type: 'application',
    kubeVersion: KUBERNETES,
    description: inLanguage(description, language),
    icon: `data:image/svg+xml;base64,${Buffer.from(icon.trim()).toString('base64')}`,
    home,
    keywords,
    sources: sources.length === 0 ? [home] : sources,
    annotations: Object.fromEntries(
      others
        .filter(([key]) => key !== language)
        .map(([key, text]) => [`bouture.dev/description-${key.toLowerCase()}`, text]),
    ),
  };
}

function rootSchema({ name, schema }: CatalogService, language: CatalogLanguage): Readonly<Record<string, unknown>> {
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: name, ...jsonSchema(schema, language) };
}

/** The recommended labels, and the chart's own, which Helm fills in: no template holds a version of the chart. */
function chartLabels({ name, appVersion }: CatalogService): Readonly<Record<string, string | Expression<string>>> {
  return {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/instance': release.name,
    'app.kubernetes.io/managed-by': release.service,
    'app.kubernetes.io/version': labelValue(appVersion),
    'helm.sh/chart': labelText(text`${name}-${chartVersion}`),
  };
}

function isTest({ metadata }: ObjectTemplate): boolean {
  const { annotations } = metadata;
  return typeof annotations === 'object' && 'helm.sh/hook' in annotations && annotations['helm.sh/hook'] === 'test';
}

function fileName(each: ObjectTemplate): string {
  const folder = isTest(each) ? 'templates/tests' : 'templates';
  return `${folder}/${each.kind.toLowerCase()}${each.id === '' ? '' : `-${each.id}`}.yaml`;
}

/** An object with the fields that the builder gives it. */
function completed(service: CatalogService, { apiVersion, kind, name, metadata, fields }: ObjectTemplate): unknown {
  const { annotations, labels } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      name: metadata.name ?? name,
      namespace: release.namespace,
      labels: { ...chartLabels(service), ...labels },
      ...(annotations === undefined ? {} : { annotations }),
    },
    ...fields,
  };
}

/** The template of an object as data, for the interpreters. */
export function objectTemplate(service: CatalogService, objects: Objects): unknown {
  if (ObjectTemplate.isObjectTemplate(objects)) return completed(service, objects);
  const { condition, then, otherwise } = objects;
  return new Conditional(
    condition,
    completed(service, then),
    otherwise === undefined ? undefined : completed(service, otherwise),
  );
}

function objectText(service: CatalogService, objects: Objects): string {
  const { kind, id } = innerObject(objects);
  return templateYaml(
    objectTemplate(service, objects),
    `chart "${service.name}": ${kind}${id === '' ? '' : ` "${id}"`}`,
  );
}

/** Running text with values in it. */
function notesText(lines: readonly unknown[], where: string): string {
  return `${lines.flatMap((line, index) => noteLines(line, `${where}[${index}]`)).join('\n')}\n`;
}

function noteLines(line: unknown, where: string): readonly string[] {
  const shape = shapeOf(line, where);
  switch (shape.shape) {
    case 'scalar':
      return [String(shape.value).replaceAll('{{', '{{ "{{" }}')];
    case 'expression':
      return [helmText(shape.node)];
    case 'conditional':
      return [
        `{{- if ${helmCondition(shape.condition)} }}`,
        ...noteBranch(shape.then, where),
        ...(shape.otherwise === undefined ? [] : ['{{- else }}', ...noteBranch(shape.otherwise, where)]),
        '{{- end }}',
      ];
    case 'repeated':
      return [
        `{{- range ${shape.variable} := ${helmCondition(shape.list)} }}`,
        ...noteLines(shape.item, where),
        '{{- end }}',
      ];
    case 'list':
    case 'map':
      throw new TypeError(`${where}: notes are lines of text, given a ${shape.shape}`);
  }
}

function noteBranch(branch: unknown, where: string): readonly string[] {
  return Array.isArray(branch) ? branch.flatMap((line) => noteLines(line, where)) : noteLines(branch, where);
}
