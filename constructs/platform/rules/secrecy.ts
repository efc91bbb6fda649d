/** Words that name a secret; the separators vary with the convention. */
const SECRET_NAME =
  /(passw(or)?d|passphrase|secret|token|api[_.-]?key|access[_.-]?key|private[_.-]?key|signing[_.-]?key|encryption[_.-]?key|credential)/i;

/** What a name ends with when it names the place of a secret, or something about one, and not the secret itself. */
const ABOUT_A_SECRET =
  /[_.-]?(file|path|dir|name|ref|url|uri|endpoint|header|type|ttl|expiry|expiration|expires?|seconds|minutes|length|size|algorithm|enabled|disabled|policy|rotation|audience|issuer)s?$/i;

/** Texts that are secrets whatever they are called. */
const SECRET_TEXT: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  /\b(ghp|gho|ghs|github_pat|glpat|hvs|xox[abp])[_.-][\w-]{16,}/,
  // Credentials inside a URL; `$` and braces mark a reference.
  /:\/\/[^\s/:@'"]+:(?![$%{<(])[^\s/@'"]+@/,
];

/** Whether a name is that of a secret value: `MINIO_ROOT_PASSWORD` is, `PASSWORD_FILE` and `tokenUrl` are not. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !ABOUT_A_SECRET.test(name);
}

/** Whether a text is a secret by its own looks: a private key, a token, a URL with a password. */
export function looksSecret(text: string): boolean {
  return SECRET_TEXT.some((pattern) => pattern.test(text));
}
