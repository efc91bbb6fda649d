/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A value as an object. @default - an empty object when it is none */
export function object(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** A value as a list. @default - an empty list when it is none */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** A value as a text. @default - an empty text when it is none */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
