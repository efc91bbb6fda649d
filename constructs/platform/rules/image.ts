/** The parts of an image reference. */
export interface ImageParts {
  /** With the registry's host, `docker.io` where the reference names none. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const PATTERN =
  /^(?<repository>[a-z0-9](?:[\w./-]|:(?=\d+\/))*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$/;

/** Splits an image reference. @default - undefined when the text is none */
export function imageParts(reference: string): ImageParts | undefined {
  const groups = PATTERN.exec(reference)?.groups;
  if (groups?.['repository'] === undefined) return undefined;
  const { repository, tag, digest } = groups;
  const [first = '', ...rest] = repository.split('/');
  const hasHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  return { repository: hasHost ? repository : `docker.io/${repository}`, tag, digest };
}
