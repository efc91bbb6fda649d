export * from './blueprint';
export { ConfigError, describe, type Problem } from './config/problems';
export * from './load';
export { defineOffice, type Office, type OfficeScope } from './office';
export { blueprints } from './registry';
