import {
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type CST,
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Document,
  type YAMLError,
} from 'yaml';
import { type Path, type Problem, formatPath } from './problems';

/** Where something stands in a text. */
export interface Place {
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
}

/** A YAML document as plain data, with the place of each key and value. */
export interface SourceDocument {
  readonly file: string;
  readonly text: string;
  /** Plain data: objects without prototype tricks, lists, strings, numbers, booleans, null. */
  readonly value: unknown;
  /** Places of what could not be read: they are absent from the value, and told of already. */
  readonly unread: readonly Path[];
  /** Place of a value, or of the nearest thing around it that stands in the text. */
  placeOf(path: Path): Place | undefined;
  /** Place of the key itself, rather than of its value. */
  placeOfKey(path: Path): Place | undefined;
  /** A scalar as it is written, before YAML made a number or a boolean of it. */
  writtenAt(path: Path): string | undefined;
}

/** The deepest nesting that is read: a configuration has less than ten levels. */
const MAX_DEPTH = 64;

/** Keys that reach an object's prototype in JavaScript. */
const PROTOTYPE_KEYS = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Parses YAML 1.2 strictly: one document, unique text keys, no tags, no aliases (so no alias bomb), bounded nesting.
 *
 * @returns the document and what is wrong with it as YAML; `value` is undefined when the syntax is broken
 */
export function parseDocument(file: string, text: string): { document: SourceDocument; problems: Problem[] } {
  return new Reader(file, text).read();
}

interface Entry {
  readonly key: number | undefined;
  readonly value: number | undefined;
  readonly written: string | undefined;
}

/** How deeply nested the text is, from an upper bound on what the lexer's pieces can open. */
class DepthGauge {
  private flow = 0;
  private inline = 0;
  private readonly indents: number[] = [];
  private atLineStart = true;
  private inScalar = false;

  /** @returns the depth after one piece: open brackets, `- - -` on one line, and steps of indentation */
  measure(lexeme: string): number {
    if (this.inScalar) this.inScalar = false;
    else if (lexeme === '\x1f') this.inScalar = true;
    else if (lexeme === '[' || lexeme === '{') this.flow++;
    else if (lexeme === ']' || lexeme === '}') this.flow--;
    else if (this.flow === 0 && (lexeme === '-' || lexeme === '?' || lexeme === ':')) this.inline++;
    if (lexeme === '\n' || lexeme === '\r\n') {
      this.atLineStart = true;
      this.inline = 0;
    } else if (this.atLineStart) {
      this.atLineStart = false;
      this.indent(/^ +$/.test(lexeme) ? lexeme.length : 0);
    }
    return this.flow + this.inline + this.indents.length;
  }

  private indent(width: number): void {
    while (this.indents.length > 0 && (this.indents.at(-1) ?? 0) >= width) this.indents.pop();
    if (width > 0) this.indents.push(width);
  }
}

class Reader {
  private readonly lines = new LineCounter();
  private readonly entries = new Map<string, Entry>();
  private readonly problems: Problem[] = [];
  private readonly unread: Path[] = [];

  constructor(
    private readonly file: string,
    private readonly text: string,
  ) {}

  read(): { document: SourceDocument; problems: Problem[] } {
    const value = this.parse();
    const document: SourceDocument = {
      file: this.file,
      text: this.text,
      value,
      unread: this.unread,
      placeOf: (path) => this.nearest(path, (entry) => entry.value ?? entry.key),
      placeOfKey: (path) => this.nearest(path, (entry) => entry.key ?? entry.value),
      writtenAt: (path) => this.entries.get(JSON.stringify(path))?.written,
    };
    return { document, problems: this.problems };
  }

