import type { Expression } from '../expression';
import { choose, isSet, kept, text } from '../functions';
import { object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';

export interface PasswordProps {
  /** Environment variable that the software reads it from. @default - none: the service mounts the Secret as it needs */
  readonly variable?: string;
}

/** Id of the Secret. */
const SECRET = 'password';

/** Where the password of the service stands. */
export const PASSWORD: SecretKey = { name: objectName(SECRET), key: 'password' };

/** A key of a Secret of the service. */
interface SecretKey {
  readonly name: Expression<string>;
  readonly key: string;
}

/** The command by which a person reads it, for notes. */
export function readingOf({ name, key }: SecretKey = PASSWORD): Expression<string> {
  return text`\`kubectl get secret ${name} -o jsonpath='{.data.${key}}' | base64 -d\``;
}

/**
 * The password of the service, in a Secret: the one that Onyxia made for it or that the person chose, or else a random one that upgrades
 * keep.
 */
export function password({ variable }: PasswordProps = {}) {
  return definePart(
    {
      security: value.group(
        { title: { en: 'Security', fr: 'Sécurité' } },
        {
          password: value.text({
            default: '',
            title: { en: 'Password', fr: 'Mot de passe' },
            render: 'password',
            from: injected('service.oneTimePassword'),
          }),
        },
      ),
    },
    ({ security }) => ({
      objects: [
        object('Secret', SECRET, {
          stringData: {
            [PASSWORD.key]: choose<string>(
              isSet(security.password),
              security.password,
              kept(PASSWORD.name, PASSWORD.key),
            ),
          },
        }),
      ],
      env:
        variable === undefined
          ? []
          : [
              {
                name: variable,
                valueFrom: { secretKeyRef: PASSWORD },
              },
            ],
    }),
  );
}
