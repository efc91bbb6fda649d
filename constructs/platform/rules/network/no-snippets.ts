import type { ObjectRule } from '../rule';

export const noSnippets: ObjectRule = {
  id: 'no-snippets',
  level: 'error',
  scope: 'object',
  why: 'Snippet annotations put free text into the configuration of ingress-nginx, which is retired and repaired no more.',
  source: 'https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/',
  fix: 'remove the annotation; use the Gateway API or what every Ingress controller understands',
  *check({ root }) {
    for (const [annotation, field] of root.at('metadata', 'annotations').entries()) {
      if (/^nginx\.(ingress\.kubernetes\.io|org)\/.*snippets?$/.test(annotation)) {
        yield { field: field.path, message: 'a snippet for nginx' };
      }
    }
  },
};
