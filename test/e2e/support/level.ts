/** True with BOUTURE_E2E=full: every repetition and variant, for a release rather than for each change. */
export const FULL = process.env['BOUTURE_E2E'] === 'full';

/** A test of the full level. At the default level it is left out, and the end of the run names it. */
export const fullTest: typeof test = FULL ? test : test.skip;

/** Tests of the full level. */
export const describeFull: typeof describe = FULL ? describe : describe.skip;
