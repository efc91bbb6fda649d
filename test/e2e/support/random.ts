import { say } from './waiting';

/**
 * A source of numbers from 0 to 1 that gives the same ones for the same seed, which it prints. BOUTURE_E2E_SEED repeats a run.
 * The generator is mulberry32.
 */
export function seededRandom(): () => number {
  const seed = Number(process.env['BOUTURE_E2E_SEED'] ?? Date.now() % 2 ** 32);
  say(`random moments of seed ${seed} (BOUTURE_E2E_SEED=${seed} repeats them)`);
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
