export * from './mlflow-server';
export * from './mlflow-server-props';
export * from './model-registry';
