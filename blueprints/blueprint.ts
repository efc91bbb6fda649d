import type { App } from 'cdk8s';
import type { z } from 'zod';
import type { CatalogService } from '../constructs/catalog';
import type { IdentityBroker, LdapFederation } from '../constructs/identity';
import type { Branding } from '../constructs/onyxia';
import type { LockedImage } from '../constructs/platform/images';
import type { Platform } from '../constructs/platform/platform';
import type { Profile } from '../constructs/platform/profile';
import type { RenamedKeys, Rule } from './config/check';

/** The version of the configuration's form that this release reads. */
export const API_VERSION = 'bouture.dev/v1';

/** The image lock by key. */
export type ImageLock = Readonly<Record<string, LockedImage>>;

/** What every blueprint's configuration has, whatever else it holds. */
export interface BlueprintConfig {
  readonly apiVersion: typeof API_VERSION;
  readonly blueprint: string;
  /** Name of the installation. */
  readonly name: string;
  readonly profile: Profile;
  /** Facts of its cluster, of which rendering reads what a cloud has made. */
  readonly cluster?: { readonly values?: Readonly<Record<string, string>> };
  /** Path of the program with what the office adds, relative to the file. @default - it adds nothing */
  readonly program?: string;
}

/** What an office adds that has its place inside a part of the blueprint: services in its catalog, looks of its pages, ways to log in. */
export interface OfficePages {
  /** Services of the office's own, in the catalog that has `builtIn`. @default - none */
  readonly services?: readonly CatalogService[];
  /** How the pages of Onyxia look and what they say. @default - Onyxia's own looks */
  readonly branding?: Branding;
  /** Providers elsewhere whose people may log in at the blueprint's Keycloak. @default - none */
  readonly brokers?: readonly IdentityBroker[];
  /** Directories whose people may log in there. @default - none */
  readonly directories?: readonly LdapFederation[];
}

/** Builds the platform of a configuration inside an app: a pure function. */
export type Compose<Config> = (app: App, config: Config, images: ImageLock, pages: OfficePages) => Platform;

/**
 * A composition of the library's constructs that is configured by one file. Its schema is at once the check, the type and
 * the published JSON Schema; its composition is loaded only when something is built, so that checking a file stays quick.
 */
export interface Blueprint<Schema extends z.ZodType<BlueprintConfig> = z.ZodType<BlueprintConfig>> {
  /** What `blueprint:` says in a configuration; also the folder under `blueprints/`. */
  readonly name: string;
  /** What it makes, in a line. */
  readonly title: string;
  readonly schema: Schema;
  /** Rules between fields, beyond what the schema says of each. @param images the lock that the configuration uses */
  readonly rules: (images: ImageLock) => readonly Rule<z.input<Schema>>[];
  /** Keys that have another name here. */
  readonly renamed: RenamedKeys;
  /** Loads the composition, and with it cdk8s. */
  readonly load: () => Compose<z.output<Schema>>;
}
