export * from './branding';
export * from './catalog-document';
export * from './onyxia';
export * from './onyxia-props';
export * from './onyxia-version';
export * from './region-document';
export * from './region-settings';
export * from './schema-overrides';
