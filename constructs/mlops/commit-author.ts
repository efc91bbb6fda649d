/** Whether a text is an author as Git writes one: `Name <address@example.org>`. */
export function isCommitAuthor(text: string): boolean {
  return /^[^<>\r\n]*[^<>\r\n ] <[^<>@\s]+@[^<>@\s]+>$/.test(text);
}
