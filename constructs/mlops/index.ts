export * from './mlflow-server';
export * from './model-registry';
