export { buildCatalog, type Catalog, type CatalogOptions, indexYaml, packageName, type ReleasedChart } from './catalog';
export { type Chart, chartOf, type ChartMetadata } from './chart';
export { type Expression, type Input } from './expression';
export {
  allOf,
  anyOf,
  base64,
  choose,
  Conditional,
  discovered,
  equals,
  fallback,
  fitted,
  isSet,
  joined,
  json,
  kept,
  lowerCase,
  not,
  release,
  sha256,
  startsWith,
  text,
  unless,
  when,
  withoutEnd,
} from './functions';
export { launch, type LaunchOptions } from './launch';
export { imagesOf, lintChart } from './lint';
export type { LintFinding } from './lint-data';
export type { CatalogLanguage, Localized } from './localized';
export { customObject, object, objectName, ObjectTemplate } from './object';
export {
  contextProblem,
  type ContextPath,
  type Injected,
  injected,
  injectedText,
  type InstanceSchema,
  type OnyxiaContext,
} from './onyxia-context';
export { onyxiaValues } from './onyxia-values';
export { digestOf, packageChart } from './package';
export { type CatalogPart, type Contribution, definePart } from './part';
export { parts } from './parts';
export { discoverable, type DiscoveryKind } from './parts/discovery';
export { START } from './parts/start-script';
export { type ChartFiles, readPackage } from './read-package';
export { each, type ValueReference, valuesOf } from './references';
export { value, type ValueOf, type ValueSchema } from './schema';
export {
  type CatalogService,
  defineService,
  type RenderInput,
  type ServiceProps,
  type ServiceTemplates,
} from './service';
export { builtInServices } from './services/built-in';
export { type ArgoProduct, BUILT_IN_SERVICES, type BuiltInService, defaultServices } from './services/names';
export { argoCdService, type ArgoCdServiceProps } from './services/argo-cd';
export { argoWorkflowsService, type ArgoWorkflowsServiceProps } from './services/argo-workflows';
export { dashboardService, type DashboardProps } from './services/dashboard';
export { graviteeService, type GraviteeImages, type GraviteeProps } from './services/gravitee';
export { jupyterPysparkService, type JupyterPysparkProps } from './services/jupyter-pyspark';
export { jupyterlabService, type JupyterlabProps } from './services/jupyterlab';
export { labelStudioService, type LabelStudioProps } from './services/label-studio';
export { mlflowService, type MlflowServiceProps } from './services/mlflow';
export { mongodbService, type MongodbProps } from './services/mongodb';
export { pgadminService, type PgadminProps } from './services/pgadmin';
export { postgresqlService, type PostgresqlProps } from './services/postgresql';
export { rstudioService, type RstudioProps } from './services/rstudio';
export { trinoService, type TrinoProps } from './services/trino';
export { vscodeService, type VscodeProps } from './services/vscode';
export { helmTest, selectorLabels, workload, type WorkloadProps } from './workload';
