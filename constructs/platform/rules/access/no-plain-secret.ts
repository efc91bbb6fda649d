import type { Field } from '../field';
import { isSecretName, looksSecret } from '../secrecy';
import type { ObjectRule } from '../rule';

export const noPlainSecret: ObjectRule = {
  id: 'no-plain-secret',
  level: 'error',
  scope: 'object',
  why: 'A manifest is read by everyone who may read the repository, the namespace or a backup of either.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Secrets',
  fix: 'let the deployment make the value with a PlatformSecret, and pass it by reference: envFromSecret(name, ref)',
  *check({ kind, root, pod }) {
    for (const container of pod?.containers ?? []) {
      for (const variable of container.at('env').items()) {
        const value = variable.at('value');
        if (literal(value) && (isSecretName(variable.at('name').text ?? '') || looksSecret(value.text ?? ''))) {
          yield { field: value.path, message: 'holds a secret in plain text' };
        }
      }
      for (const argument of [...container.at('command').items(), ...container.at('args').items()]) {
        const [, option = '', value = ''] = /^--?([\w.-]+)=(.*)$/s.exec(argument.text ?? '') ?? [];
        if (looksSecret(argument.text ?? '') || (isSecretName(option) && isLiteral(value))) {
          yield { field: argument.path, message: 'holds a secret in plain text' };
        }
      }
    }
    if (kind === 'ConfigMap') {
      for (const [key, field] of [...root.at('data').entries(), ...root.at('binaryData').entries()]) {
        const line = field.text === undefined ? undefined : secretLine(key, field.text);
        if (line !== undefined) yield { field: field.path, message: `${line} holds a secret in plain text` };
      }
    }
  },
};

function literal(field: Field): boolean {
  return field.text !== undefined && isLiteral(field.text);
}

/** Whether a text is a value rather than a reference, a path, a switch or a number. */
function isLiteral(text: string): boolean {
  const bare = text
    .trim()
    .replace(/[,;]$/, '')
    .replace(/^(["'])(.*)\1$/, '$2');
  // What an object or a list begins with stands in the lines that follow.
  if (['', '{', '['].includes(bare) || /^\d{1,5}$/.test(bare)) return false;
  if (/^(true|false|yes|no|on|off|null|none|nil|required|optional)$/i.test(bare)) return false;
  return !/^(\/|\.\/|\$|\{\{|%\(|<|file:|env:)/.test(bare) && !/^https?:\/\/[^@]*$/.test(bare);
}

/** Which line of a configuration file holds a secret: `line 3`, or `the value` where it is the whole file. */
function secretLine(key: string, content: string): string | undefined {
  const lines = content.split('\n');
  if (lines.length === 1 && isSecretName(key) && isLiteral(content)) return 'the value';
  const code = /\.(py|sh|sql|js|ts|R)$/.test(key) || content.startsWith('#!');
  // In code, `token = request.token` is no secret: only a quoted literal is.
  const assignment = code
    ? /^\s*(?:export\s+)?([\w.-]+)\s*[:=]\s*(["'][^"']{6,}["'])[,;]?\s*$/
    : /^\s*["']?([\w.-]+)["']?\s*[:=]\s*(\S.*?)\s*$/;
  const index = lines.findIndex((line) => {
    const [, name = '', value = ''] = assignment.exec(line) ?? [];
    return looksSecret(line) || (isSecretName(name) && isLiteral(value));
  });
  return index === -1 ? undefined : `line ${index + 1}`;
}
