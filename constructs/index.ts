export * from './platform';
export * from './storage';
export * from './identity';
export * from './mlops';
export * from './delivery';
export * from './secrets';
export * from './tenancy';
export * from './onyxia';
