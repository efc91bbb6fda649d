import type { Localized } from './localized';
import { contextPaths, contextProblem, INSTANCE_SCHEMAS, type Injected, type InstanceSchema } from './onyxia-context';
import { schemaProblems } from './schema-check';
import type { JsonValue, OnyxiaDefinition, SchemaDefinition } from './schema-definition';

declare const TYPE: unique symbol;

/** A schema of values of a type. */
export interface ValueSchema<T> {
  readonly definition: SchemaDefinition;
  /** Exists for the compiler only. @default - never there */
  readonly [TYPE]?: T;
}

/** Schemas by name. */
export type Properties = Readonly<Record<string, ValueSchema<unknown>>>;

/** The type of the values that a schema describes. */
export type ValueOf<S> = S extends ValueSchema<infer T> ? T : never;

/** The type of the values that schemas by name describe. */
export type ValuesOf<P extends Properties> = { readonly [K in keyof P]: ValueOf<P[K]> };

/** What every value may say of itself. */
export interface ValueOptions {
  /** @default - the name of the value */
  readonly title?: Localized;
  /** @default - none */
  readonly description?: Localized;
  /** What Onyxia puts in place of the default. @default - nothing */
  readonly from?: Injected;
  /** Not shown in the form. @default false */
  readonly hidden?: boolean;
  /** Shown, and not to be changed. @default false */
  readonly readonly?: boolean;
  /** Name by which the office may replace this part of the form. @default - it may not */
  readonly instanceSchema?: InstanceSchema;
  /** Hidden while a value of the same group is this. @default - always shown */
  readonly hiddenIf?: { readonly sibling: string; readonly is: string | number | boolean };
}

/** A text. */
export interface TextOptions extends ValueOptions {
  readonly default: string;
  /** Regular expression for the whole form of the text; write `^` and `$`. @default - any */
  readonly pattern?: string;
  /** How it is shown: over several lines, or with dots. @default - one line */
  readonly render?: 'textArea' | 'password';
}

/** A number. */
export interface NumberOptions extends ValueOptions {
  readonly default: number;
  /** @default - any */
  readonly minimum?: number;
}

/** An amount with its unit, chosen with a slider. */
export interface AmountOptions<Unit extends string> extends ValueOptions {
  /** `10Gi` for the unit `Gi`. */
  readonly default: `${number}${NoInfer<Unit>}`;
  readonly unit: Unit;
  readonly min: number;
  readonly max: number;
  /** @default 1 */
  readonly step?: number;
  /** One end of a slider with two; both have the same range. @default - a slider with one end */
  readonly end?: { readonly range: string; readonly extremity: 'down' | 'up'; readonly semantic: string };
}

function make<T>(
  type: SchemaDefinition['type'],
  { title, description, from, hidden, readonly, instanceSchema, hiddenIf }: ValueOptions,
  more: Omit<SchemaDefinition, 'type'>,
): ValueSchema<T> {
  for (const path of contextPaths(from)) {
    const problem = contextProblem(path);
    if (problem !== undefined) throw new Error(problem);
  }
  if (instanceSchema !== undefined && !INSTANCE_SCHEMAS.includes(instanceSchema)) {
    throw new Error(
      `instanceSchema ${JSON.stringify(instanceSchema)} is no name that offices override: expected one of ${INSTANCE_SCHEMAS.join(', ')}`,
    );
  }
  const onyxia: OnyxiaDefinition = {
    ...(hidden === true ? { hidden } : {}),
    ...(readonly === true ? { readonly } : {}),
    ...(from === undefined ? {} : { overwriteDefaultWith: from }),
    ...(instanceSchema === undefined ? {} : { overwriteSchemaWith: instanceSchema }),
  };
  const definition: SchemaDefinition = {
    type,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    ...more,
    ...(hiddenIf === undefined ? {} : { hiddenIf }),
    ...(Object.keys(onyxia).length === 0 ? {} : { onyxia }),
  };
  if (definition.default !== undefined) {
    const [problem] = schemaProblems(definition, definition.default, 'default');
    if (problem !== undefined) throw new Error(`${problem.path} does not satisfy its schema: ${problem.message}`);
  }
  return { definition };
}

