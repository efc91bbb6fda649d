import { createHmac } from 'node:crypto';
import type { RecordsConfig } from '../config.js';
import { readSecret } from '../secrets.js';

/** Makes free text unreadable for those who read the records: descriptions may hold names of people. */
export interface Mask {
  /** The masked form of a description. */
  text(text: string): string;
  /** The masked form of what the model read, word by word, so that words can still be counted. */
  words(text: string): string;
}

const WORD_DIGITS = 16;

/** @throws Error when the key cannot be read */
export function maskOf(masking: RecordsConfig['masking']): Mask {
  switch (masking.kind) {
    case 'none':
      return { text: (text) => text, words: (text) => text };
    case 'drop':
      return { text: () => '', words: () => '' };
    case 'hash': {
      const key = readSecret(masking.key);
      const hash = (text: string) => createHmac('sha256', key).update(text).digest('hex');
      return {
        text: (text) => (text === '' ? '' : `hmac-sha256:${hash(text)}`),
        words: (text) =>
          text === ''
            ? ''
            : text
                .split(' ')
                .map((word) => hash(word).slice(0, WORD_DIGITS))
                .join(' '),
      };
    }
  }
}
