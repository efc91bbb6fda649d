import { type ImageReference, parseImageReference } from '../../platform';
import { choose } from '../functions';
import { definePart } from '../part';
import { value } from '../schema';

export interface ImageProps {
  /** Images that people choose from; the first is chosen at first. Each names its tag and, in production, its digest. */
  readonly choices: readonly [ImageReference, ...ImageReference[]];
  /** People may also name an image of their own. @default false */
  readonly custom?: boolean;
}

/**
 * The image of the service: one of several, or one of the person's own where that is allowed.
 *
 * @throws Error when a choice has no tag, or the tag `latest`, which another image may have tomorrow
 */
export function image({ choices, custom = false }: ImageProps) {
  for (const { key, reference } of choices) {
    const tag = parseImageReference(reference)?.tag;
    if (tag === undefined || tag === 'latest') {
      throw new Error(`image "${key}" (${reference}): a chart names a tag that stays what it is, with its digest`);
    }
  }
  const references = choices.map(({ reference }) => reference);
  const [first, ...others] = references as [string, ...string[]];
  return definePart(
    {
      service: value.group(
        { title: { en: 'Service', fr: 'Service' } },
        {
          image: value.group(
            { title: 'Image' },
            {
              version: value.choice([first, ...others], {
                default: first,
                title: { en: 'Version', fr: 'Version' },
                hiddenIf: { sibling: 'isCustom', is: true },
              }),
              isCustom: value.flag({
                default: false,
                title: { en: 'An image of your own', fr: 'Votre propre image' },
                hidden: !custom,
              }),
              custom: value.text({
                default: '',
                title: { en: 'Your image', fr: 'Votre image' },
                pattern: '^([a-z0-9._:/-]+:[A-Za-z0-9._-]+(@sha256:[a-f0-9]{64})?)?$',
                hidden: !custom,
                hiddenIf: { sibling: 'isCustom', is: false },
              }),
            },
          ),
        },
      ),
    },
    ({ service }) => ({
      image: custom
        ? choose(service.image.isCustom, service.image.custom, service.image.version)
        : service.image.version,
    }),
  );
}
