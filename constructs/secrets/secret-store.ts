import type { IConstruct } from 'constructs';
import type { IOidcClient } from '../platform';

/** Where people keep secrets, each in a directory that nobody else reads. */
export interface ISecretStore extends IConstruct {
  /** Address that browsers and services use. */
  readonly url: string;
  /** Mount of the key-value engine, version 2. */
  readonly mount: string;
  /** Role that a token of people logs in as. */
  readonly role: string;
  /** Path of the authentication method that accepts tokens of people. */
  readonly authPath: string;
  /** Client whose tokens it accepts. */
  readonly client: IOidcClient;
  /** Lets scripts of a page call it. @param origin `https://datalab.example.org` */
  allowOrigin(origin: string): void;
}
