/** The services of this library, each with the keys of its images in the lock file. */
export const BUILT_IN_IMAGES = {
  'jupyter-python': ['jupyter-python'],
  'jupyter-python-gpu': ['jupyter-python'],
  'vscode-python': ['vscode-python'],
  'vscode-python-gpu': ['vscode-python'],
  'jupyter-pyspark': ['jupyter-pyspark'],
  trino: ['trino'],
  postgresql: ['postgres'],
  pgadmin: ['pgadmin'],
  mongodb: ['mongodb'],
  mlflow: ['mlflow'],
  'label-studio': ['label-studio'],
  dashboard: ['dashboard'],
  gravitee: ['gravitee-api', 'gravitee-gateway', 'gravitee-console', 'postgres', 'toolbox'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Name of a service of this library. */
export type BuiltInService = keyof typeof BUILT_IN_IMAGES;

/** The names of the services of this library. */
export const BUILT_IN_SERVICES = Object.keys(BUILT_IN_IMAGES) as readonly BuiltInService[];

/** The services of a catalog that names none: all but those for GPUs. */
export const DEFAULT_SERVICES = BUILT_IN_SERVICES.filter((name) => !name.endsWith('-gpu'));
