import { createHash } from 'node:crypto';
import type { Operation, ValueKind } from './expression';

/** An argument as Helm's template language writes it, and what it is. */
export interface HelmArgument {
  readonly code: string;
  readonly kind: ValueKind;
  /** The text itself. @default - known at launch only */
  readonly literal?: string;
}

/** What a template sees at launch beside its values. */
export interface LaunchSurroundings {
  /** Objects of the namespace that `lookup` finds. @default - none, as in `helm template` */
  readonly secrets?: readonly LiveSecret[];
  /** Makes a random text of letters and digits. */
  readonly random: (length: number) => string;
}

/** A Secret that stands in the namespace already. */
export interface LiveSecret {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Values as they are, not in base64. */
  readonly data: Readonly<Record<string, string>>;
}

/** One operation: what it means in Helm, and what it means here. Tests hold both to give the same. */
interface Faces {
  readonly helm: (args: readonly HelmArgument[]) => string;
  readonly evaluate: (args: readonly unknown[], surroundings: LaunchSurroundings) => unknown;
}

/** Annotation by which a Secret offers a service to others of the namespace. Its value is the kind: `postgres`, `mlflow`. */
export const DISCOVERY_ANNOTATION = 'onyxia/discovery';

/** What Go calls empty. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

const code = (args: readonly HelmArgument[]): string => args.map((argument) => argument.code).join(' ');

/** A text of TypeScript as Go reads it: the escapes of JSON are Go's too. */
export function goString(text: string): string {
  return JSON.stringify(text);
}

/** How `printf` writes a value. */
const VERBS: Readonly<Partial<Record<ValueKind, string>>> = { string: '%s', integer: '%d', boolean: '%t' };

/** A text as the value of a label may be: what it may not hold becomes `_`, and it has 63 characters at most. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9._-]/g, '_')
    .slice(0, 63)
    .replace(/[^A-Za-z0-9]+$/, '');
}

/** Every operation with its two faces. */
export const OPERATIONS: Readonly<Record<Operation, Faces>> = {
  text: {
    helm: (args) => {
      const format = args.map(({ kind, literal }) => literal?.replaceAll('%', '%%') ?? VERBS[kind] ?? '%v').join('');
      const open = args.filter(({ literal }) => literal === undefined);
      return open.length === 0
        ? goString(args.map(({ literal = '' }) => literal).join(''))
        : `(printf ${goString(format)} ${code(open)})`;
    },
    evaluate: (args) => args.map(String).join(''),
  },
  fitted: {
    helm: ([text, length]) => `(${text?.code ?? ''} | trunc ${length?.code ?? ''} | trimSuffix "-")`,
    evaluate: ([text, length]) =>
      Buffer.from(String(text)).subarray(0, Number(length)).toString('utf8').replace(/-$/, ''),
  },
  lowerCase: {
    helm: (args) => `(lower ${code(args)})`,
    evaluate: ([text]) => String(text).toLowerCase(),
  },
  trimmed: {
    helm: ([text, end]) => `(trimSuffix ${end?.code ?? ''} ${text?.code ?? ''})`,
    evaluate: ([text, end]) =>
      String(end) !== '' && String(text).endsWith(String(end))
        ? String(text).slice(0, -String(end).length)
        : String(text),
  },
  label: {
    helm: (args) => `(include "bouture.label" ${code(args)})`,
    evaluate: ([text]) => labelValue(String(text)),
  },
  base64: {
    helm: (args) => `(b64enc ${code(args)})`,
    evaluate: ([text]) => Buffer.from(String(text)).toString('base64'),
  },
  sha256: {
    helm: (args) => `(sha256sum ${code(args)})`,
    evaluate: ([text]) => createHash('sha256').update(String(text)).digest('hex'),
  },
  json: {
    helm: (args) => `(toRawJson ${code(args)})`,
    // Go always escapes the two line ends of Unicode, which JavaScript leaves as they are.
    evaluate: ([value]) =>
      JSON.stringify(sorted(value)).replace(/[\u2028\u2029]/g, (end) => (end === '\u2028' ? '\\u2028' : '\\u2029')),
  },
  joined: {
    helm: ([list, separator]) => `(join ${separator?.code ?? ''} ${list?.code ?? ''})`,
    evaluate: ([list, separator]) => (list as unknown[]).map(String).join(String(separator)),
  },
  equals: {
    helm: (args) => `(eq ${code(args)})`,
    evaluate: ([a, b]) => a === b,
  },
  startsWith: {
    helm: ([text, start]) => `(hasPrefix ${start?.code ?? ''} ${text?.code ?? ''})`,
    evaluate: ([text, start]) => String(text).startsWith(String(start)),
  },
  not: {
    helm: (args) => `(not ${code(args)})`,
    evaluate: ([condition]) => isEmpty(condition),
  },
  all: {
    helm: (args) => `(and ${code(args)})`,
    evaluate: (args) => args.every((condition) => !isEmpty(condition)),
  },
  any: {
    helm: (args) => `(or ${code(args)})`,
    evaluate: (args) => args.some((condition) => !isEmpty(condition)),
  },
  isSet: {
    helm: (args) => `(not (empty ${code(args)}))`,
    evaluate: ([value]) => !isEmpty(value),
  },
  choose: {
    helm: ([condition, yes, no]) => `(ternary ${yes?.code ?? ''} ${no?.code ?? ''} ${condition?.code ?? ''})`,
    evaluate: ([condition, yes, no]) => (isEmpty(condition) ? no : yes),
  },
  fallback: {
    helm: ([value, otherwise]) => `(default ${otherwise?.code ?? ''} ${value?.code ?? ''})`,
    evaluate: ([value, otherwise]) => (isEmpty(value) ? otherwise : value),
  },
  discovered: {
    helm: ([kind]) => `(include "bouture.discovered" (list $ ${kind?.code ?? ''}))`,
    evaluate: ([kind], { secrets = [] }) =>
      secrets
        .filter(({ annotations }) => annotations[DISCOVERY_ANNOTATION] === kind)
        .map(({ name }) => name)
        .sort()[0] ?? '',
  },
  kept: {
    helm: ([name, key, length]) =>
      `(include "bouture.kept" (list $ ${name?.code ?? ''} ${key?.code ?? ''} ${length?.code ?? ''}))`,
    evaluate: ([name, key, length], { secrets = [], random }) =>
      secrets.find((secret) => secret.name === name)?.data[String(key)] ?? random(Number(length)),
  },
};

