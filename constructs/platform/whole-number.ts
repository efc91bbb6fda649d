/**
 * A number of things that is checked.
 *
 * @param what it is for, as the message begins
 * @param most @default - as many as one likes
 * @throws RangeError that tells what it is for, and its bounds
 */
export function wholeNumber(what: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    const bounds = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
    throw new RangeError(`${what} is a whole number ${bounds}, given ${value}`);
  }
  return value;
}
