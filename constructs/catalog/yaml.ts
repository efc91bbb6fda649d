import { dump } from 'js-yaml';

/** Texts that every reader of YAML takes for a text without quotes. */
const PLAIN = /^[A-Za-z/_][A-Za-z0-9/._-]*(:[A-Za-z0-9/._-]+)*$/;
/** Of those, what some reader takes for something else. */
const RESERVED = /^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$/i;

/** Plain data as a YAML document: no references, no folding, the same bytes everywhere. */
export function yamlDocument(data: unknown): string {
  return dump(data, { noRefs: true, lineWidth: -1, quoteStyle: 'double' });
}

/** Whether a text needs no quotes. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text) && !RESERVED.test(text);
}

/** A map of one value as a YAML document. What is simple, as most values are, is written without asking the whole writer. */
export function yamlEntry(name: string, value: unknown): string {
  const text = isPlain(name) ? simple(value) : undefined;
  return text === undefined ? yamlDocument({ [name]: value }) : `${name}: ${text}\n`;
}

function simple(value: unknown): string | undefined {
  if (value === '') return '""';
  if (typeof value === 'string') return isPlain(value) ? value : undefined;
  const isSimple =
    typeof value === 'boolean' || value === null || (Number.isSafeInteger(value) && !Object.is(value, -0));
  return isSimple ? String(value) : undefined;
}