/** Named templates that the templates of a chart include: the only ones that there are. */
export const HELPERS = `{{/* A map or a list as JSON, which is YAML but for two characters. Where toYaml fails, it writes nothing and says nothing. */}}
{{- define "bouture.data" -}}
{{- mustToJson . | replace "\\u007f" "\\\\u007f" | replace "\\u0085" "\\\\u0085" -}}
{{- end -}}
{{/* A text as the value of a label may be. */}}
{{- define "bouture.label" -}}
{{- regexReplaceAll "[^A-Za-z0-9]+$" (regexReplaceAll "[^A-Za-z0-9._-]" . "_" | trunc 63) "" -}}
{{- end -}}
{{/* Name of the first Secret of the namespace that offers this kind of service; empty when there is none. */}}
{{- define "bouture.discovered" -}}
{{- $root := index . 0 -}}
{{- $kind := index . 1 -}}
{{- $found := list -}}
{{- range (lookup "v1" "Secret" $root.Release.Namespace "").items -}}
{{- if eq (dig "metadata" "annotations" "${DISCOVERY_ANNOTATION}" "" .) $kind -}}
{{- $found = append $found .metadata.name -}}
{{- end -}}
{{- end -}}
{{- first (append (sortAlpha $found) "") -}}
{{- end -}}
{{/* What stands in a Secret already, or a new random value: an upgrade changes no password. */}}
{{- define "bouture.kept" -}}
{{- $root := index . 0 -}}
{{- $live := lookup "v1" "Secret" $root.Release.Namespace (index . 1) -}}
{{- $value := dig "data" (index . 2) "" $live -}}
{{- if $value -}}{{- b64dec $value -}}{{- else -}}{{- randAlphaNum (int (index . 3)) -}}{{- end -}}
{{- end -}}
`;

/** With the keys of its maps in order, as Go writes them. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries: [string, unknown][] = Object.entries(value);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, item]) => [key, sorted(item)]),
  );
}
