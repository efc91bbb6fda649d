import { z } from 'zod';
import { host, port } from '../config/hosts';
import { label, objectName, qualifiedName } from '../config/names';
import { facets, wholeNumber, words } from '../config/scalar';
import { issuer } from './authority';
import { atMostOne, exactlyOne } from './choice';
import { controllerPods } from './installation';

/** The most that all annotations of one object may have, in bytes (`TotalAnnotationSizeLimitB` of Kubernetes). */
const ANNOTATIONS_MAX = 256 * 1024;

const annotations = z
  .record(qualifiedName(), words('the value of an annotation, a text'))
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    const size = Object.entries(value).reduce(
      (all, [name, text]) => all + Buffer.byteLength(name) + Buffer.byteLength(text),
      0,
    );
    if (size > ANNOTATIONS_MAX) {
      const message = `the annotations have ${size} bytes together; an object has at most ${ANNOTATIONS_MAX}`;
      issues.push({ code: 'custom', input: value, path: [], message });
    }
    for (const name of Object.keys(value).filter((key) => key.includes('snippet'))) {
      const message =
        'a snippet puts free text into the configuration of the controller: use what it has an option for';
      issues.push({ code: 'custom', input: value[name], path: [name], message });
    }
  })
  .register(facets, { expected: 'annotations by name' });

const secretName = objectName().describe(
  'Secret of type kubernetes.io/tls. An Ingress reads it in the namespace of each service, a Gateway in its own.',
);

const ingress = z
  .strictObject({
    className: objectName().describe('Name of the IngressClass.'),
    controller: controllerPods('Pods of the Ingress controller, which the network policies let in.'),
    tls: exactlyOne(
      {
        secretName,
        issuer,
        controller: z
          .literal(true)
          .describe('The controller has one certificate for all hosts in its own configuration.'),
      },
      {},
    )
      .exactOptional()
      .describe('Where certificates come from. Default: none, plain HTTP, which production refuses.'),
    annotations: annotations
      .exactOptional()
      .describe(
        'Annotations of every Ingress, in the language of the controller: time-outs, and the size of bodies, which for models is large.',
      ),
    httpsBackendAnnotations: annotations
      .exactOptional()
      .describe(
        'Annotations that make the controller speak HTTPS to a service that does. Default: such a service is not exposed.',
      ),
  })
  .describe('An Ingress controller that the cluster has.');

const existing = z
  .strictObject({
    namespace: label().describe('Namespace of the Gateway.'),
    name: objectName().describe('Name of the Gateway.'),
    sectionName: label().exactOptional().describe('Name of the listener. Default: every listener whose host fits.'),
    isEncrypted: z.boolean().default(true).describe('The listener ends TLS.'),
  })
  .describe('A Gateway that somebody else runs, whose listener admits the namespaces of the platform.');

const gateway = exactlyOne(
  { existing, className: objectName().describe('Name of the GatewayClass of a Gateway that is made here.') },
  {
    controller: controllerPods('Pods that forward the traffic, which the network policies let in.'),
    tls: exactlyOne({ secretName, issuer }, {})
      .exactOptional()
      .describe(
        'Where the certificate of a Gateway that is made here comes from. Default: none, plain HTTP, which production refuses.',
      ),
    listenerPort: port()
      .exactOptional()
      .describe('Port that a Gateway that is made here listens on. Default: 443 with TLS, 80 without.'),
    redirectsHttp: z
      .boolean()
      .exactOptional()
      .describe('With TLS, answer on port 80 too, and send browsers to HTTPS. Default: true.'),
    requestTimeoutSeconds: wholeNumber('a number of seconds', 0, 99_999)
      .exactOptional()
      .describe('The longest time that a request may take; 0 lifts the limit. Default: that of the implementation.'),
    backendAuthority: exactlyOne(
      {
        system: z.literal(true).describe('An authority that every system trusts.'),
        configMapName: objectName().describe('ConfigMap with the key ca.crt in the namespaces of the services.'),
      },
      {},
    )
      .exactOptional()
      .describe('Who signed the certificates of services that speak HTTPS. Default: such a service is not exposed.'),
  },
)
  .check(({ value, issues }) => {
    if (issues.length > 0 || value.existing === undefined) return;
    for (const key of ['tls', 'listenerPort', 'redirectsHttp'] as const) {
      if (value[key] === undefined) continue;
      const message = 'this is for whoever runs the Gateway to say: it belongs to className, not to existing';
      issues.push({ code: 'custom', input: value[key], path: [key], message });
    }
  })
  .describe('A Gateway of the Gateway API.');

/** `exposure`: how the world comes in. */
export const exposure = atMostOne(
  { ingress, gateway },
  {
    domain: host().describe('Domain whose subdomains become the hosts: mlflow.DOMAIN.'),
    port: port().exactOptional().describe('Port that the world sees. Default: 443 with TLS, 80 without.'),
  },
).describe(
  'How the world comes in: ingress, gateway, or, where the cluster is made in a cloud, by the load balancer of that cloud. Left out, everything is reached by kubectl port-forward.',
);
