const BOW = '<';
const EOW = '>';
/** The word that ends each line. */
export const END_OF_LINE = '</s>';
/** How the library knows a label that is not in the dictionary: a saved model does not keep another prefix. */
const LABEL_PREFIX = '__label__';

const encoder = new TextEncoder();

/** What a word of a text brings: rows of the input matrix, and its hash for runs of words. */
export interface WordRows {
  readonly word: string;
  readonly hash: number;
  readonly rows: Uint32Array;
}

export interface DictionaryProps {
  /** Words by their place, which is their row. */
  readonly words: readonly string[];
  readonly labels: readonly string[];
  readonly minn: number;
  readonly maxn: number;
  readonly bucket: number;
  /** How many words are remembered with their rows. */
  readonly remembered: number;
}

/** FNV-1a over bytes that are extended by their sign, as the library does it. @returns a signed 32-bit number */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 2166136261 | 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    hash = Math.imul(hash ^ (byte < 128 ? byte : byte | 0xffffff00), 16777619);
  }
  return hash;
}

/** The words of a model; remembers a bounded number of words with their rows. */
export class Dictionary {
  private readonly places = new Map<string, number>();
  private readonly labels: ReadonlySet<string>;
  /** Two generations: when the younger is full, the older is forgotten. */
  private young = new Map<string, WordRows>();
  private old = new Map<string, WordRows>();

  constructor(private readonly props: DictionaryProps) {
    props.words.forEach((word, place) => this.places.set(word, place));
    this.labels = new Set(props.labels);
  }

  /** The words of one line, the end of the line as the last. Labels in it are left out. */
  line(text: string): WordRows[] {
    const words: WordRows[] = [];
    let start = -1;
    for (let i = 0; i <= text.length; i++) {
      // The library parts words at a space, \t \n \v \f \r and a zero.
      const code = i < text.length ? text.charCodeAt(i) : 32;
      const parts = code === 32 || (code >= 9 && code <= 13) || code === 0;
      if (!parts) {
        if (start < 0) start = i;
      } else if (start >= 0) {
        const word = text.slice(start, i);
        start = -1;
        if (word === END_OF_LINE) break;
        const rows = this.rowsOf(word);
        if (rows !== undefined) words.push(rows);
      }
    }
    const end = this.rowsOf(END_OF_LINE);
    if (end !== undefined) words.push(end);
    return words;
  }

  private rowsOf(word: string): WordRows | undefined {
    const young = this.young.get(word);
    if (young !== undefined) return young;
    const old = this.old.get(word);
    if (old === undefined && (this.labels.has(word) || (!this.places.has(word) && word.startsWith(LABEL_PREFIX)))) {
      return undefined;
    }
    const rows = old ?? this.look(word);
    if (this.young.size >= this.props.remembered / 2) {
      this.old = this.young;
      this.young = new Map();
    }
    // A part of a text would keep the whole text in memory.
    this.young.set(old === undefined ? Buffer.from(word).toString() : word, rows);
    return rows;
  }

  private look(word: string): WordRows {
    const bytes = encoder.encode(word);
    const place = this.places.get(word);
    const rows = place === undefined ? [] : [place];
    const parts = place === undefined || this.props.maxn > 0;
    if (word !== END_OF_LINE && parts) this.addSubwords(encoder.encode(`${BOW}${word}${EOW}`), rows);
    return { word, hash: hashOf(bytes, 0, bytes.length), rows: Uint32Array.from(rows) };
  }

  /** Adds the rows of runs of characters; a single character at an end of the word has none. */
  private addSubwords(bytes: Uint8Array, rows: number[]): void {
    const { minn, maxn, bucket, words } = this.props;
    if (bucket === 0) return;
    const continues = (at: number) => ((bytes[at] ?? 0) & 0xc0) === 0x80;
    for (let from = 0; from < bytes.length; from++) {
      if (continues(from)) continue;
      let to = from;
      for (let length = 1; to < bytes.length && length <= maxn; length++) {
        to++;
        while (to < bytes.length && continues(to)) to++;
        if (length < minn || (length === 1 && (from === 0 || to === bytes.length))) continue;
        rows.push(words.length + ((hashOf(bytes, from, to) >>> 0) % bucket));
      }
    }
  }
}
