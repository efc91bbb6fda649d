import type { Construct } from 'constructs';
import { defineArgoKind } from '../delivery/argo-definitions';
import { ARGO_GROUP, ARGO_KINDS, type ArgoKind, type ArgoProduct } from '../delivery/argo-kinds';
import { Component, k8s, Layer } from '../platform';
import type { UserSpaces } from './user-spaces';

export interface ArgoCustomResourcesProps {
  /** In whose spaces people may have them. */
  readonly spaces: UserSpaces;
  /** Whose kinds people may have. */
  readonly products: readonly ArgoProduct[];
  /** Of these, whose definitions the cluster has already: they are neither made nor removed here. @default - none */
  readonly existing?: readonly ArgoProduct[];
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

/**
 * What Argo Workflows and Argo CD need of a cluster so that people can start them in their spaces: the definitions of their kinds, and the
 * right to have objects of them, added to the ClusterRoles `admin`, `edit` and `view` that Kubernetes brings. Nothing belongs to the whole
 * cluster, and nothing runs: each person's own installation acts with its own account, in its own namespace.
 *
 * - `admin`: everything. Helm makes the accounts of Argo with a person's token, and nobody gives away more than they have.
 * - `edit`: what people write for Argo Workflows, whose steps are Pods such as `edit` may start anyway. Nothing of Argo CD, which acts on what
 *   it reads with an account that may do more than `edit`.
 * - `view`: to read what people write.
 *
 * Definitions are like data: with one go all its objects, in every namespace. `bouture down` leaves them where they are.
 *
 * @throws Error when a product is given as existing that is not among the products
 *
 * @example
 * import { ArgoCustomResources, UserSpaces } from 'bouture';
 * const products = ['argo-workflows'] as const;
 * const spaces = new UserSpaces(platform, 'spaces', { userQuota: { further: ArgoCustomResources.quota(products) } });
 * new ArgoCustomResources(platform, 'argo', { spaces, products });
 */
export class ArgoCustomResources extends Component {
  /** How many objects a space may hold, as further keys of its quota: the API server keeps all of them in one store. */
  static quota(products: readonly ArgoProduct[]): Readonly<Record<string, string>> {
    return Object.fromEntries(
      kindsOf(products).map(({ plural, most }) => [`count/${plural}.${ARGO_GROUP}`, String(most)]),
    );
  }

  constructor(scope: Construct, id: string, { spaces, products, existing = [] }: ArgoCustomResourcesProps) {
    super(scope, id, Layer.NAMESPACES, { namespace: spaces.namespace });
    const unknown = existing.find((product) => !products.includes(product));
    if (unknown !== undefined) {
      throw new Error(`existing: "${unknown}" is not among the products (${products.join(', ')})`);
    }
    for (const product of products) {
      const kinds = kindsOf([product]);
      const labels = this.labels(product, 'definitions');
      if (!existing.includes(product)) for (const one of kinds) defineArgoKind(this, one, labels);
      const people = kinds.filter(({ madeBy }) => madeBy === 'people').map(({ plural }) => plural);
      const everything = kinds.flatMap(({ plural, hasStatusResource }) => [
        plural,
        `${plural}/finalizers`,
        ...(hasStatusResource ? [`${plural}/status`] : []),
      ]);
      this.grant(product, 'view', people, READ);
      if (product === 'argo-workflows') this.grant(product, 'edit', people, WRITE);
      this.grant(product, 'admin', everything, [...READ, ...WRITE]);
    }
  }

  private grant(product: ArgoProduct, to: 'admin' | 'edit' | 'view', resources: string[], verbs: string[]): void {
    new k8s.KubeClusterRole(this, `${product}-${to}`, {
      metadata: {
        name: `${this.platform.name}-${product}-${to}`,
        labels: { ...this.labels(product, to), [`rbac.authorization.k8s.io/aggregate-to-${to}`]: 'true' },
      },
      rules: [{ apiGroups: [ARGO_GROUP], resources, verbs }],
    });
  }
}

function kindsOf(products: readonly ArgoProduct[]): readonly ArgoKind[] {
  return products.flatMap((product) => ARGO_KINDS[product]);
}
