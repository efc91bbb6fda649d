/**
 * One set of versions that belong together: the types of this folder and the JSON Schemas of `schemas/onyxia/` describe exactly
 * these. Chart 11.5.1 of Onyxia holds the same web and API.
 */
export const ONYXIA_VERSION = { chart: '11.5.1', web: '5.5.1', api: 'v4.12.0', onboarding: '0.1.21' } as const;

/** The versions that these types describe. */
export type OnyxiaVersion = typeof ONYXIA_VERSION;

declare const REPLACED: unique symbol;

/**
 * The type of a field that this version of Onyxia drops or misreads without a word. No value has it, so that a program which sets the
 * field does not compile, and the compiler's message says what took its place.
 */
export interface Replaced<Remedy extends string> {
  readonly [REPLACED]: { readonly remedy: Remedy; readonly impossible: never };
}
