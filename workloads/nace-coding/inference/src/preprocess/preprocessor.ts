import { type CharacterStep, characterStep, type WordStep, wordStep } from './steps.js';
import type { PreprocessSpec, Step } from './spec.js';

/** What stands for a field of a form that was not given. */
const MISSING = 'NaN';
const TABLE_SIZE = 0x250;

/** A form that describes an activity; ../../README.md of the case says what each field holds. */
export interface Form {
  readonly text: string;
  readonly type: string | null;
  readonly nature: string | null;
  readonly surface: string | null;
  readonly event: string | null;
  readonly cj: string | null;
  readonly permanence: string | null;
}

/** Carries out the `preprocess.json` of a model. */
export class Preprocessor {
  private readonly stages: readonly ((text: string) => string)[];

  constructor(private readonly spec: PreprocessSpec) {
    this.stages = stagesOf(spec.steps);
  }

  /** The words of a description after all steps; empty when none is left. */
  words(text: string): string {
    return this.stages.reduce((sofar, stage) => stage(sofar), text);
  }

  /** What the model reads of a form; empty when no word is left, whatever its other fields say. */
  read(form: Form): string {
    const words = this.words(form.text);
    if (words === '') return '';
    return this.spec.features.reduce((text, { token, field }) => `${text} ${token}_${form[field] || MISSING}`, words);
  }
}

const notEmpty = (word: string): boolean => word !== '';

/** Steps on characters that follow each other become one table, steps on words one pass over a list. */
function stagesOf(steps: readonly Step[]): ((text: string) => string)[] {
  const stages: ((text: string) => string)[] = [];
  let characters: CharacterStep[] = [];
  let words: WordStep[] = [];
  const close = () => {
    if (characters.length > 0) stages.push(characterStage(characters));
    if (words.length > 0) stages.push(wordStage(words));
    characters = [];
    words = [];
  };
  for (const step of steps) {
    const onCharacters = characterStep(step);
    const onWords = wordStep(step);
    // Only one of the two lists is ever begun.
    if (onCharacters === undefined ? characters.length > 0 : words.length > 0) close();
    if (onCharacters !== undefined) characters.push(onCharacters);
    if (onWords !== undefined) words.push(onWords);
  }
  close();
  return stages;
}

function wordStage(steps: readonly WordStep[]): (text: string) => string {
  return (text) => {
    if (text === '') return '';
    let words = text.split(' ');
    for (const step of steps) words = step(words);
    return words.join(' ');
  };
}

function characterStage(steps: readonly CharacterStep[]): (text: string) => string {
  const [first, ...others] = steps;
  const textOf = (code: number) =>
    others.reduce(
      (text, step) => Array.from(text, (character) => step(character.charCodeAt(0))).join(''),
      first?.(code) ?? ' ',
    );
  const table = Array.from({ length: TABLE_SIZE }, (_, code) => textOf(code));
  return (text) => {
    let changed = '';
    for (let at = 0; at < text.length; at++) {
      const code = text.codePointAt(at) ?? 0;
      changed += table[code] ?? textOf(code);
      if (code > 0xffff) at++;
    }
    return changed.split(' ').filter(notEmpty).join(' ');
  };
}
