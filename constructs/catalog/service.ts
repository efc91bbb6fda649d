import { valid } from 'semver';
import { dnsLabel } from '../platform';
import { type Release, release } from './functions';
import type { CatalogLanguage, Localized } from './localized';
import { type Objects, ObjectTemplate } from './object';
import { type CatalogPart, type Contributions, mergeContributions } from './part';
import { type ValueReference, valuesOf } from './references';
import type { Properties, ValuesOf } from './schema';
import type { SchemaDefinition } from './schema-definition';
import type { TemplateItem } from './template';

/** What a service makes at launch. */
export interface ServiceTemplates {
  /** Its objects, besides those of its parts. */
  readonly objects: readonly Objects[];
  /** What people read once it runs, in Markdown, line by line. */
  readonly notes: readonly TemplateItem<string>[];
}

/** What the templates of a service are made from. */
export interface RenderInput<P extends Properties> {
  /** References to the values, those of the parts among them. */
  readonly values: ValueReference<ValuesOf<P>>;
  /** The installation. */
  readonly release: Release;
  /** What the parts add: `podTemplate` puts it into Pods. Their objects are added to the chart in any case. */
  readonly parts: Contributions;
  /** Language that people read. */
  readonly language: CatalogLanguage;
  /** Name of the chart. */
  readonly chart: string;
}

type Parts = readonly CatalogPart<Properties>[];
type Intersection<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
/** Schemas of all parts, by name. */
export type PartProperties<T extends Parts> = T extends readonly []
  ? unknown
  : Extract<Intersection<T[number]['values']>, Properties>;

/** Schemas of a service, those of its parts among them. */
type AllProperties<P extends Properties, T extends Parts> = P & PartProperties<T>;

/** A service that people start from the catalog, defined once: everything else of its chart follows. */
export interface ServiceProps<P extends Properties, T extends Parts> {
  /** Name of the chart: a DNS label of at most 40 characters. */
  readonly name: string;
  /** Version of the chart, a semantic one. What is released under a version never changes. */
  readonly version: string;
  /** Version of the software. @default - the chart's */
  readonly appVersion?: string;
  /** What it is, in a sentence. */
  readonly description: Localized;
  /** Its picture: an SVG document. Onyxia gets it with the index, so that no browser asks a third party for it. */
  readonly icon: string;
  /** The software's own page, `https://...`. */
  readonly home: string;
  /** What people search for. @default - none */
  readonly keywords?: readonly string[];
  /** Where its sources are. @default - none */
  readonly sources?: readonly string[];
  /** Parts shared with other services. @default - none */
  readonly parts?: T;
  /** Its own values, by name. @default - none beside those of the parts */
  readonly values?: P;
  /** Makes its objects. Called once for each language when the chart is built. */
  readonly render: (input: RenderInput<AllProperties<P, T>>) => ServiceTemplates;
}

/** A service of a catalog. */
export interface CatalogService {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly description: Localized;
  readonly icon: string;
  readonly home: string;
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  /** Schema of all values. */
  readonly schema: SchemaDefinition;
  /** Its objects and notes. @throws Error when a template is wrong, with its path */
  readonly templates: (language: CatalogLanguage) => ServiceTemplates;
}

/** Longest name of a chart: Onyxia makes names of releases from it, with a number behind. */
const NAME_MAX = 40;

/**
 * Defines a service of a catalog: its values, its parts, its objects. From this come the chart's `values.yaml`, its schema with what Onyxia
 * needs, its templates, notes and documentation; no template can read a value that the schema lacks.
 *
 * @throws Error when a name, a version, an address or the icon is none, when two parts have a value of the same name, or when a template
 * refers to a value that is not in the schema (in programs without types; with them it does not compile)
 *
 * @example
 * import { defineService, object, value, when } from 'bouture';
 * export const greeter = defineService({
 *   name: 'greeter',
 *   version: '1.0.0',
 *   description: { en: 'Says hello.', fr: 'Dit bonjour.' },
 *   icon: '<svg xmlns="http://www.w3.org/2000/svg"/>',
 *   home: 'https://example.org',
 *   values: { greeting: value.text({ default: 'hello' }), loud: value.flag({ default: false }) },
 *   render: ({ values }) => ({
 *     objects: [object('ConfigMap', '', { data: { greeting: values.greeting, mark: when(values.loud, '!') } })],
 *     notes: ['It greets.'],
 *   }),
 * });
 */
// eslint-disable-next-line @typescript-eslint/no-generated-empty-object-type -- a service without values of its own has none
export function defineService<const P extends Properties = Record<never, never>, const T extends Parts = readonly []>(
  props: ServiceProps<P, T>,
): CatalogService {
  const { name, version, description, icon, home, keywords = [], sources = [], parts = [], values = {} } = props;
  dnsLabel('chart', name);
  if (name.length > NAME_MAX)
    throw new Error(`chart "${name}" has ${name.length} characters: a chart has at most ${NAME_MAX}`);
  if (valid(version) !== version) {
    throw new Error(`chart "${name}": version "${version}" is no semantic version: expected three numbers, 1.0.0`);
  }
  for (const address of [home, ...sources]) {
    if (!/^https:\/\/[^\s/]+/.test(address))
      throw new Error(`chart "${name}": "${address}" is no address: expected https://...`);
  }
  if (
    !/^\s*(<\?xml[^>]*>\s*)?<svg[\s/>]/.test(icon) ||
    /<script|\son\w+=|(?:href|src)\s*=\s*["'](?!#|data:)/i.test(icon)
  ) {
    throw new Error(`chart "${name}": the icon is an SVG document that runs and fetches nothing`);
  }
  const properties = allProperties(name, [...parts.map((part) => part.values), values]);
  return {
    name,
    version,
    appVersion: props.appVersion ?? version,
    description,
    icon,
    home,
    keywords,
    sources,
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(properties).map(([key, { definition }]) => [key, definition])),
    },
    templates: (language) => {
      const references = valuesOf(properties);
      const contributions = mergeContributions(parts.map((part) => part.contribute(references, { chart: name })));
      const { objects, notes } = props.render({
        values: references as ValueReference<ValuesOf<AllProperties<P, T>>>,
        release,
        parts: contributions,
        language,
        chart: name,
      });
      const all = [...objects, ...contributions.objects];
      refuseTwice(name, all);
      return { objects: all, notes };
    },
  };
}

function allProperties(chart: string, groups: readonly Properties[]): Properties {
  const names = groups.flatMap(Object.keys);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Error(`chart "${chart}": two parts have a value "${twice}": rename one of them`);
  const wrong = names.find((each) => !/^[a-z][A-Za-z0-9]*$/.test(each));
  if (wrong !== undefined)
    throw new Error(`chart "${chart}": value "${wrong}": expected letters and digits, camelCase`);
  return Object.assign({}, ...groups) as Properties;
}

/** The object that a chart makes, whatever decides whether it does. */
export function innerObject(objects: Objects): ObjectTemplate {
  return ObjectTemplate.isObjectTemplate(objects) ? objects : objects.then;
}

function refuseTwice(chart: string, objects: readonly Objects[]): void {
  const names = objects.map(innerObject).map(({ kind, id }) => `${kind} "${id}"`);
  const twice = names.find((each, index) => names.indexOf(each) !== index);
  if (twice !== undefined) throw new Error(`chart "${chart}" makes ${twice} twice: give one of them another id`);
}
