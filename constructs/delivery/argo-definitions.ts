import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { ARGO_GROUP, ARGO_VERSION, type ArgoKind } from './argo-kinds';

/** Makes the CustomResourceDefinition of a kind of Argo, which belongs to the whole cluster: one part of the platform makes it. */
export function defineArgoKind(scope: Construct, one: ArgoKind, labels: Readonly<Record<string, string>>): void {
  const { kind, plural, shortNames, fields, required, hasStatusResource, columns } = one;
  new ApiObject(scope, plural, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${ARGO_GROUP}`, labels: { ...labels } },
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
