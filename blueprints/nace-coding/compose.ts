import type { App } from 'cdk8s';
import type { LoginProps } from '../../constructs/delivery';
import {
  AnnotationLoop,
  type ArgoPermission,
  ArgoPrograms,
  type ArgoSso,
  ArgoWorkflows,
  type ICodingService,
  ModelMonitoring,
  RetrainingTrigger,
  type WorkflowTemplate,
} from '../../constructs/mlops';
import { type IExposure, type Platform, SpaceNames } from '../../constructs/platform';
import type { IDatabaseServer, IObjectStore } from '../../constructs/storage';
import type { ImageLock } from '../blueprint';
import { serveDomains, withCloud } from '../parts/cloud';
import { makeCoding } from '../parts/coding';
import { makeDatabase } from '../parts/database';
import { type CodingLogin, makeDelivery } from '../parts/delivery';
import { controllerOf, makeExposure } from '../parts/exposure';
import { makeIdentity } from '../parts/identity';
import { makePlatform } from '../parts/installation';
import { makeMetrics } from '../parts/metrics';
import { makeMlflow } from '../parts/mlflow';
import { makeObjectStore } from '../parts/object-store';
import { foreignServerOf } from '../parts/foreign-server';
import { authorityOf } from '../parts/tls';
import { makeTraining } from '../parts/training';
import { WORKFLOWS_SUBDOMAIN } from '../rules/exposure';
import type { NaceCodingConfig } from './schema';

/** Builds the platform of a configuration of the blueprint `nace-coding`. */
export function composeNaceCoding(app: App, written: NaceCodingConfig, images: ImageLock): Platform {
  const config = withCloud(written);
  const { workflows, nomenclature, training, coding, monitoring } = config;
  const { apiServer } = config.cluster;
  const platform = makePlatform(app, config, images);
  serveDomains(platform, written.exposure);
  const exposure = makeExposure(platform, config.exposure);
  const store = required(makeObjectStore(platform, config.objectStore, exposure));
  const owners: Readonly<Record<string, string>> = {
    [workflows.database]: 'argo',
    ...(config.identity?.keycloak === undefined ? {} : { [config.identity.keycloak.database]: 'keycloak' }),
  };
  const database = required(
    makeDatabase(platform, config.database, store, (name) => `${config.name}-${owners[name] ?? 'mlflow'}`),
  );
  const login = makeLogin(platform, config, exposure, database, store);
  const mlflow = makeMlflow(platform, config.mlflow, store, database, exposure);
  const argo = new ArgoWorkflows(platform, 'argo', {
    artifacts: { bucket: store.addBucket(workflows.bucket) },
    archive: { database: database.addDatabase(workflows.database) },
    parallelism: workflows.parallelism,
    ...(login === undefined ? {} : { authentication: workflowsLogin(login) }),
    ...(apiServer === undefined ? {} : { apiServer }),
  });
  if (login !== undefined) argo.exposeVia(login.exposure, workflows.subdomain ?? WORKFLOWS_SUBDOMAIN);
  const service = makeCoding(platform, coding, mlflow, store, exposure);
  const trained = makeTraining(platform, training, { engine: argo, service, nomenclature });
  const trainedNext = makeNextTraining(platform, config, argo, service, trained);
  const programs = new ArgoPrograms(argo);
  const { subdomain, dashboard, ...watching } = monitoring;
  const watched = new ModelMonitoring(platform, 'monitoring', {
    ...{ service, nomenclature, programs, ...watching },
    dashboard: { ...dashboard, ...(login === undefined ? {} : { login: pagesLogin(login) }) },
  });
  if (exposure !== undefined) watched.exposeVia(exposure, subdomain);
  makeAnnotation(platform, config, service, programs);
  makeRetraining(platform, config, service, trained);
  if (config.delivery !== undefined) {
    makeDelivery(platform, config.delivery, { engine: argo, service, trained, trainedNext, login }, exposure);
  }
  makeMetrics(platform, config.metrics);
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

/** Who logs people in, where a configuration says so. */
function makeLogin(
  platform: Platform,
  { name, identity, exposure: way }: NaceCodingConfig,
  exposure: IExposure | undefined,
  database: IDatabaseServer,
  store: IObjectStore,
): CodingLogin | undefined {
  if (identity === undefined) return undefined;
  const { administrators, readers, keycloak, external } = identity;
  const open = required(exposure);
  const names = new SpaceNames({ reserved: [`${name}-`] });
  return {
    provider: makeIdentity(platform, identity, { exposure: open, database, names, store }),
    exposure: open,
    administrators,
    readers,
    maxSeconds: keycloak?.maxSeconds ?? Number.POSITIVE_INFINITY,
    ...(external?.certificateAuthority === undefined ? {} : { authority: authorityOf(external.certificateAuthority) }),
    ...(external?.cidrs === undefined ? {} : { cidrs: external.cidrs }),
    ...(keycloak === undefined ? {} : { wayIn: controllerOf(required(way)) }),
  };
}

function workflowsLogin({ provider, administrators, readers }: CodingLogin): ArgoSso {
  const groups: Readonly<Record<string, ArgoPermission>> = {
    ...Object.fromEntries(administrators.map((group) => [group, 'run' as const])),
    ...Object.fromEntries(readers.map((group) => [group, 'read' as const])),
  };
  return { mode: 'sso', identityProvider: provider, clientId: 'workflows', groups };
}

function pagesLogin({ provider, administrators, readers }: CodingLogin): LoginProps {
  return { provider, clientId: 'monitoring', groups: [...administrators, ...readers] };
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
