import { z } from 'zod';
import { BUILT_IN_SERVICES, type BuiltInService, defaultServices } from '../../constructs/catalog/services/names';
import { label } from '../config/names';
import { scalar, wholeNumber } from '../config/scalar';
import { audience } from './catalog-audience';
import { exactlyOne } from './choice';

const words = (what: string) =>
  scalar(what, (value) =>
    value.trim() === '' || value.length > 200 ? { message: '1 to 200 characters, not only blanks' } : undefined,
  );

const repository = scalar('a URL such as https://charts.example.org/ide', (value) => {
  if (!/^https?:\/\//.test(value)) return { message: 'a URL begins with https:// or http://' };
  if (!URL.canParse(value)) return { message: 'no URL' };
  const { username, password, search, hash } = new URL(value);
  if (username !== '' || password !== '') return { message: 'a URL holds no user name and no password' };
  return search === '' && hash === '' ? undefined : { message: 'a repository has no query and no fragment' };
});

const builtIn = z
  .strictObject({
    services: z
      .array(z.enum(BUILT_IN_SERVICES))
      .min(1)
      .max(BUILT_IN_SERVICES.length)
      .exactOptional()
      .describe(
        'Which ones. Default: all, those for GPUs only where gpu.pools has some, and those of Argo only where cluster.apiServer is given.',
      ),
    language: z.enum(['en', 'fr']).default('en').describe('Language of titles and descriptions.'),
  })
  .check(({ value: { services = [] }, issues }) => {
    if (issues.length > 0) return;
    for (const [index, name] of services.entries()) {
      if (services.indexOf(name) === index) continue;
      issues.push({ code: 'custom', input: name, path: ['services', index], message: 'this service is given twice' });
    }
  })
  .describe('The services of this library, built with the images of this platform and served inside the cluster.');

const catalog = exactlyOne(
  {
    location: repository.describe('Address of the repository of Helm charts, which has an index.yaml.'),
    builtIn,
  },
  {
    id: label().describe('Short name, which is in links that people share.'),
    name: words('a name for people').describe('What people read on its tab.'),
    description: words('a description').exactOptional().describe('What people read below. Default: the name.'),
    ...audience,
  },
);

/**
 * The services of this library that people may start from a catalog.
 *
 * @param builtIn what the catalog says of them; undefined for a catalog of somebody else
 * @param apiServer Pods of people may call the Kubernetes API
 * @param gpus there is a pool of nodes with GPUs
 */
export function servicesOf(
  builtIn: { readonly services?: readonly BuiltInService[] | undefined } | undefined,
  apiServer: boolean,
  gpus: boolean,
): readonly BuiltInService[] {
  return builtIn === undefined ? [] : (builtIn.services ?? defaultServices(apiServer, gpus));
}

/** `onyxia`: the page where people start services. */
export const onyxia = z
  .strictObject({
    subdomain: label().default('datalab').describe('First label of its host.'),
    catalogs: z
      .array(catalog)
      .max(50)
      .default([])
      .describe('Catalogs of services, in the order in which they are shown.'),
    replicas: wholeNumber('a number of Pods', 1, 20)
      .exactOptional()
      .describe('Pods of the page and of the API. Default: 1 for a pilot, 2 in production.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const seen = new Set<string>();
    const [, ...further] = value.catalogs.flatMap(({ builtIn: given }, index) => (given === undefined ? [] : [index]));
    for (const index of further) {
      issues.push({
        code: 'custom',
        input: value.catalogs[index]?.builtIn,
        path: ['catalogs', index, 'builtIn'],
        message: 'another catalog has the services of this library already: name all of them there',
      });
    }
    for (const [index, { id }] of value.catalogs.entries()) {
      if (seen.has(id))
        issues.push({
          code: 'custom',
          input: id,
          path: ['catalogs', index, 'id'],
          message: 'another catalog has this id already',
        });
      seen.add(id);
    }
  })
  .describe('Onyxia, where people start services. Left out, there is none, and services start by helm install.');
