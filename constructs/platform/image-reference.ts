const HOST = /(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]+)?\/)?/.source;
const NAME = /[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*/.source;
/** An image reference, by the grammar of the OCI distribution specification. */
const REFERENCE = new RegExp(
  `^(?<repository>${HOST}${NAME}(?:/${NAME})*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$`,
);

/** The parts of an image reference. */
export interface ImageReferenceParts {
  /** As written: with the registry's host or without. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Splits an image reference. @default - undefined when the text is none */
export function parseImageReference(reference: string): ImageReferenceParts | undefined {
  const { repository, tag, digest } = REFERENCE.exec(reference)?.groups ?? {};
  return repository === undefined ? undefined : { repository, tag, digest };
}

/** Whether a repository begins with its registry's host: `localhost:5000/a` does, `library/a` does not. */
export function hasRegistryHost(repository: string): boolean {
  const [first = '', ...rest] = repository.split('/');
  return rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
}
