import { dnsLabel } from './names';

/** Ids of single dashes, so that the double dashes of the token end them. */
const ID = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const ID_MAX = 40;
const OPENING = 'deploytime--';
/** Matches a token; its group is the id. */
export const DEPLOY_TIME_TOKEN = /deploytime--([a-z0-9]+(?:-[a-z0-9]+)*)--x/g;

/**
 * A text that is known only while the platform is being deployed: the name of a bucket that a cloud makes, the ARN of a role. Its token
 * stands wherever a string may stand, also inside a longer one, and whoever deploys puts the value in its place. It cannot name an object:
 * names are known before.
 *
 * @example
 * import { DeployTimeValue } from 'bouture';
 * const role = new DeployTimeValue('backup-role', 'ARN of the role that writes backups');
 * const annotations = { 'eks.amazonaws.com/role-arn': role.token };
 */
export class DeployTimeValue {
  /**
   * @param id what the deployer gives the value by: at most 40 of a-z, 0-9 and single inner dashes
   * @param description what it is, for whoever must provide it
   * @throws Error when the id breaks the rules
   */
  constructor(
    readonly id: string,
    readonly description: string,
  ) {
    dnsLabel('deploy-time value', id);
    if (id.length > ID_MAX || !ID.test(id)) {
      throw new Error(`deploy-time value "${id}": an id has at most ${ID_MAX} of a-z, 0-9 and single inner dashes`);
    }
  }

  /** What stands in the manifest until the value is known: a DNS label, so that it passes where names are checked. */
  get token(): string {
    return `${OPENING}${this.id}--x`;
  }
}

/** A text cut at its tokens: plain pieces, and ids of deploy-time values. */
export type DeployTimePiece = string | { readonly id: string };

/** Cuts a text at the tokens of deploy-time values; a text without any is one piece. */
export function deployTimePieces(text: string): readonly DeployTimePiece[] {
  if (!text.includes(OPENING)) return [text];
  return text
    .split(DEPLOY_TIME_TOKEN)
    .map((piece, index) => (index % 2 === 1 ? { id: piece } : piece))
    .filter((piece) => piece !== '');
}

/** The ids of the deploy-time values that plain data or a text holds, sorted. */
export function deployTimeIds(data: unknown): readonly string[] {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  if (!text.includes(OPENING)) return [];
  return [...new Set([...text.matchAll(DEPLOY_TIME_TOKEN)].flatMap(([, id]) => id ?? []))].sort();
}

/** What to tell when deploy-time values are missing. */
export function missingDeployTimeValues(ids: readonly string[]): string {
  return `known only at deployment: ${ids.join(', ')}; deploy with Pulumi, or state the values in the configuration, by cluster.values`;
}
