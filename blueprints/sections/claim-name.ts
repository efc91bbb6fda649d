import { type z } from 'zod';
import { scalar } from '../config/scalar';

/** The name of a claim of a token. */
export function claimName(): z.ZodString {
  return scalar('the name of a claim', (value) =>
    /^[A-Za-z0-9_.:/-]{1,200}$/.test(value) ? undefined : { message: 'no name of a claim' },
  );
}
