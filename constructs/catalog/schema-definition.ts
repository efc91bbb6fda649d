import type { Localized } from './localized';

/** What JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Whether it is a map. */
export function isMap(value: JsonValue | undefined): value is { readonly [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One node of a schema as data: the subset of draft-07 that Onyxia reads, with texts in several languages. */
export interface SchemaDefinition {
  readonly type: 'string' | 'boolean' | 'integer' | 'number' | 'object' | 'array';
  /** @default - the name of the value */
  readonly title?: Localized;
  /** @default - none */
  readonly description?: Localized;
  /** @default - a group has the defaults of its values */
  readonly default?: JsonValue;
  /** @default - any */
  readonly enum?: readonly string[];
  /** Regular expression that both JavaScript and Go read. @default - any */
  readonly pattern?: string;
  /** @default - any */
  readonly minimum?: number;
  /** @default - a plain field */
  readonly render?: 'list' | 'slider' | 'password' | 'textArea';
  /** @default - no slider */
  readonly slider?: SliderDefinition;
  /** @default - free items */
  readonly items?: SchemaDefinition;
  /** @default 0 */
  readonly minItems?: number;
  /** @default - any number */
  readonly maxItems?: number;
  /** @default - free keys */
  readonly properties?: Readonly<Record<string, SchemaDefinition>>;
  /** What each value of a map with free keys is. @default - anything */
  readonly values?: SchemaDefinition;
  /** Sibling that hides the field when it has a value. @default - never hidden */
  readonly hiddenIf?: { readonly sibling: string; readonly is: string | number | boolean };
  /** @default - nothing */
  readonly onyxia?: OnyxiaDefinition;
}

/** A slider of the form. */
export interface SliderDefinition {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly unit: string;
  /** One end of a slider with two. @default - a slider with one end */
  readonly end?: { readonly range: string; readonly extremity: 'down' | 'up'; readonly semantic: string };
}

/** What `x-onyxia` says of a value. */
export interface OnyxiaDefinition {
  /** @default - the default */
  readonly overwriteDefaultWith?: string;
  /** @default - the options of the schema */
  readonly overwriteListEnumWith?: string;
  /** @default - the chart's own form */
  readonly overwriteSchemaWith?: string;
  /** @default false */
  readonly hidden?: boolean;
  /** @default false */
  readonly readonly?: boolean;
}
