import { describeImages, imagesOf } from '../images';
import { withProblemsTold } from '../problems';

/**
 * `bouture images CONFIG [--json]`: the images that the rendered Pods name, sorted by reference, with digest, licence, source and
 * users. What is not listed is not pulled.
 *
 * @returns 0 when done, 2 when the configuration cannot be used
 */
export function run(args: readonly string[], options: Readonly<Record<string, unknown>>): Promise<number> {
  const [config = ''] = args;
  return withProblemsTold(() => {
    const images = imagesOf(config);
    process.stdout.write(
      options['json'] === true ? `${JSON.stringify(images, undefined, 2)}\n` : describeImages(images),
    );
    return 0;
  });
}
