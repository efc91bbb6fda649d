export * from './annotation-loop';
export {
  type AnnotationQueue,
  type AnnotationRules,
  type AnnotationSample,
  type AnnotationShares,
} from './annotation-settings';
export { ArgoPrograms } from './argo-programs';
export { ArgoWorkflow, type WorkflowProps } from './argo-workflow';
export * from './argo-workflows';
export * from './argo-workflows-props';
export { type ICodingService } from './coding-service';
export * from './confidence';
export { isCommitAuthor } from './commit-author';
export { type ConfigurationRepository } from './configuration-repository';
export { CronPrograms } from './cron-programs';
export * from './fasttext-inference-service';
export * from './grid-search';
export * from './inference-service-props';
export { type InferenceUser } from './inference-settings';
export { type KedaScaling, type KedaTrigger } from './keda-scaling';
export * from './mlflow-server';
export * from './mlflow-server-props';
export * from './model-monitoring';
export * from './model-promotion';
export * from './model-registry';
export { type ModelSelection, type RegisteredModel } from './model-selection';
export { type MonitoringDashboardProps } from './monitoring-dashboard';
export * from './nomenclature';
export * from './program';
export * from './record-store';
export * from './retraining-trigger';
export * from './workflow';
export * from './workflow-engine';
export * from './workflow-task';
