/** The names of the services of this library. */
export const BUILT_IN_SERVICES = [
  'jupyter-python',
  'jupyter-python-gpu',
  'vscode-python',
  'vscode-python-gpu',
  'jupyter-pyspark',
  'trino',
  'postgresql',
  'pgadmin',
  'mlflow',
  'label-studio',
  'dashboard',
] as const;

/** Name of a service of this library. */
export type BuiltInService = (typeof BUILT_IN_SERVICES)[number];
