import type { IConstruct } from 'constructs';
import { env, envFromSecret, type IConnectable, type k8s, type SecretRef } from '../platform';
import type { BucketAccess } from '../storage';

/** Whoever uses a model registry: its Pods, and a name for its account. */
export interface ModelRegistryConsumer extends IConnectable {
  /** With `-registry` added, the name of the Secret in the consumer's namespace: a DNS label. */
  readonly consumerName: string;
  /**
   * Consumers that name one account share what it owns: the workflow that trains a model and the service that serves it.
   *
   * @default - an account of its own, with the consumer's name
   */
  readonly account?: string;
}

/** A user of a model registry. */
export interface ModelRegistryCredentials {
  readonly username: SecretRef;
  readonly password: SecretRef;
}

/** What a consumer needs in order to use a model registry. The Secrets stand in the consumer's own namespace. */
export interface ModelRegistryAccess {
  /** `http://mlflow.demo-mlflow.svc.cluster.local:5000` */
  readonly trackingUri: string;
  /** @default - the registry asks for no credentials */
  readonly credentials?: ModelRegistryCredentials;
  /** The bucket that clients carry artifacts to by themselves. @default - artifacts go through the server */
  readonly artifacts?: BucketAccess;
}

/** A registry of experiments, runs and models that speaks the MLflow API, whoever runs it. */
export interface IModelRegistry extends IConstruct {
  /** Address inside the cluster, which clients take as `MLFLOW_TRACKING_URI`. */
  readonly trackingUri: string;
  /**
   * Makes an account for the consumer, puts its credentials into the consumer's namespace, and opens the network between the
   * two. A second call for the same consumer gives the same access.
   *
   * @throws Error when two namespaces would share an account without naming it
   */
  grantUse(consumer: ModelRegistryConsumer): ModelRegistryAccess;
}

/**
 * The environment variables from which every MLflow client reads its server and credentials
 * (https://mlflow.org/docs/latest/api_reference/python_api/mlflow.environment_variables.html), with those of the bucket where
 * clients carry artifacts by themselves.
 */
export function registryEnvironment(access: ModelRegistryAccess): k8s.EnvVar[] {
  const { credentials, artifacts } = access;
  return [
    env('MLFLOW_TRACKING_URI', access.trackingUri),
    ...(credentials === undefined
      ? []
      : [
          envFromSecret('MLFLOW_TRACKING_USERNAME', credentials.username),
          envFromSecret('MLFLOW_TRACKING_PASSWORD', credentials.password),
        ]),
    ...(artifacts === undefined ? [] : bucketEnvironment(artifacts)),
  ];
}

/** The environment variables from which MLflow, and the boto3 library that it uses, read an S3 endpoint and its credentials. */
export function bucketEnvironment({ endpoint, accessKeyId, secretAccessKey }: BucketAccess): k8s.EnvVar[] {
  return [
    env('MLFLOW_S3_ENDPOINT_URL', endpoint.url),
    envFromSecret('AWS_ACCESS_KEY_ID', accessKeyId),
    envFromSecret('AWS_SECRET_ACCESS_KEY', secretAccessKey),
    env('AWS_DEFAULT_REGION', endpoint.region),
    // Without it boto3 looks for credentials at 169.254.169.254 first, which no policy lets it reach, and waits.
    env('AWS_EC2_METADATA_DISABLED', 'true'),
    env('MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE', endpoint.forcePathStyle ? 'path' : 'auto'),
  ];
}
