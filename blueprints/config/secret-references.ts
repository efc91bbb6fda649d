import { z } from 'zod';
import { objectName, secretKey } from './names';
import { facets } from './scalar';

/** How a secret is named in a configuration, for messages. */
export const SECRET_FORM = '{secret: NAME, key: KEY}';

/**
 * Where a secret value stands: a key of a Secret that exists in the cluster. A value in its place is refused unseen, for it
 * may be the secret itself.
 *
 * @param what the value that stands there
 */
export function secretReference(what: string) {
  return z
    .strictObject({
      secret: objectName().describe('Name of the Secret.'),
      key: secretKey().describe('Key in the Secret.'),
    })
    .register(facets, {
      secret: true,
      expected: `a reference to the Secret that holds ${what}, ${SECRET_FORM}: a configuration holds no secret itself`,
    });
}
