/** A file that is no model which this program can serve; the message says what was found, what was expected and what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}
