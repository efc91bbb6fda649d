export * from './database';
export * from './object-store';
