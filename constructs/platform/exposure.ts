import type { IConnectable } from './network';

/** A Service that speaks HTTP, with the Pods behind it. */
export interface HttpService extends IConnectable {
  readonly namespace: string;
  /** Name of the Service. */
  readonly name: string;
  /** Port of the Service. */
  readonly port: number;
  /** Port of the container, which NetworkPolicies speak of. */
  readonly containerPort: number;
  /** The Pods speak HTTPS: whoever routes to them must, too. @default false */
  readonly tls?: boolean;
  /** Services that answer below a path of the same host in its place, the longest path first. @default - it answers every path */
  readonly paths?: readonly ServicePath[];
  /** A service that answers a share of the requests in its place, on every path that has no service of its own. @default - none */
  readonly canary?: ServiceShare;
}

/** A part of the requests that another service answers. */
export interface ServiceShare {
  /** A service of the same namespace, without paths or a canary of its own. */
  readonly service: HttpService;
  /** Of 100 requests, how many it answers: 0 to 100. */
  readonly weight: number;
}

/** A part of a host that another service answers. */
export interface ServicePath {
  /** `/api` stands for itself and everything below it. The service sees the whole path. */
  readonly path: string;
  /** A service of the same namespace, without paths or a canary of its own. */
  readonly service: HttpService;
}

/** A host name under which the world reaches a service. */
export interface ExposedHost {
  /** `mlflow.example.org` */
  readonly host: string;
  /** `https://mlflow.example.org`, with the port where it is not the scheme's own. */
  readonly url: string;
}

/**
 * The way from outside into the cluster: an Ingress controller or a Gateway, with TLS. Components receive it and ask for a host;
 * it makes the route and opens the hole from the controller to the Pods.
 */
export interface IExposure {
  /**
   * @param service what to expose, with the services that answer some of its paths
   * @param subdomain first label of the host: `mlflow` becomes `mlflow.<domain>`
   * @throws Error when the service has a canary, and this way cannot weigh requests
   */
  expose(service: HttpService, subdomain: string): ExposedHost;
}
