import snowball from 'snowball-stemmers';
import type { Step } from './spec.js';

/** The steps of a specification; ../../README.md of the case defines them. */

const SPACE = 32;
const FIRST_LETTER = 65;
const LAST_LETTER = 90;
const LAST_PRINTABLE = 126;

/** Gives a character (code point) its text. */
export type CharacterStep = (code: number) => string;
/** Changes the words of a description. */
export type WordStep = (words: string[]) => string[];

const isPrintable = (code: number): boolean => code >= SPACE && code <= LAST_PRINTABLE;

/** A step on characters, or undefined when the step is one on words. */
export function characterStep(step: Step): CharacterStep | undefined {
  switch (step.op) {
    case 'transliterate': {
      const table = new Map(Object.entries(step.table).map(([character, text]) => [character.codePointAt(0), text]));
      return (code) => table.get(code) ?? (isPrintable(code) ? String.fromCharCode(code) : ' ');
    }
    case 'lowercase':
      return (code) => String.fromCharCode(code >= FIRST_LETTER && code <= LAST_LETTER ? code + 32 : code);
    case 'keep':
      return (code) => {
        const character = String.fromCharCode(code);
        return step.characters.includes(character) ? character : ' ';
      };
    default:
      return undefined;
  }
}

/** A step on words, or undefined when the step is one on characters. */
export function wordStep(step: Step): WordStep | undefined {
  switch (step.op) {
    case 'removePhrases':
      return removePhrases(step.phrases);
    case 'joinPrefix':
      return joinPrefix(step.prefixes);
    case 'removeWords': {
      const removed = new Set(step.words);
      return (words) => words.filter((word) => !removed.has(word));
    }
    case 'minimumLength':
      return (words) => words.filter((word) => word.length >= step.characters);
    case 'uniqueWords':
      return (words) => [...new Set(words)];
    case 'stem':
      return stem(step.algorithm);
    default:
      return undefined;
  }
}

interface PhraseNode {
  readonly next: Map<string, PhraseNode>;
  ends: boolean;
}

function removePhrases(phrases: readonly string[]): WordStep {
  const root: PhraseNode = { next: new Map(), ends: false };
  for (const phrase of phrases) {
    let node = root;
    for (const word of phrase.split(' ')) {
      const next = node.next.get(word) ?? { next: new Map<string, PhraseNode>(), ends: false };
      node.next.set(word, next);
      node = next;
    }
    node.ends = true;
  }
  /** Words of the longest phrase that begins at a place, 0 when none does. */
  const longest = (words: readonly string[], from: number): number => {
    let found = 0;
    let node: PhraseNode | undefined = root;
    for (let at = from; at < words.length; at++) {
      node = node.next.get(words[at] ?? '');
      if (node === undefined) break;
      if (node.ends) found = at + 1 - from;
    }
    return found;
  };
  return (words) => {
    const left: string[] = [];
    for (let at = 0; at < words.length;) {
      const taken = longest(words, at);
      if (taken === 0) left.push(words[at] ?? '');
      at += taken || 1;
    }
    return left;
  };
}

function joinPrefix(prefixes: readonly string[]): WordStep {
  const free = new Set(prefixes);
  return (words) => {
    const joined: string[] = [];
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? '';
      const next = words[at + 1];
      if (free.has(word) && next !== undefined) {
        joined.push(word + next);
        at++;
        continue;
      }
      const prefix = prefixes.find((each) => word.length > each.length + 1 && word.startsWith(`${each}-`));
      joined.push(prefix === undefined ? word : prefix + word.slice(prefix.length + 1));
    }
    return joined;
  };
}

/** Stems that are remembered: two generations, of which the older is forgotten when the younger is full. */
const REMEMBERED_STEMS = 50_000;

function stem(algorithm: 'french'): WordStep {
  const stemmer = snowball.newStemmer(algorithm);
  let young = new Map<string, string>();
  let old = new Map<string, string>();
  return (words) =>
    words.map((word) => {
      const known = young.get(word);
      if (known !== undefined) return known;
      const found = old.get(word) ?? stemmer.stem(word);
      if (young.size >= REMEMBERED_STEMS) {
        old = young;
        young = new Map();
      }
      young.set(word, found);
      return found;
    });
}
