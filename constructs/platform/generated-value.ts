import { dnsLabel } from './names';

/**
 * A random value that whoever deploys makes once, keeps encrypted, and puts wherever a PlatformSecret asks for it: letters and
 * digits only, so that it can stand in any URL or file.
 */
export class GeneratedValue {
  /**
   * @param id name of the value within the platform, stable for ever: `minio-root`. What is rotated by name.
   * @param length characters, at least 16; 32 letters and digits carry 190 bits
   * @param keptBecause why it must never be rotated: something is encrypted with it. @default - it may be rotated at any time
   */
  constructor(
    readonly id: string,
    readonly length: number = 32,
    readonly keptBecause?: string,
  ) {
    dnsLabel('generated value', id);
    if (!Number.isInteger(length) || length < 16 || length > 1024) {
      throw new RangeError(`generated value "${id}": length ${length} is not a whole number from 16 to 1024`);
    }
  }
}
