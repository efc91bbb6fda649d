import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ARGO_GROUP, ARGO_KINDS, ARGO_VERSION, type ArgoKind } from '../catalog/services/argo-kinds';
import type { ArgoProduct } from '../catalog/services/names';
import type { RecommendedLabels } from '../platform';

/** Makes the definitions of a product's kinds below a construct: with one go all its objects, in every namespace. */
export function defineArgoKinds(scope: Construct, product: ArgoProduct, labels: RecommendedLabels): void {
  for (const kind of ARGO_KINDS[product]) define(scope, kind, labels);
}

function define(scope: Construct, one: ArgoKind, labels: RecommendedLabels): void {
  const { kind, plural, shortNames, fields, required, hasStatusResource, columns } = one;
  new ApiObject(scope, plural, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${ARGO_GROUP}`, labels },
    spec: {
      group: ARGO_GROUP,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames.length === 0 ? {} : { shortNames }),
      },
      scope: 'Namespaced',
      versions: [
        {
          name: ARGO_VERSION,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              required: ['metadata', ...required],
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                ...fields,
              },
            },
          },
          ...(hasStatusResource ? { subresources: { status: {} } } : {}),
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
        },
      ],
    },
  });
}
