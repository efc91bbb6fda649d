const PLAIN_KEY = /^[A-Za-z0-9_$-]+$/;

/**
 * One place in a manifest: the value that stands there and the path that leads to it. Manifests come from files and from
 * constructs alike, so nothing is taken for granted: a place that is not there is a Field without value.
 */
export class Field {
  constructor(
    readonly value: unknown,
    /** `spec.template.spec.containers[server].image`; an item of a list by its name where it has one. */
    readonly path: string = '',
  ) {}

  /** The place that keys lead to. */
  at(...keys: readonly string[]): Field {
    return keys.reduce<Field>((field, key) => new Field(field.record?.[key], field.below(key)), this);
  }

  /** The items of a list. @default - none when the place holds no list */
  items(): readonly Field[] {
    if (!Array.isArray(this.value)) return [];
    return this.value.map((item: unknown, index) => {
      const name = new Field(item).at('name').text;
      return new Field(item, `${this.path}[${name ?? index}]`);
    });
  }

  /** The keys of an object, each with its place. @default - none when the place holds no object */
  entries(): readonly (readonly [string, Field])[] {
    return Object.entries(this.record ?? {}).map(([key, value]) => [key, new Field(value, this.below(key))]);
  }

  /** Every text at or below this place. */
  *texts(): Generator<Field & { readonly text: string }> {
    if (isText(this)) yield this;
    for (const item of this.items()) yield* item.texts();
    for (const [, field] of this.entries()) yield* field.texts();
  }

  /** True when there is a value, and it is not null. */
  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The value as a text. @default - undefined when it is none */
  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** The value as a number. @default - undefined when it is none */
  get number(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined;
  }

  /** An object whose values are texts: labels, selectors. */
  get textMap(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.entries().flatMap(([key, { text }]) => (text === undefined ? [] : [[key, text]])));
  }

  private get record(): Readonly<Record<string, unknown>> | undefined {
    const { value } = this;
    return isRecord(value) ? value : undefined;
  }

  private below(key: string): string {
    if (!PLAIN_KEY.test(key)) return `${this.path}[${JSON.stringify(key)}]`;
    return this.path === '' ? key : `${this.path}.${key}`;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(field: Field): field is Field & { readonly text: string } {
  return field.text !== undefined;
}
