export * from './platform';
export * from './storage';