  private parse(): unknown {
    let documents: Document.Parsed[];
    try {
      documents = this.compose();
    } catch (error) {
      const why = error instanceof Error ? firstLine(error.message) : 'unreadable';
      this.report(undefined, [], `not valid YAML: ${why}`);
      return undefined;
    }
    const [document, second] = documents;
    if (second !== undefined) {
      this.report(second.range[0], [], 'a second document begins here; expected one document: remove the line ---');
    }
    if (document === undefined) return null;
    if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
      this.report(0, [], 'expected YAML 1.2: remove the line %YAML');
    }
    // A tag that is not known is a mere warning to the parser.
    for (const error of [...document.errors, ...document.warnings]) this.reportSyntax(error);
    if (this.problems.length > 0) return undefined;
    const value = this.convert(document.contents, [], undefined);
    return this.problems.length > 0 && value === undefined ? undefined : value;
  }

  private compose(): Document.Parsed[] {
    // Unique keys are checked below: the parser's own check takes the square of their number.
    const composer = new Composer({ strict: true, uniqueKeys: false, version: '1.2' });
    return [...composer.compose(this.tokens(), true, this.text.length)] as Document.Parsed[];
  }

  /**
   * The parser's tokens, but none of text that is nested too deeply: what comes after is recursive, and a few thousand open
   * brackets end the process rather than throw.
   */
  private *tokens(): Generator<CST.Token> {
    const parser = new Parser(this.lines.addNewLine);
    this.lines.addNewLine(0);
    const depth = new DepthGauge();
    for (const lexeme of new Lexer().lex(this.text)) {
      if (depth.measure(lexeme) > MAX_DEPTH) throw new RangeError(`nested deeper than ${MAX_DEPTH} levels`);
      yield* parser.next(lexeme);
    }
    yield* parser.end();
  }

  private convert(node: Node | null | undefined, path: Path, key: number | undefined): unknown {
    const start = node?.range?.[0];
    const written = isScalar(node) ? node.source : undefined;
    this.entries.set(JSON.stringify(path), { key, value: start, written });
    if (node === null || node === undefined) return null;
    if (path.length > MAX_DEPTH) {
      this.report(start, path.slice(0, 8), `nested deeper than ${MAX_DEPTH} levels`);
      return undefined;
    }
    if (isAlias(node)) {
      this.report(start, path, `an alias (*${node.source}) is not read; expected the value itself: write it out`);
      return undefined;
    }
    if (isScalar(node)) return this.scalar(node.value, node.source, start, path);
    if (isSeq(node))
      return node.items.map((item, index) => this.convert(item as Node | null, [...path, index], undefined));
    return isMap(node) ? this.map(node.items, path) : undefined;
  }

  private scalar(value: unknown, written: string | undefined, start: number | undefined, path: Path): unknown {
    if (typeof value === 'number' && written !== undefined && /^[-+]?0\d/.test(written)) {
      this.report(start, path, `a leading zero: is ${written} octal? write the number without it, or a text in quotes`);
      return undefined;
    }
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value;
    if (typeof value === 'bigint') return Number(value);
    this.report(start, path, 'expected a text, a number or a boolean');
    return undefined;
  }

  private map(items: readonly { key: unknown; value: unknown }[], path: Path): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const { key, value } of items) {
      if (!isScalar(key) || typeof key.value !== 'string') {
        const written = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
        const start = (key as Node | null)?.range?.[0];
        this.report(
          start,
          path,
          `a key must be a text${written === undefined ? '' : `: write "${written}" in quotes`}`,
        );
        continue;
      }
      const place = key.range?.[0];
      const inner = [...path, key.value];
      if (PROTOTYPE_KEYS.has(key.value)) {
        this.report(place, inner, `the key "${key.value}" is refused: no setting has this name`);
        continue;
      }
      if (Object.hasOwn(result, key.value)) {
        this.report(place, inner, 'this key stands twice in one place: keep one of them');
        continue;
      }
      const converted = this.convert(value as Node | null, inner, place);
      if (converted !== undefined) result[key.value] = converted;
    }
    return result;
  }

  private nearest(path: Path, pick: (entry: Entry) => number | undefined): Place | undefined {
    for (let length = path.length; length >= 0; length--) {
      const entry = this.entries.get(JSON.stringify(path.slice(0, length)));
      const offset =
        entry === undefined ? undefined : length === path.length ? pick(entry) : (entry.key ?? entry.value);
      if (offset !== undefined) return this.place(offset);
    }
    return undefined;
  }

  private place(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private report(offset: number | undefined, path: Path, message: string): void {
    const place = offset === undefined ? {} : this.place(offset);
    this.unread.push(path);
    this.problems.push({ file: this.file, ...place, path: formatPath(path), message });
  }

  private reportSyntax(error: YAMLError): void {
    this.report(error.pos[0], [], explain(error));
  }
}

/** The parser's own message, or a plainer one where people meet it often. */
function explain(error: YAMLError): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'a tab in the indentation: YAML indents by spaces';
    case 'TAG_RESOLVE_FAILED':
      return `a tag is not read (${firstLine(error.message)}): a configuration holds plain values`;
    default:
      return `not valid YAML: ${firstLine(error.message)}`;
  }
}

/** Without what the parser appends: a picture of the line, which may hold a secret. */
function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '').slice(0, 120);
}
