/**
 * What was made from objects that never change, such as the definition of a service, which all of its versions share. It is kept for as long
 * as the object lives.
 */
export class Remembered<R> {
  private readonly made = new WeakMap<object, Map<string, { readonly result: R }>>();

  /**
   * What was made before, or now.
   *
   * @param variant tells apart what is made from one object
   * @param make depends on the object and the variant alone
   */
  of(object: object, variant: string, make: () => R): R {
    const variants = this.made.get(object) ?? new Map<string, { readonly result: R }>();
    this.made.set(object, variants);
    const kept = variants.get(variant) ?? { result: make() };
    variants.set(variant, kept);
    return kept.result;
  }
}
