import type { z } from 'zod';
import {
  ExposureTls,
  Gateway,
  GatewayExposure,
  type GatewayExposureProps,
  type IGateway,
  IngressExposure,
} from '../../constructs/delivery';
import type { ForeignPods, IExposure, Platform } from '../../constructs/platform';
import type { exposure } from '../sections/exposure';

type Section = z.output<typeof exposure>;
type IngressSection = NonNullable<Section['ingress']>;
type GatewaySection = NonNullable<Section['gateway']>;

/** The way in of a section; undefined where there is none. */
export function makeExposure(platform: Platform, section: Section | undefined): IExposure | undefined {
  if (section?.ingress !== undefined) return ingress(platform, section, section.ingress);
  return section?.gateway === undefined ? undefined : gateway(platform, section, section.gateway);
}

/** The Pods that bring the world in, and their ports. @throws Error when the section has no way */
export function controllerOf({
  ingress: byIngress,
  gateway: byGateway,
}: Section): ForeignPods & { readonly ports: readonly number[] } {
  const controller = (byIngress ?? byGateway)?.controller;
  if (controller === undefined) throw new Error('the exposure names no controller');
  return controller;
}

function ingress(platform: Platform, { domain, port }: Section, { tls, ...props }: IngressSection): IngressExposure {
  return new IngressExposure(platform, 'exposure', {
    ...props,
    domain,
    tls: tls?.controller === true ? ExposureTls.controller() : tlsOf(tls),
    ...(port === undefined ? {} : { port }),
  });
}

function gateway(
  platform: Platform,
  section: Section,
  { requestTimeoutSeconds, backendAuthority, ...rest }: GatewaySection,
): GatewayExposure {
  const authority: GatewayExposureProps['backendAuthority'] =
    backendAuthority?.configMapName === undefined ? 'system' : { configMapName: backendAuthority.configMapName };
  return new GatewayExposure(platform, 'exposure', {
    gateway: gatewayOf(platform, section, rest),
    ...(requestTimeoutSeconds === undefined ? {} : { requestTimeoutSeconds }),
    ...(backendAuthority === undefined ? {} : { backendAuthority: authority }),
  });
}

function gatewayOf(platform: Platform, { domain, port }: Section, section: GatewaySection): IGateway {
  const { existing, className = '', controller, tls, listenerPort, redirectsHttp } = section;
  const seen = { domain, controller, ...(port === undefined ? {} : { port }) };
  if (existing !== undefined) return Gateway.fromAttributes({ ...existing, ...seen });
  return new Gateway(platform, 'gateway', {
    ...seen,
    className,
    tls: tlsOf(tls),
    ...(listenerPort === undefined ? {} : { listenerPort }),
    ...(redirectsHttp === undefined ? {} : { redirectsHttp }),
  });
}

function tlsOf(section: Pick<NonNullable<IngressSection['tls']>, 'secretName' | 'issuer'> | undefined): ExposureTls {
  if (section?.secretName !== undefined) return ExposureTls.secret(section.secretName);
  return section?.issuer === undefined ? ExposureTls.none() : ExposureTls.issuer(section.issuer);
}
