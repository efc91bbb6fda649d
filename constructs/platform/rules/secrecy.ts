/** What the name of a secret value ends with; `PASSWORD_FILE`, `token_ttl` and `password_encryption` end with something else. */
const SECRET_NAME =
  /(passw(or)?d|passphrase|secret|token|credential|api[_.-]?key|access[_.-]?key|secret[_.-]?key|private[_.-]?key|signing[_.-]?key|encryption[_.-]?key)s?([_.-]?(value|base64|b64|\d+))?$/i;

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
  return SECRET_NAME.test(name);
}

/** Whether a text is a secret by its own looks: a private key, a token, a URL with a password. */
export function looksSecret(text: string): boolean {
  return SECRET_TEXT.some((pattern) => pattern.test(text));
}
