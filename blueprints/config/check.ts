import { z } from 'zod';
import { secretShape } from '../../constructs/platform/secret-shapes';
import { type SourceDocument } from './document';
import { nearest } from './nearest';
import { formatPath, type Path, type Problem } from './problems';
import { facets, type Facets, type Verdict } from './scalar';
import { isSecretKey, isSecretPath, showable } from './secrecy';
import { SECRET_FORM } from './secret-references';

/** What breaks a rule between fields: a combination that cannot work. */
export interface Conflict {
  /** Where the remedy is applied. */
  readonly path: Path;
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string | undefined;
  /** Further places that the rule reads: where one of them is wrong by itself, the conflict is not reported. */
  readonly reads?: readonly Path[];
}

/** A configuration of which some parts may be missing, because they are wrong or have a default. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? readonly Partially<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

/** A rule between fields. It sees what was written, without defaults and without the parts that are wrong by themselves. */
export type Rule<Input> = (config: Partially<Input>) => Iterable<Conflict>;

/** Old names of keys, by the place where they stood: what the message tells. */
export type RenamedKeys = Readonly<Record<string, string>>;

const NO_SECRETS = 'a configuration holds no secret';

/** The result of a check: the configuration with its defaults, or what is wrong with it beyond what reading the document told. */
export type Checked<T> = { readonly config: T } | { readonly problems: readonly Problem[] };

/**
 * Checks plain data against a schema and the rules between its fields, and reports all problems at once, in the order of the file.
 *
 * @param renamed keys that had another name in the past, or have one elsewhere
 */
export function check<Schema extends z.ZodType>(
  document: SourceDocument,
  schema: Schema,
  rules: readonly Rule<z.input<Schema>>[],
  renamed: RenamedKeys = {},
): Checked<z.output<Schema>> {
  const parsed = schema.safeParse(document.value);
  const reporter = new Reporter(document, schema, renamed);
  for (const issue of parsed.error?.issues ?? []) reporter.issue(issue, []);
  reporter.texts(document.value, []);
  const sound = reporter.withoutFaults(document.value) as Partially<z.input<Schema>>;
  if (typeof sound === 'object') {
    for (const rule of rules) for (const conflict of rule(sound)) reporter.conflict(conflict);
  }
  const { problems } = reporter;
  if (problems.length > 0 || document.unread.length > 0) return { problems };
  if (!parsed.success) throw new Error('a schema refused a configuration without telling why');
  return { config: parsed.data };
}

class Reporter {
  private readonly found: Problem[] = [];
  private readonly faults = new Map<string, Path>();

  constructor(
    private readonly document: SourceDocument,
    private readonly schema: z.ZodType,
    private readonly renamed: RenamedKeys,
  ) {
    for (const path of document.unread) this.fault(path);
  }

