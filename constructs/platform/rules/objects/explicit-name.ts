import type { ObjectRule } from '../rule';

/** A DNS subdomain of RFC 1123; RBAC objects may also hold colons. */
const NAME = /^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/;

export const explicitName: ObjectRule = {
  id: 'explicit-name',
  level: 'error',
  scope: 'object',
  why: 'An object that finds its name by chance is another object after each rendering: the old one stays behind.',
  source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/',
  fix: 'give metadata.name, in lower case; never generateName',
  *check({ root, name }) {
    const metadata = root.at('metadata');
    if (!NAME.test(name))
      yield { field: metadata.at('name').path, message: name === '' ? 'is not given' : `"${name}" is not a name` };
    const generated = metadata.at('generateName');
    if (generated.exists) yield { field: generated.path, message: 'makes another name each time' };
  },
};
