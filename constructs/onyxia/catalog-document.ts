import type { ExternalHosts, HttpService, SecretRef } from '../platform';
import type { Replaced } from './onyxia-version';
import type { LocalizedString } from './region-document';

/** One entry of the API's setting `catalogs`. Names are those of Onyxia API v4.12.0; `schemas/onyxia/catalogs.schema.json` holds the same set. */
export interface CatalogDocument {
  readonly id: string;
  readonly name: LocalizedString;
  readonly description: LocalizedString;
  readonly maintainer: string;
  readonly location: string;
  readonly status: 'PROD' | 'TEST';
  readonly type: 'helm';
  /** @default - none */
  readonly highlightedCharts?: readonly string[];
  /** @default - none */
  readonly excludedCharts?: readonly string[];
  /** @default - all charts */
  readonly includeKeywords?: readonly string[];
  /** @default - none */
  readonly excludeKeywords?: readonly string[];
  /** @default - all charts */
  readonly includeAnnotations?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly excludeAnnotations?: Readonly<Record<string, string>>;
  readonly visible: { readonly user: boolean; readonly project: boolean };
  readonly allowSharing: boolean;
  /** @default - everyone sees it */
  readonly restrictions?: readonly { readonly userAttribute: { readonly key: string; readonly matches: string } }[];
  readonly multipleServicesMode: 'all' | 'latest' | 'skipPatches' | 'maxNumber';
  /** @default 5 */
  readonly maxNumberOfVersions?: number;
  readonly timeout: string;
  /** @default - none */
  readonly username?: string;
  /** @default - none */
  readonly password?: string;
}

/** A repository of Helm charts that people start services from. */
export interface CatalogSettings {
  /** A DNS label; it is in links that people share. */
  readonly id: string;
  readonly name: LocalizedString;
  /** In Markdown. @default - the name */
  readonly description?: LocalizedString;
  /** @default - the platform's name */
  readonly maintainer?: string;
  /** Address of the repository, which has `index.yaml`, or the Service of the platform that has it, with the path. Registries of the OCI kind are not read. */
  readonly location: string | { readonly service: HttpService; readonly path?: string };
  /** Where the address leads, for the network policy. @default - every IPv4 address but the cloud's metadata service */
  readonly hosts?: ExternalHosts;
  /** `TEST` shows no tab: only who has the link comes there. @default 'PROD' */
  readonly status?: 'PROD' | 'TEST';
  /** Charts shown first. @default - none */
  readonly highlightedCharts?: readonly string[];
  /** @default - none */
  readonly excludedCharts?: readonly string[];
  /** Only charts with one of these keywords. @default - all */
  readonly includeKeywords?: readonly string[];
  /** @default - none */
  readonly excludeKeywords?: readonly string[];
  /** Only charts with these annotations. @default - all */
  readonly includeAnnotations?: Readonly<Record<string, string>>;
  /** @default - none */
  readonly excludeAnnotations?: Readonly<Record<string, string>>;
  /** Where it is offered: in the spaces of users, of projects, or both. @default - to users and to projects */
  readonly visible?: { readonly user: boolean; readonly project: boolean };
  /** Services may be shared within a project. @default true */
  readonly allowSharing?: boolean;
  /**
   * Claims that a person must have, all of them, each with a regular expression of Java for the whole value. Of a claim that is a list, one
   * value must match; who is not logged in has none. Only regular expressions that JavaScript reads, too.
   *
   * @default - everyone sees it
   */
  readonly restrictions?: readonly { readonly claim: string; readonly matches: string }[];
  /** Which versions of a chart are offered. @default 'latest' */
  readonly versions?: 'all' | 'latest' | 'skipPatches' | { readonly newest: number };
  /** How long an installation may take, in minutes. @default 10 */
  readonly timeoutMinutes?: number;
  /** Who reads the repository. The password must hold no quote, no backslash and no `${`: the API puts it into JSON as it is. @default - anyone */
  readonly credentials?: { readonly username: string; readonly password: SecretRef };
  /** @default - none: no value has this type */
  readonly skipTlsVerify?: Replaced<'reaches helm and not the reader of the index, which goes on refusing: give trust'>;
  /** @default - none: no value has this type */
  readonly caFile?: Replaced<'is a name inside the container: give trust, which helm and the reader of the index share'>;
  /** @default - none: no value has this type */
  readonly password?: Replaced<'would stand in a ConfigMap: give credentials, by reference'>;
  /** @default - none: no value has this type */
  readonly username?: Replaced<'goes with its password: give credentials'>;
  /** @default - none: no value has this type */
  readonly type?: Replaced<'is helm: the API reads no other kind'>;
}
