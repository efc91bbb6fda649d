import { ApiObject } from 'cdk8s';
import type { MlflowServer } from '../mlops';
import type { Component } from '../platform';

/** Lets the Pods of a project's namespace find and reach an MLflow, with an account of the project's own. */
export function openMlflow(project: Component, mlflow: MlflowServer): void {
  mlflow.discoverableIn(project.namespace);
  const { connections, service } = mlflow;
  const to = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': service.namespace } },
    podSelector: { matchLabels: { ...connections.podLabels } },
  };
  projectPolicy(project, `allow-${mlflow.componentName}`, {
    policyTypes: ['Egress'],
    egress: [{ to: [to], ports: [{ port: service.containerPort, protocol: 'TCP' }] }],
  });
}

/** A NetworkPolicy of every Pod of a project's namespace. @param spec as the API has it, or what gives it at synthesis */
export function projectPolicy(
  project: Component,
  name: string,
  spec: Readonly<Record<string, unknown>>,
  annotations: Readonly<Record<string, string>> = {},
): void {
  new ApiObject(project, name, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: project.namespace.name, labels: project.labels('project', 'network'), annotations },
    spec: { podSelector: {}, ...spec },
  });
}
