import type { z } from 'zod';
import { bucketName } from '../../constructs/storage/bucket-name';
import { databaseIdentifier } from '../../constructs/storage/database-name';
import { scalar, type Verdict } from './scalar';

/** The longest DNS label, in characters (RFC 1123). */
const LABEL_MAX = 63;

/** Namespaces that belong to Kubernetes or that every cluster has. */
const RESERVED_NAMESPACES = new Set(['default', 'kube-system', 'kube-public', 'kube-node-lease']);

/** What is wrong with a DNS label of RFC 1123. */
export function judgeLabel(text: string, maximum: number = LABEL_MAX): Verdict | undefined {
  if (text === '') return { message: 'the name is empty' };
  const meant = labelOf(text, maximum);
  if (text.length > maximum) {
    return { message: `the name has ${text.length} characters; at most ${maximum} fit`, suggestion: meant };
  }
  if (/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)) return undefined;
  return { message: `the name ${fault(text)}`, suggestion: meant };
}

function fault(text: string): string {
  if (/[^\x20-\x7e]/.test(text)) return 'has a character outside a-z, 0-9 and - (it may only look like one of them)';
  if (/[A-Z]/.test(text)) return 'has capital letters';
  if (text.includes('_')) return 'has an underscore';
  if (text.includes('.')) return 'has a dot';
  if (text.includes(' ')) return 'has a space';
  if (/^-|-$/.test(text)) return 'begins or ends with a dash';
  return 'has a character other than a-z, 0-9 and -';
}

function labelOf(text: string, maximum: number): string | undefined {
  const label = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maximum)
    .replace(/^-+|-+$/g, '');
  return label === '' || /[^\x20-\x7e]/.test(text) ? undefined : label;
}

/** A DNS label. @param maximum characters */
export function label(maximum: number = LABEL_MAX): z.ZodString {
  return scalar(`a DNS label: at most ${maximum} of a-z, 0-9 and inner dashes`, (text) => judgeLabel(text, maximum), {
    pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
    maxLength: maximum,
  });
}

/** Whether a namespace belongs to Kubernetes itself. */
function isReservedNamespace(name: string): boolean {
  return RESERVED_NAMESPACES.has(name) || name.startsWith('kube-');
}

/** A name that begins the names of namespaces, so that it must not make one of Kubernetes' own. @param maximum characters */
export function namespacePrefix(maximum: number): z.ZodString {
  return scalar(
    `a DNS label: at most ${maximum} of a-z, 0-9 and inner dashes, no name of Kubernetes`,
    (text) =>
      isReservedNamespace(text) || text === 'kube'
        ? { message: `the name "${text}" belongs to Kubernetes` }
        : judgeLabel(text, maximum),
    { pattern: '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', maxLength: maximum },
  );
}

/** A DNS subdomain: the name of a StorageClass, a GatewayClass, an issuer. */
export function objectName(): z.ZodString {
  return scalar(
    'a name: at most 253 of a-z, 0-9, dots and inner dashes',
    (text) => {
      if (text === '') return { message: 'the name is empty' };
      if (text.length > 253) return { message: `the name has ${text.length} characters; at most 253 fit` };
      for (const part of text.split('.')) {
        const verdict = judgeLabel(part);
        if (verdict !== undefined) return { message: verdict.message };
      }
      return undefined;
    },
    { pattern: '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$', maxLength: 253 },
  );
}

/** The name of a bucket, by the rules of S3 and of MinIO. */
export function bucket(): z.ZodString {
  return scalar(
    'a bucket name: 3 to 63 of a-z, 0-9, dots and inner dashes',
    (text) => {
      const message = refusal(() => bucketName(text))?.replace(/^bucket ".*?" /s, 'the name ');
      if (message === undefined) return undefined;
      const meant = text
        .toLowerCase()
        .replace(/[^a-z0-9.-]+/g, '-')
        .replace(/^[.-]+|[.-]+$/g, '');
      return {
        message,
        suggestion: meant !== text && refusal(() => bucketName(meant)) === undefined ? meant : undefined,
      };
    },
    { pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$', maxLength: 63 },
  );
}

/** What a check of the constructs throws, as text; undefined when it accepts. */
export function refusal(checked: () => unknown): string | undefined {
  try {
    checked();
    return undefined;
  } catch (error) {
    if (error instanceof Error) return error.message;
    throw error;
  }
}

/** The name of a PostgreSQL database. @param maximum characters */
export function databaseName(maximum: number = 63): z.ZodString {
  return scalar(
    `a database name: at most ${maximum} of a-z, 0-9 and inner underscores, beginning with a letter`,
    (text) => {
      const message = refusal(() => databaseIdentifier('name', text));
      if (message === undefined && text.length > maximum) {
        return {
          message: `the name has ${text.length} characters; at most ${maximum} fit into the names that are made of it`,
        };
      }
      if (message === undefined) return undefined;
      const meant = text
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .replace(/^[^a-z]+|_+$/g, '');
      const suggestion =
        meant !== text && refusal(() => databaseIdentifier('name', meant)) === undefined ? meant : undefined;
      return { message: message.replace(/^name ".*?":? /s, 'the name '), suggestion };
    },
    { pattern: '^[a-z]([a-z0-9_]*[a-z0-9])?$', maxLength: maximum },
  );
}

/** The value of a label: at most 63 of letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit. */
export function labelValue(): z.ZodString {
  return scalar(
    'a label value: at most 63 letters, digits, inner dashes, underscores and dots',
    (text) => {
      if (text.length > 63) return { message: `the label value has ${text.length} characters; at most 63 fit` };
      if (/^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$/.test(text)) return undefined;
      const meant = text.replace(/[^A-Za-z0-9_.-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
      return {
        message: text.includes(' ') ? 'a label value has no spaces' : 'no label can have this value',
        suggestion: meant,
      };
    },
    { pattern: '^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$', maxLength: 63 },
  );
}

/** The key of a label or an annotation: an optional DNS prefix and `/`, then at most 63 characters. */
export function qualifiedName(): z.ZodString {
  return scalar('a label key such as app.kubernetes.io/name', (text) => {
    const [name = '', prefix, ...more] = text.split('/').reverse();
    const goodPrefix =
      prefix === undefined ||
      (prefix.length <= 253 && prefix.split('.').every((part) => judgeLabel(part) === undefined));
    if (more.length === 0 && goodPrefix && name.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(name))
      return undefined;
    return { message: 'no label can have this key' };
  });
}

/** A key of a Secret or ConfigMap. */
export function secretKey(): z.ZodString {
  return scalar(
    'a key of a Secret: letters, digits, dashes, underscores and dots',
    (text) =>
      /^[-._a-zA-Z0-9]{1,253}$/.test(text) && !text.startsWith('..') && text !== '.'
        ? undefined
        : { message: 'no key of a Secret can be written like this' },
    { pattern: '^[-._a-zA-Z0-9]+$', maxLength: 253 },
  );
}
