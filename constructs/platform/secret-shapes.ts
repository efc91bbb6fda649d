const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/;

/** Shapes that only secrets have, each with what it looks like, for the message. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/, 'a JSON web token'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, 'an AWS access key'],
  [/\b(?:ghp|gho|ghs|ghu|github_pat|glpat|xox[abp])[_-][A-Za-z0-9_-]{16,}/, 'an access token'],
  [/\bhv[sb]\.[A-Za-z0-9_-]{20,}/, 'a Vault token'],
  // `$`, `%`, `{`, `<` and `(` mark a reference that something else fills in.
  [/[a-z][a-z0-9+.-]*:\/\/[^\s/@:'"]*:(?![$%{<(])[^\s/@'"]+@/i, 'a URL with a password'],
];

/**
 * What secret a text looks like, whatever it is called: a private key in PEM, a JSON web token, an access key or token of AWS, GitHub,
 * GitLab, Slack or Vault, a URL with a password in it.
 *
 * @default - undefined when it looks like none
 */
export function secretShape(text: string): string | undefined {
  // A private key may follow its certificates; the other shapes are short, and no pattern may take the square of a long text's length.
  if (PRIVATE_KEY.test(text)) return 'a private key';
  const start = text.slice(0, 4096);
  return SHAPES.find(([pattern]) => pattern.test(start))?.[1];
}
