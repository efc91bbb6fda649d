export { RULES } from './all';
export * from './check';
export * from './rule';
export { looksSecret, isSecretName } from './secrecy';
export { SUPPRESS_ANNOTATION, SUPPRESSION_RULES } from './suppressions';
export { Field } from './field';
export { ObjectView, PlatformView, PodView, type Workload } from './view';
export { Traffic } from './network/traffic';
export { quantity } from './quantity';
