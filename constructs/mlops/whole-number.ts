/** A number that is checked. @throws RangeError that tells what it is for, and its bounds */
export function wholeNumber(what: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${what} is a whole number from ${least} to ${most}, given ${value}`);
  }
  return value;
}
