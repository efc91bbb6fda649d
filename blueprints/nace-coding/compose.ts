import type { App } from 'cdk8s';
import {
  AnnotationLoop,
  ArgoPrograms,
  ArgoWorkflows,
  type ICodingService,
  ModelMonitoring,
  RetrainingTrigger,
  type WorkflowTemplate,
} from '../../constructs/mlops';
import type { Platform } from '../../constructs/platform';
import type { ImageLock } from '../blueprint';
import { makeCoding } from '../parts/coding';
import { makeDatabase } from '../parts/database';
import { makeDelivery } from '../parts/delivery';
import { makeExposure } from '../parts/exposure';
import { makePlatform } from '../parts/installation';
import { makeMlflow } from '../parts/mlflow';
import { makeObjectStore } from '../parts/object-store';
import { foreignServerOf } from '../parts/foreign-server';
import { makeTraining } from '../parts/training';
import type { NaceCodingConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `nace-coding`. */
export function composeNaceCoding(app: App, config: NaceCodingConfig, images: ImageLock): Platform {
  const { workflows, nomenclature, training, coding, monitoring } = config;
  const { apiServer } = config.cluster;
  const platform = makePlatform(app, config, images);
  const exposure = makeExposure(platform, config.exposure);
  const store = required(makeObjectStore(platform, config.objectStore, exposure));
  const database = required(
    makeDatabase(platform, config.database, store, (name) =>
      name === workflows.database ? `${config.name}-argo` : `${config.name}-mlflow`,
    ),
  );
  const mlflow = makeMlflow(platform, config.mlflow, store, database, exposure);
  const argo = new ArgoWorkflows(platform, 'argo', {
    artifacts: { bucket: store.addBucket(workflows.bucket) },
    archive: { database: database.addDatabase(workflows.database) },
    parallelism: workflows.parallelism,
    ...(apiServer === undefined ? {} : { apiServer }),
  });
  const service = makeCoding(platform, coding, mlflow, store, exposure);
  const trained = makeTraining(platform, training, { engine: argo, service, nomenclature });
  const trainedNext = makeNextTraining(platform, config, argo, service, trained);
  const programs = new ArgoPrograms(argo);
  const { subdomain, ...watching } = monitoring;
  const watched = new ModelMonitoring(platform, 'monitoring', { service, nomenclature, programs, ...watching });
  if (exposure !== undefined) watched.exposeVia(exposure, subdomain);
  makeAnnotation(platform, config, service, programs);
  makeRetraining(platform, config, service, trained);
  if (config.delivery !== undefined) {
    makeDelivery(platform, config.delivery, { engine: argo, service, trained, trainedNext }, exposure);
  }
  return platform;
}

/** What trains in the nomenclature of a revision, as long as the present one is another. */
function makeNextTraining(
  platform: Platform,
  { annotation, nomenclature, training }: NaceCodingConfig,
  engine: ArgoWorkflows,
  service: ICodingService,
  beside: WorkflowTemplate,
): WorkflowTemplate | undefined {
  const to = annotation?.revision?.to;
  if (to === undefined || to === nomenclature) return undefined;
  const annotations = service.records?.revisedGoldUrl(to);
  return makeTraining(platform, training, {
    ...{ engine, service, nomenclature: to, beside },
    ...(annotations === undefined ? {} : { annotations }),
  });
}

function makeAnnotation(
  platform: Platform,
  { annotation, nomenclature }: NaceCodingConfig,
  service: ICodingService,
  programs: ArgoPrograms,
): void {
  if (annotation === undefined) return;
  const { budget, schedule, annotators, revision } = annotation;
  const { url, token, ...server } = annotation.labelStudio;
  new AnnotationLoop(platform, 'annotation', {
    service,
    nomenclature,
    programs,
    sample: { budget, schedule },
    rules: { annotators },
    ...(revision === undefined ? {} : { revision }),
    labelStudio: {
      url,
      ...(token === undefined ? {} : { token: { secretName: token.secret, key: token.key } }),
      ...foreignServerOf(server),
    },
  });
}

function makeRetraining(
  platform: Platform,
  { retraining, annotation, nomenclature, cluster: { apiServer } }: NaceCodingConfig,
  service: ICodingService,
  training: WorkflowTemplate,
): void {
  if (retraining === undefined) return;
  const { requiredAccuracy, ...props } = retraining;
  const to = annotation?.revision?.to;
  const gold = to === nomenclature ? service.records?.revisedGoldUrl(to) : service.records?.goldUrl;
  new RetrainingTrigger(platform, 'retraining', {
    ...props,
    service,
    training,
    accuracy: { required: requiredAccuracy },
    ...(gold === undefined ? {} : { parameters: { annotations: gold } }),
    ...(apiServer === undefined ? {} : { apiServer }),
  });
}

function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the configuration lacks a part that its schema demands');
  return part;
}
