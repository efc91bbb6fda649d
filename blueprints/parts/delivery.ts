import type { z } from 'zod';
import { ArgoCd } from '../../constructs/delivery';
import {
  type FastTextInferenceService,
  type IWorkflowEngine,
  ModelPromotion,
  type WorkflowTemplate,
} from '../../constructs/mlops';
import type { IExposure, Platform } from '../../constructs/platform';
import type { delivery } from '../sections/delivery';
import { foreignServerOf } from './foreign-server';

type Section = z.output<typeof delivery>;

/** What is delivered. */
export interface DeliveredParts {
  readonly engine: IWorkflowEngine;
  readonly service: FastTextInferenceService;
  /** Whose account owns the model. */
  readonly trained: WorkflowTemplate;
  /** The same for the nomenclature of a revision, where there is one under way. */
  readonly trainedNext: WorkflowTemplate | undefined;
}

/**
 * Argo CD, which follows the service that codes and the workflow that trains it; and the workflows that promote by a commit.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeDelivery(
  platform: Platform,
  section: Section,
  { engine, service, trained, trainedNext }: DeliveredParts,
  exposure: IExposure | undefined,
): ArgoCd {
  const { repository: given, pollSeconds, promotion } = section;
  const { url, branch, charts = `charts-out/${platform.name}`, token, ...host } = given;
  const { certificateAuthority, ...place } = foreignServerOf(host);
  const followed = [service, trained, ...(trainedNext === undefined ? [] : [trainedNext])];
  const namespaces = [...new Set(followed.map(({ namespace }) => namespace))];
  const argo = new ArgoCd(platform, 'argo-cd', {
    namespaces,
    administrator: true,
    pollSeconds,
    ...(exposure === undefined ? {} : { exposure }),
    ...(certificateAuthority === undefined ? {} : { trust: certificateAuthority }),
  });
  const repository = argo.addRepository('configuration', {
    url,
    ...place,
    credentials: { token: { namespace: argo.namespace.name, name: token.secret, key: token.key } },
  });
  const project = argo.addProject('coding', { repositories: [repository], namespaces });
  for (const { namespace, componentName } of followed) {
    argo.addApplication({
      ...{ name: componentName, project, repository, path: charts, targetRevision: branch, namespace },
      components: [componentName],
    });
  }
  if (promotion !== undefined) {
    const { file, author, minimumGain, shadowDays, shadowRows, shadowAnnotated } = promotion;
    new ModelPromotion(platform, 'promotion', {
      ...{ service, engine, file, minimumGain, registryAccount: trained.consumerName },
      repository: {
        ...{ url, branch, token: { secretName: token.secret, key: token.key } },
        ...foreignServerOf(host),
        ...(author === undefined ? {} : { author }),
      },
      shadow: { days: shadowDays, minimumRows: shadowRows, minimumAnnotated: shadowAnnotated },
    });
  }
  return argo;
}
