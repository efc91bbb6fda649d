import {
  type Component,
  Connections,
  containerSecurityContext,
  cronSchedule,
  env,
  type k8s,
  podSecurityContext,
  resourceRequirements,
  scheduledJob,
} from '../platform';
import type { IProgram, IProgramScheduler, ProgramContainer, ProgramMount, ProgramProps } from './program';

/** User of the images of the case. */
const UID = 1000;

/** Programs as CronJobs of their component's own namespace: what every cluster has. */
export class CronPrograms implements IProgramScheduler {
  addProgram(component: Component, props: ProgramProps): IProgram {
    const { role } = props;
    const name = `${component.componentName}-${role}`;
    const connections = new Connections(component, `${role}-connections`, {
      namespace: component.namespace,
      name,
      podLabels: component.selector(role, role),
    });
    const schedule = cronSchedule(`schedule of "${name}"`, props.schedule);
    return {
      consumerName: name,
      connections,
      runs: (container) => {
        scheduledJob(component, component, {
          role,
          labels: component.labels(role, role, container.image.version),
          schedule,
          backoffLimit: props.retries,
          deadlineSeconds: props.deadlineSeconds,
          pod: { restartPolicy: 'Never', automountServiceAccountToken: false, ...programPod(role, container) },
        });
      },
    };
  }
}

/** The spec of a program's Pod, but for its account and for what happens when it ends. */
export function programPod(
  name: string,
  container: ProgramContainer,
): Pick<k8s.PodSpec, 'enableServiceLinks' | 'securityContext' | 'containers' | 'volumes'> {
  const mounts: readonly ProgramMount[] = [
    ...(container.mounts ?? []),
    { volume: { name: 'tmp', emptyDir: {} }, mountPath: '/tmp', readOnly: false },
  ];
  return {
    enableServiceLinks: false,
    securityContext: podSecurityContext(UID),
    containers: [
      {
        name,
        image: container.image.reference,
        imagePullPolicy: 'IfNotPresent',
        command: [...container.command],
        env: [env('HOME', '/tmp'), ...(container.env ?? [])],
        resources: resourceRequirements(container.resources),
        securityContext: containerSecurityContext(),
        volumeMounts: mounts.map(({ volume, mountPath, readOnly = true }) => ({
          name: volume.name,
          mountPath,
          ...(readOnly ? { readOnly } : {}),
        })),
      },
    ],
    volumes: mounts.map(({ volume }) => volume),
  };
}
