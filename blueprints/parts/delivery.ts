import type { z } from 'zod';
import { ArgoCd, type ArgoCdPeople } from '../../constructs/delivery';
import {
  type FastTextInferenceService,
  type IWorkflowEngine,
  ModelPromotion,
  type WorkflowTemplate,
} from '../../constructs/mlops';
import type { ForeignPods, IExposure, IIdentityProvider, Platform } from '../../constructs/platform';
import { CertificateAuthority } from '../../constructs/storage';
import type { delivery } from '../sections/delivery';
import { foreignServerOf } from './foreign-server';

type Section = z.output<typeof delivery>;

/** Who logs in to the programs of the coding case. */
export interface CodingLogin {
  readonly provider: IIdentityProvider;
  readonly exposure: IExposure;
  /** Groups. */
  readonly administrators: readonly string[];
  /** Groups, none of which administers. */
  readonly readers: readonly string[];
  /** The longest that a person stays logged in at the provider, in seconds. */
  readonly maxSeconds: number;
  /** Who signed the provider's certificate. @default - an authority that every system trusts */
  readonly authority?: CertificateAuthority;
  /** Networks of the provider. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
  /** The Pods that the provider's public name leads to, where it runs here. @default - it is outside */
  readonly wayIn?: ForeignPods & { readonly ports: readonly number[] };
}

/** What is delivered. */
export interface DeliveredParts {
  readonly engine: IWorkflowEngine;
  readonly service: FastTextInferenceService;
  /** Whose account owns the model. */
  readonly trained: WorkflowTemplate;
  /** The same for the nomenclature of a revision, where there is one under way. */
  readonly trainedNext: WorkflowTemplate | undefined;
  /** @default - the administrator alone, with a generated password */
  readonly login: CodingLogin | undefined;
}

/** Seconds after which people log in to Argo CD again. */
const SESSION_SECONDS = 3600;

/**
 * Argo CD, which follows the service that codes and the workflow that trains it; and the workflows that promote by a commit.
 *
 * @param exposure how the world comes in, if it does
 */
export function makeDelivery(
  platform: Platform,
  section: Section,
  { engine, service, trained, trainedNext, login }: DeliveredParts,
  exposure: IExposure | undefined,
): ArgoCd {
  const { repository: given, pollSeconds, promotion } = section;
  const { url, branch, charts = `charts-out/${platform.name}`, token, ...host } = given;
  const { certificateAuthority, ...place } = foreignServerOf(host);
  const trust = trustOf(certificateAuthority, login?.authority);
  const followed = [service, trained, ...(trainedNext === undefined ? [] : [trainedNext])];
  const namespaces = [...new Set(followed.map(({ namespace }) => namespace))];
  const argo = new ArgoCd(platform, 'argo-cd', {
    namespaces,
    ...(login === undefined ? { administrator: true } : { people: peopleOf(login) }),
    pollSeconds,
    ...(exposure === undefined ? {} : { exposure }),
    ...(trust === undefined ? {} : { trust }),
  });
  if (login?.wayIn !== undefined) {
    const { ports, ...pods } = login.wayIn;
    for (const port of ports) argo.connections.allowToPods(pods, port);
  }
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

function peopleOf({ provider, administrators, readers, maxSeconds, cidrs }: CodingLogin): ArgoCdPeople {
  return {
    identityProvider: provider,
    administrators,
    readers,
    sessionSeconds: Math.min(SESSION_SECONDS, maxSeconds),
    ...(cidrs === undefined ? {} : { issuerHosts: { cidrs } }),
  };
}

/** All that Argo CD trusts: it reads one place. The rules have refused two that cannot be put together. */
function trustOf(...given: readonly (CertificateAuthority | undefined)[]): CertificateAuthority | undefined {
  const authorities = given.filter((authority) => authority !== undefined);
  const texts = authorities.flatMap(({ certificates }) => (certificates === undefined ? [] : [certificates]));
  return texts.length > 0 ? CertificateAuthority.pem([...new Set(texts)].join('')) : authorities[0];
}
