export * from './platform';
export * from './storage';
export * from './mlops';
export * from './delivery';
export * from './tenancy';
