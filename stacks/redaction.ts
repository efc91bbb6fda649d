/** Takes secret values out of a text, wherever it came from: a Pod's log may hold what nobody expects there. */
export class Redaction {
  private forms: readonly string[] = [];

  /** The values that must not be shown, plain; their base64 is taken out as well. */
  hide(values: readonly string[]): void {
    const forms = values.flatMap((value) => [value, Buffer.from(value).toString('base64')]);
    this.forms = [...new Set([...this.forms, ...forms])].sort((a, b) => b.length - a.length);
  }

  /** The text with `(secret)` in place of each value. */
  apply(text: string): string {
    return this.forms.reduce((clean, form) => clean.replaceAll(form, '(secret)'), text);
  }
}