/** Kinds of values. Each needs a default: a chart must install without a word from whoever installs it. */
export const value = {
  /** A text. @throws Error when the default does not match the pattern */
  text(options: TextOptions): ValueSchema<string> {
    const { pattern, render } = options;
    return make('string', options, {
      default: options.default,
      ...(pattern === undefined ? {} : { pattern }),
      ...(render === undefined ? {} : { render }),
    });
  },

  /** One of several texts; the first argument names them all. */
  choice<const T extends string>(
    choices: readonly [T, ...T[]],
    options: ValueOptions & { readonly default: NoInfer<T> },
  ): ValueSchema<T> {
    return make('string', options, { default: options.default, enum: choices });
  },

  /** True or false. */
  flag(options: ValueOptions & { readonly default: boolean }): ValueSchema<boolean> {
    return make('boolean', options, { default: options.default });
  },

  /** A whole number. @throws Error when the default is a fraction or below the minimum */
  whole(options: NumberOptions): ValueSchema<number> {
    const { minimum } = options;
    return make('integer', options, { default: options.default, ...(minimum === undefined ? {} : { minimum }) });
  },

  /** A number. @throws Error when the default is below the minimum */
  decimal(options: NumberOptions): ValueSchema<number> {
    const { minimum } = options;
    return make('number', options, { default: options.default, ...(minimum === undefined ? {} : { minimum }) });
  },

  /** An amount with its unit, such as `10Gi`. @throws Error when the default is not between the ends or has another unit */
  amount<Unit extends string>(options: AmountOptions<Unit>): ValueSchema<string> {
    const { unit, min, max, step = 1, end } = options;
    if (!(min < max) || !(step > 0)) {
      throw new RangeError(`a slider goes from min to max in steps, given min ${min}, max ${max}, step ${step}`);
    }
    return make('string', options, {
      default: options.default,
      render: 'slider',
      slider: { min, max, step, unit, ...(end === undefined ? {} : { end }) },
    });
  },

  /** Several values of a kind. */
  list<T>(
    item: ValueSchema<T>,
    options: ValueOptions & {
      readonly default: readonly NoInfer<T>[];
      /** @default 0 */
      readonly minItems?: number;
      /** @default - any number */
      readonly maxItems?: number;
    },
  ): ValueSchema<readonly T[]> {
    const { minItems, maxItems } = options;
    return make('array', options, {
      default: options.default as readonly JsonValue[],
      items: item.definition,
      ...(minItems === undefined ? {} : { minItems }),
      ...(maxItems === undefined ? {} : { maxItems }),
    });
  },

  /** Texts under keys that whoever installs chooses: labels of nodes, say. */
  keyed(
    options: ValueOptions & { readonly default: Readonly<Record<string, string>> },
  ): ValueSchema<Readonly<Record<string, string>>> {
    return make('object', options, { default: options.default, values: { type: 'string' } });
  },

  /**
   * A list of the Kubernetes API that whoever installs writes as YAML: tolerations, say. The API server checks it.
   *
   * @typeParam T the type of an item
   */
  rawList<T>(options: ValueOptions & { readonly default: readonly T[] }): ValueSchema<readonly T[]> {
    return make('array', options, { default: options.default as readonly JsonValue[] });
  },

  /** Values that belong together. @throws Error when one of them is hidden by a sibling that is not there, or by a value that it cannot have */
  group<P extends Properties>(options: ValueOptions, properties: P): ValueSchema<ValuesOf<P>> {
    const definitions = Object.fromEntries(
      Object.entries(properties).map(([name, { definition }]) => [name, definition]),
    );
    for (const [name, { hiddenIf }] of Object.entries(definitions)) {
      if (hiddenIf === undefined) continue;
      const sibling = definitions[hiddenIf.sibling];
      if (sibling === undefined) {
        throw new Error(
          `"${name}" is hidden by "${hiddenIf.sibling}", which is not in its group: it has ${Object.keys(definitions).join(', ')}`,
        );
      }
      const [problem] = schemaProblems(sibling, hiddenIf.is, hiddenIf.sibling);
      if (problem !== undefined) {
        throw new Error(`"${name}" is hidden by a value that ${problem.path} cannot have: ${problem.message}`);
      }
    }
    return make('object', options, { properties: definitions });
  },
} as const;

/** The values that a schema gives when nobody says anything. */
export function defaultsOf(definition: SchemaDefinition): JsonValue {
  if (definition.properties === undefined) return definition.default ?? null;
  return Object.fromEntries(
    Object.entries(definition.properties).map(([name, property]) => [name, defaultsOf(property)]),
  );
}
