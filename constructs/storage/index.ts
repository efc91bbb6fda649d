export * from './database';
export * from './libpq';
export * from './object-store';
