import { dump } from 'js-yaml';

/** Plain data as a YAML document: no references, no folding, the same bytes everywhere. */
export function yamlDocument(data: unknown): string {
  return dump(data, { noRefs: true, lineWidth: -1, quoteStyle: 'double' });
}
