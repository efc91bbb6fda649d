import { secretShape } from '../secret-shapes';

/** What the name of a secret value ends with; `PASSWORD_FILE`, `token_ttl` and `password_encryption` end with something else. */
const SECRET_NAME =
  /(passw(or)?d|passphrase|secret|token|credential|api[_.-]?key|access[_.-]?key|secret[_.-]?key|private[_.-]?key|signing[_.-]?key|encryption[_.-]?key)s?([_.-]?(value|base64|b64|\d+))?$/i;

/** Whether a name is that of a secret value: `MINIO_ROOT_PASSWORD` is, `PASSWORD_FILE` and `tokenUrl` are not. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Whether a line of a text is a secret by its own looks. */
export function looksSecret(text: string): boolean {
  return text.split('\n').some((line) => secretShape(line) !== undefined);
}
