import type { z } from 'zod';
import { ArgoCd } from '../../constructs/delivery';
import {
  type FastTextInferenceService,
  type IWorkflowEngine,
  ModelPromotion,
  type WorkflowTemplate,
} from '../../constructs/mlops';
import type { Platform, PlatformNamespace } from '../../constructs/platform';
import type { IExposure } from '../../constructs/platform';
import type { delivery } from '../sections/delivery';
import { authorityOf } from './tls';

type Section = z.output<typeof delivery>;

/** What is delivered. */
export interface DeliveredParts {
  readonly engine: IWorkflowEngine;
  readonly service: FastTextInferenceService;
  /** Whose account owns the model. */
  readonly trained: WorkflowTemplate;
}

/**
 * Argo CD, which follows the service that codes and the workflow that trains it; and the workflows that promote by a commit.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeDelivery(
  platform: Platform,
  section: Section,
  { engine, service, trained }: DeliveredParts,
  exposure: IExposure | undefined,
): ArgoCd {
  const { repository: given, pollSeconds, promotion } = section;
  const { url, branch, charts = `charts-out/${platform.name}`, token, pods, cidrs } = given;
  const authority = given.certificateAuthority === undefined ? undefined : authorityOf(given.certificateAuthority);
  const followed: readonly (readonly [PlatformNamespace, string])[] = [
    [service.namespace, service.componentName],
    [trained.namespace, trained.componentName],
  ];
  const argo = new ArgoCd(platform, 'argo-cd', {
    namespaces: followed.map(([namespace]) => namespace),
    administrator: true,
    pollSeconds,
    ...(exposure === undefined ? {} : { exposure }),
    ...(authority === undefined ? {} : { trust: authority }),
  });
  const reached = {
    ...(pods === undefined ? {} : { pods }),
    ...(cidrs === undefined ? {} : { hosts: { cidrs } }),
  };
  const repository = argo.addRepository('configuration', {
    url,
    ...reached,
    credentials: { token: { namespace: argo.namespace.name, name: token.secret, key: token.key } },
  });
  const project = argo.addProject('coding', {
    repositories: [repository],
    namespaces: followed.map(([namespace]) => namespace),
  });
  for (const [namespace, component] of followed) {
    argo.addApplication({
      ...{ name: component, project, repository, path: charts, targetRevision: branch, namespace },
      components: [component],
    });
  }
  if (promotion !== undefined) {
    const { file, author, minimumGain, shadowDays, shadowRows, shadowAnnotated } = promotion;
    new ModelPromotion(platform, 'promotion', {
      ...{ service, engine, file, minimumGain, registryAccount: trained.consumerName },
      repository: {
        ...{ url, branch, token: { secretName: token.secret, key: token.key } },
        ...reached,
        ...(author === undefined ? {} : { author }),
        ...(authority === undefined ? {} : { certificateAuthority: authority }),
      },
      shadow: { days: shadowDays, minimumRows: shadowRows, minimumAnnotated: shadowAnnotated },
    });
  }
  return argo;
}
