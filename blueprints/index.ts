export * from './blueprint';
export { ConfigError, describe, type Problem } from './config/problems';
export * from './load';
export { blueprints } from './registry';
