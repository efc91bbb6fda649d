import { choose, isSet, kept } from '../functions';
import { object, objectName } from '../object';
import { injected } from '../onyxia-context';
import { definePart } from '../part';
import { value } from '../schema';

export interface PasswordProps {
  /** Environment variable that the software reads it from. @default - none: the service mounts the Secret as it needs */
  readonly variable?: string;
}

/** Key of the password in its Secret. */
export const PASSWORD_KEY = 'password';
/** Id of the Secret. */
export const PASSWORD_SECRET = 'password';

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
        object('Secret', PASSWORD_SECRET, {
          stringData: {
            [PASSWORD_KEY]: choose<string>(
              isSet(security.password),
              security.password,
              kept(objectName(PASSWORD_SECRET), PASSWORD_KEY),
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
                valueFrom: { secretKeyRef: { name: objectName(PASSWORD_SECRET), key: PASSWORD_KEY } },
              },
            ],
    }),
  );
}
