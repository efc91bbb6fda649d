/** Whether a text may be a branch, a tag or a commit of Git. */
export function isRevision(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(text) && !text.includes('..');
}
