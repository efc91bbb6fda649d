import { cel, literal } from '../admission-policy';

/**
 * The hosts that a space may have, as a regular expression in CEL: `<space>-<word>-<word>.<domain>`, the shape that Onyxia's services
 * use, or `<space>--<anything>.<domain>`. The words have no dash and spaces no double one, so that no host of `user-al` is ever one of
 * `user-al-b`, although the one name begins the other.
 */
export function hostPattern(domain: string): string {
  const words = '(-[a-z0-9]+-[a-z0-9]+|--[a-z0-9]([a-z0-9-]*[a-z0-9])?)';
  return `"^" + request.namespace + ${cel(`${words}${literal(`.${domain}`)}$`)}`;
}

/** How to tell it to a person. */
export function hostShape(domain: string): string {
  return `<namespace>-<word>-<word>.${domain} or <namespace>--<name>.${domain}`;
}
