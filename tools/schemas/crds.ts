import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { list, object, text } from './json';
import type { SchemaSet } from './kubernetes';
import { closed } from './strict';

const OBJECT_META = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/**
 * Builds the strict schemas of the CustomResourceDefinitions in a folder. Their metadata refers to Kubernetes' own definition,
 * so that they are used together with a version of it.
 */
export function crdSchemas(version: string, folder: string): SchemaSet {
  const kinds: Record<string, string> = {};
  const deprecated: Record<string, string> = {};
  const definitions: Record<string, unknown> = {};
  const clusterScoped: string[] = [];
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.yaml')) continue;
    for (const document of parseAllDocuments(readFileSync(join(folder, file), 'utf8'))) {
      const crd = object(document.toJS());
      if (crd['kind'] !== 'CustomResourceDefinition') continue;
      const spec = object(crd['spec']);
      const [group, kind] = [text(spec['group']), text(object(spec['names'])['kind'])];
      for (const served of list(spec['versions']).map(object)) {
        if (served['served'] !== true) continue;
        const id = `${group}/${text(served['name'])}/${kind}`;
        const schema = object(object(served['schema'])['openAPIV3Schema']);
        const strict = closed({ ...schema, required: [...new Set(['metadata', ...list(schema['required'])])] });
        kinds[id] = id;
        definitions[id] = { ...strict, properties: { ...object(strict['properties']), metadata: { $ref: OBJECT_META } } };
        if (spec['scope'] === 'Cluster') clusterScoped.push(id);
        if (served['deprecated'] === true) deprecated[id] = version;
      }
    }
  }
  return { version, kinds, clusterScoped: clusterScoped.sort(), deprecated, definitions };
}
