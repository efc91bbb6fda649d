import type { Construct } from 'constructs';
import type { IConnectable, k8s, RecommendedLabels, SecretRef } from '../platform';
import { annotationEnvironment } from './annotation-environment';
import { type ICodingService, recordsOf } from './coding-service';
import type { Nomenclature } from './nomenclature';
import type { ProgramMount } from './program';
import { programSettings } from './program-files';
import type { RecordRights } from './record-store';

/** What a program of `annotation/` works on, and with which rights. */
export interface AnnotationProgramProps {
  /** Its Pods, and the name of its accounts. */
  readonly consumer: IConnectable & { readonly consumerName: string };
  readonly labels: RecommendedLabels;
  readonly service: ICodingService;
  /** The account by which the registry knows it. @default - one of its own */
  readonly registryAccount?: string | undefined;
  readonly rights: RecordRights;
  /** What codes mean: those of the version that an alias points at. @default - the command needs none */
  readonly nomenclature?: { readonly alias: string; readonly titles: Nomenclature };
  /** Its own parts of the settings file. */
  readonly settings: object;
  /** Of others than the store. @default - the system's */
  readonly authority?: SecretRef | undefined;
}

/** A program of `annotation/` with everything that is granted to it. */
export interface AnnotationProgram {
  /** The whole command. @param options behind the settings, which every command has */
  readonly command: (name: string, ...options: readonly string[]) => readonly string[];
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly ProgramMount[];
}

/**
 * Gives a program of `annotation/` its way to the records and to the registry, and the file that says where both are.
 *
 * @param id construct id of the ConfigMap with that file
 * @throws Error when the service keeps no records
 */
export function annotationProgram(scope: Construct, id: string, props: AnnotationProgramProps): AnnotationProgram {
  const { consumer, labels, service, registryAccount: account, rights, nomenclature, settings: own } = props;
  const { consumerName, connections } = consumer;
  const records = recordsOf(service, `"${scope.node.path}"`);
  const access = records.grant(consumer, rights);
  const registry = service.modelRegistry.grantUse({
    ...{ consumerName, connections },
    ...(account === undefined ? {} : { account }),
  });
  const around = annotationEnvironment(access, registry, [access.endpoint.certificateAuthority, props.authority]);
  const content = {
    store: { url: records.url, endpoint: access.endpoint.url, region: access.endpoint.region },
    ...(around.certificateAuthority === undefined ? {} : { certificateAuthority: around.certificateAuthority }),
    confidence: service.confidence,
    ...(nomenclature === undefined ? {} : { nomenclature }),
    registry: { url: registry.trackingUri, model: service.modelName },
    ...own,
  };
  const settings = programSettings(scope, id, consumerName, content, { connections, labels });
  return {
    command: (name, ...options) => around.command([name, '--settings', settings.file, ...options]),
    env: around.env,
    mounts: [settings.mount, ...around.mounts],
  };
}