  issue(issue: z.core.$ZodIssue, prefix: Path): void {
    const path = [...prefix, ...(issue.path as Path)];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) this.unknownKey(path, key);
      return;
    }
    const value = valueAt(this.document.value, path);
    if (value === undefined && this.isFaulty(path)) return;
    this.fault(path);
    const known = describeAt(this.schema, path);
    const secret = known.facets.secret === true || isSecretPath(path) || this.insideSecret(path);
    const wrongType = issue.code === 'invalid_type' || issue.code === 'invalid_value';
    const explained = wrongType && value !== undefined ? known.facets.explain?.(value) : undefined;
    const { message, suggestion } = explained ?? this.explain(issue, path, value, known);
    const given = secret || value === undefined || value === null ? undefined : showable(path, value);
    const expected = (issue.code === 'invalid_key' ? undefined : known.facets.expected) ?? expectationOf(issue);
    this.report(path, {
      message,
      ...(given === undefined ? {} : { given }),
      ...(expected === undefined || message.includes(expected) ? {} : { expected }),
      ...(suggestion === undefined || secret ? {} : { suggestion }),
    });
  }

  private explain(issue: z.core.$ZodIssue, path: Path, value: unknown, known: Known): Verdict {
    if (issue.code === 'custom') return { message: issue.message, suggestion: suggestionOf(issue) };
    if (value === undefined) return { message: 'this key is missing' };
    if (value === null) return { message: 'the value is empty: give one, or leave the key out' };
    switch (issue.code) {
      case 'invalid_type':
      case 'invalid_value':
        return this.wrongType(issue, path, value, known);
      case 'too_small':
      case 'too_big':
        return { message: issue.code === 'too_small' ? 'too small' : 'too large' };
      case 'invalid_key':
        return {
          message: issue.issues[0]?.message ?? 'no such key can be written',
          suggestion: suggestionOf(issue.issues[0]),
        };
      default:
        return { message: `this is ${nameOfType(value)}` };
    }
  }

  private wrongType(
    issue: z.core.$ZodIssueInvalidType | z.core.$ZodIssueInvalidValue,
    path: Path,
    value: unknown,
    { type, facets: { judge } }: Known,
  ): Verdict {
    if (issue.code === 'invalid_value') {
      const values = issue.values.filter((option) => typeof option === 'string');
      return {
        message: 'no such choice',
        suggestion: typeof value === 'string' ? nearest(value, values) : undefined,
      };
    }
    const written = this.document.writtenAt(path);
    if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean')) {
      const text = written ?? String(value);
      return (
        judge?.(text) ?? {
          message: `YAML reads this as a ${typeof value}: write it in quotes`,
          suggestion: JSON.stringify(text),
        }
      );
    }
    if (type === 'boolean' && typeof value === 'string') {
      const meant = /^(yes|on|y|true)$/i.test(value) ? 'true' : /^(no|off|n|false)$/i.test(value) ? 'false' : undefined;
      return {
        message: meant === undefined ? 'this is a text' : 'YAML 1.2 reads this as a text, not as a boolean',
        suggestion: meant,
      };
    }
    if (type === 'number' && typeof value === 'string' && /^\d+$/.test(value)) {
      return { message: 'this is a text, not a number', suggestion: String(Number(value)) };
    }
    if (type === 'number' && typeof value === 'number') {
      return { message: Number.isFinite(value) ? 'not a whole number' : 'no number that can be counted with' };
    }
    return { message: `this is ${nameOfType(value)}` };
  }

  private unknownKey(path: Path, key: string): void {
    const full = [...path, key];
    this.fault(full);
    const keys = keysAt(this.schema, path);
    const renamed = this.renamedKeys(path);
    const near = nearest(key, [...keys, ...renamed.keys()]);
    const newName = renamed.get(near ?? '');
    if (near === undefined && isSecretKey(key) && typeof valueAt(this.document.value, full) === 'string') {
      this.report(
        full,
        { message: `${NO_SECRETS}: put it into a Secret of the cluster and refer to it as ${SECRET_FORM}` },
        true,
      );
    } else if (newName !== undefined) {
      this.report(
        full,
        { message: `unknown key: what was meant is called ${newName} here`, suggestion: newName },
        true,
      );
    } else {
      const expected = keys.length === 0 ? 'no key here' : `one of ${keys.join(', ')}`;
      this.report(
        full,
        { message: 'unknown key', ...(near === undefined ? { expected } : { suggestion: near }) },
        true,
      );
    }
  }

  /** Old names of keys at a place, with the new ones. */
  private renamedKeys(path: Path): Map<string, string> {
    const prefix = path.length === 0 ? '' : `${formatPath(path).replace(/\[\d+\]/g, '[]')}.`;
    return new Map(
      Object.entries(this.renamed)
        .filter(([old]) => old.startsWith(prefix) && /^[A-Za-z0-9]+$/.test(old.slice(prefix.length)))
        .map(([old, name]) => [old.slice(prefix.length), name]),
    );
  }

  /** What may stand nowhere as plain text: secrets, recognised by their shape, and placeholders, which nobody fills in. */
  texts(value: unknown, path: Path): void {
    if (typeof value === 'string') {
      if (this.isFaulty(path)) return;
      const shape = secretShape(value);
      const placeholder = /\$\{.{0,80}?\}|\{\{.{0,80}?\}\}/.exec(value)?.[0];
      if (shape !== undefined)
        this.refuse(path, `this looks like ${shape}: ${NO_SECRETS}; refer to one as ${SECRET_FORM}`);
      else if (placeholder !== undefined) this.refuse(path, 'a placeholder is not filled in: write the value itself');
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        this.texts(inner, [...path, Array.isArray(value) ? Number(key) : key]);
      }
    }
  }

  private refuse(path: Path, message: string): void {
    this.fault(path);
    this.report(path, { message });
  }

  conflict(conflict: Conflict): void {
    if ([conflict.path, ...(conflict.reads ?? [])].some((path) => this.isFaulty(path))) return;
    const { message, expected, suggestion } = conflict;
    const value = valueAt(this.document.value, conflict.path);
    const given = typeof value === 'object' ? undefined : showable(conflict.path, value);
    this.report(conflict.path, {
      message,
      ...(given === undefined ? {} : { given }),
      ...(expected === undefined ? {} : { expected }),
      ...(suggestion === undefined ? {} : { suggestion }),
    });
  }

  /** The data without the parts that are wrong by themselves, so that rules can read the rest. */
  withoutFaults(value: unknown, path: Path = []): unknown {
    if (this.faults.has(JSON.stringify(path))) return undefined;
    if (Array.isArray(value))
      return value
        .map((item, index) => this.withoutFaults(item, [...path, index]))
        .filter((item) => item !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(
      ([key, inner]) => [key, this.withoutFaults(inner, [...path, key])] as const,
    );
    return Object.fromEntries(entries.filter(([, inner]) => inner !== undefined && inner !== null));
  }

  get problems(): readonly Problem[] {
    return this.found;
  }

  private fault(path: Path): void {
    this.faults.set(JSON.stringify(path), path);
  }

  private isFaulty(path: Path): boolean {
    return path.some((_, index) => this.faults.has(JSON.stringify(path.slice(0, index + 1)))) || this.faults.has('[]');
  }

  private insideSecret(path: Path): boolean {
    return path.some((_, index) => describeAt(this.schema, path.slice(0, index)).facets.secret === true);
  }

  private report(path: Path, problem: Omit<Problem, 'file' | 'path'>, atKey = false): void {
    const place = atKey ? this.document.placeOfKey(path) : this.document.placeOf(path);
    this.found.push({ file: this.document.file, ...place, path: formatPath(path), ...problem });
  }
}

