import type { Expression } from '../expression';
import { fallback } from '../functions';
import { injected } from '../onyxia-context';
import { value } from '../schema';

/** Who signs in where the person has no address. */
const NOBODY = 'owner@localhost';

/** The address that the person who launched a service signs in with. */
export function ownerEmail() {
  return value.text({
    default: '',
    title: { en: 'Your e-mail address', fr: 'Votre adresse électronique' },
    description: {
      en: `You sign in with it. Without one it is ${NOBODY}.`,
      fr: `Vous vous connectez avec elle. Sans elle : ${NOBODY}.`,
    },
    pattern: '^([^\\s@]+@[^\\s@]+)?$',
    from: injected('user.email'),
  });
}

/** That address, or the one of a person who has none. */
export function ownerOf(email: Expression<string>): Expression<string> {
  return fallback(email, NOBODY);
}
