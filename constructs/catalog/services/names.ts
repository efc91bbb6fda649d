import { ARGO_PRODUCTS, type ArgoProduct } from '../../delivery/argo-kinds';

export { ARGO_PRODUCTS, type ArgoProduct };

/** The services of this library, each with the keys of its images in the lock file. */
export const BUILT_IN_IMAGES = {
  'jupyter-python': ['jupyter-python'],
  'jupyter-python-gpu': ['jupyter-python'],
  'vscode-python': ['vscode-python'],
  'vscode-python-gpu': ['vscode-python'],
  'jupyter-r-python': ['r-python'],
  'vscode-r-python': ['r-python'],
  rstudio: ['rstudio'],
  'jupyter-pyspark': ['jupyter-pyspark'],
  trino: ['trino'],
  postgresql: ['postgres'],
  pgadmin: ['pgadmin'],
  mongodb: ['mongodb'],
  mlflow: ['mlflow'],
  'label-studio': ['label-studio'],
  dashboard: ['dashboard'],
  'argo-workflows': ['argo-workflows'],
  gravitee: ['gravitee-api', 'gravitee-gateway', 'gravitee-console', 'postgres', 'toolbox'],
  'argo-cd': ['argo-cd'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Name of a service of this library. */
export type BuiltInService = keyof typeof BUILT_IN_IMAGES;

/** The names of the services of this library. */
export const BUILT_IN_SERVICES = Object.keys(BUILT_IN_IMAGES) as readonly BuiltInService[];

/** The products of Argo among services. */
export function argoProducts(services: readonly string[]): readonly ArgoProduct[] {
  return ARGO_PRODUCTS.filter((product) => services.includes(product));
}

/** Services that compute on GPUs. */
export const GPU_SERVICES: readonly BuiltInService[] = BUILT_IN_SERVICES.filter((name) => name.endsWith('-gpu'));

/**
 * What a catalog holds where nobody names its services: those for GPUs where there are some, and those of Argo where they would start.
 *
 * @param apiServer Pods of people may call the Kubernetes API: without that, those of Argo would not start
 * @param gpus there is a pool of nodes with GPUs. @default false
 */
export function defaultServices(apiServer: boolean, gpus = false): readonly BuiltInService[] {
  return BUILT_IN_SERVICES.filter(
    (name) => (gpus || !GPU_SERVICES.includes(name)) && (apiServer || argoProducts([name]).length === 0),
  );
}