function suggestionOf(issue: z.core.$ZodIssue | undefined): string | undefined {
  const suggestion: unknown = issue?.code === 'custom' ? issue.params?.['suggestion'] : undefined;
  return typeof suggestion === 'string' ? suggestion : undefined;
}

/** How people call the types of a schema. */
const EXPECTED_TYPES: Readonly<Record<string, string>> = {
  object: 'a block of keys',
  record: 'a block of keys',
  array: 'a list',
  string: 'a text',
  boolean: 'true or false',
};

function expectationOf(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return EXPECTED_TYPES[issue.expected] ?? `a ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small':
      return issue.origin === 'array' ? `at least ${issue.minimum} entries` : `at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'array' ? `at most ${issue.maximum} entries` : `at most ${issue.maximum}`;
    default:
      return undefined;
  }
}

function nameOfType(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'a block of keys';
    case 'string':
      return 'a text';
    default:
      return `a ${typeof value}`;
  }
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[part];
  }
  return current;
}

/** The schema of a place, without the wrappers that make it optional or give it a default. */
function schemaAt(schema: z.ZodType, path: Path): z.ZodType | undefined {
  let current: z.ZodType | undefined = bare(schema);
  for (const part of path) {
    if (current instanceof z.ZodObject) {
      const shape = current.shape as Readonly<Record<string, z.ZodType>>;
      current = Object.hasOwn(shape, part) ? shape[part] : undefined;
    } else if (current instanceof z.ZodArray) current = current.element as z.ZodType;
    else if (current instanceof z.ZodRecord) current = current.valueType as z.ZodType;
    else current = undefined;
    if (current === undefined) return undefined;
    current = bare(current);
  }
  return current;
}

function bare(schema: z.ZodType): z.ZodType {
  let current = schema;
  while (
    current instanceof z.ZodOptional ||
    current instanceof z.ZodExactOptional ||
    current instanceof z.ZodDefault ||
    current instanceof z.ZodPrefault
  ) {
    current = current.unwrap() as z.ZodType;
  }
  return current;
}

/** What the schema knows of a place. */
interface Known {
  readonly facets: Facets;
  readonly type: string | undefined;
}

function describeAt(schema: z.ZodType, path: Path): Known {
  const found = schemaAt(schema, path);
  return { facets: (found === undefined ? undefined : facets.get(found)) ?? {}, type: found?.def.type };
}

function keysAt(schema: z.ZodType, path: Path): readonly string[] {
  const found = schemaAt(schema, path);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}
