import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { cronSchedule } from '../platform';

/** What wakes replicas. */
export type KedaTrigger =
  | {
      /** A query of Prometheus, such as the requests a second that a gateway took for the host. */
      readonly kind: 'prometheus';
      /** `http://prometheus.monitoring.svc:9090`; KEDA calls it from its own namespace. */
      readonly serverUrl: string;
      readonly query: string;
      /** Value of the query for each replica. */
      readonly threshold: number;
    }
  | {
      /** A time of the day: replicas that stand before people come. */
      readonly kind: 'schedule';
      /** Five fields of cron. */
      readonly start: string;
      /** Five fields of cron. */
      readonly end: string;
      /** Of the IANA database: `Europe/Paris`. */
      readonly timeZone: string;
      readonly replicas: number;
    };

/** Scaling by KEDA, down to no replica at all. */
export interface KedaScaling {
  /** 0 leaves no replica while no trigger asks for one. @default 0 */
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  /** At least one. Without a replica there is no CPU to look at: something else must wake the first. */
  readonly triggers: readonly [KedaTrigger, ...KedaTrigger[]];
  /** Seconds without an active trigger after which the last replica ends. @default 300 */
  readonly cooldownSeconds?: number;
}

export interface ScaledObjectProps {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What is scaled, of the same namespace. */
  readonly target: { readonly kind: 'Deployment' | 'StatefulSet'; readonly name: string };
  readonly scaling: KedaScaling;
}

/** A ScaledObject of KEDA 2 (https://keda.sh/docs/latest/reference/scaledobject-spec/), which owns the HorizontalPodAutoscaler behind it. */
export function makeScaledObject(scope: Construct, id: string, props: ScaledObjectProps): ApiObject {
  const { name, namespace, labels, target, scaling } = props;
  return new ApiObject(scope, id, {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: {
      name,
      namespace,
      labels: { ...labels },
      annotations: {
        'bouture.dev/suppress.stable-api': 'KEDA has published its API in this version alone since 2020.',
      },
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: target.kind, name: target.name },
      minReplicaCount: scaling.minReplicas ?? 0,
      maxReplicaCount: scaling.maxReplicas,
      cooldownPeriod: scaling.cooldownSeconds ?? 300,
      triggers: scaling.triggers.map(rendered),
    },
  });
}

function rendered(trigger: KedaTrigger): object {
  switch (trigger.kind) {
    case 'prometheus': {
      const { serverUrl, query, threshold } = trigger;
      if (!URL.canParse(serverUrl) || !/^https?:$/.test(new URL(serverUrl).protocol)) {
        throw new Error(
          `address of Prometheus "${serverUrl}" is no URL: expected "http://prometheus.monitoring.svc:9090"`,
        );
      }
      if (query.trim() === '') throw new Error('a trigger of Prometheus has no query: give one that tells the load');
      if (!(threshold > 0)) throw new RangeError(`threshold of a trigger is a number above 0, given ${threshold}`);
      return { type: 'prometheus', metadata: { serverAddress: serverUrl, query, threshold: String(threshold) } };
    }
    case 'schedule': {
      const { start, end, timeZone, replicas } = trigger;
      if (!Number.isInteger(replicas) || replicas < 1) {
        throw new RangeError(`replicas of a schedule are a whole number from 1, given ${replicas}`);
      }
      return {
        type: 'cron',
        metadata: {
          timezone: timeZone,
          start: cronSchedule('start of a trigger', start),
          end: cronSchedule('end of a trigger', end),
          desiredReplicas: String(replicas),
        },
      };
    }
  }
}
