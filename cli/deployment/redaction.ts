/** Takes secret values out of a text, wherever it came from: a Pod's log may hold what we do not expect. */
export class Redaction {
  private values: readonly string[] = [];

  /** The values that must not be shown, plain; their base64 is taken out as well. */
  hide(values: readonly string[]): void {
    const forms = values.flatMap((value) => [value, Buffer.from(value).toString('base64')]);
    this.values = [...new Set([...this.values, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** The text with `(secret)` in place of each value. */
  apply(text: string): string {
    return this.values.reduce((clean, value) => clean.replaceAll(value, '(secret)'), text);
  }
}
