import {
  ArgoCd,
  CertificateAuthority,
  Component,
  ExposureTls,
  GeneratedValue,
  IngressExposure,
  k8s,
  Layer,
  MlflowServer,
  type Platform,
  PlatformNamespace,
  renderFiles,
  type Synthesis,
  synthesize,
} from '../../../constructs';
import { TEST_LOCK, testImages, testPlatform } from '../../support/platform';
import { StandInRealm } from '../../support/stand-in-realm';
import { FakeDatabaseServer, FakeObjectStore } from '../../support/storage';

/** Namespaces of the platform of the test. */
export const NAMESPACES = { argo: 'demo-argo-cd', coding: 'demo-coding', other: 'demo-other' } as const;
/** Folder of the repository that the platform is rendered into. */
const FOLDER = 'charts-out/demo';

/** What surrounds the platform. */
export interface Surroundings {
  readonly repository: string;
  /** Of the identity provider. */
  readonly issuer: string;
  /** In PEM: who signed the certificates of both. */
  readonly authority: string;
}

/** What a commit may change. */
export interface Release {
  /** Tag of MLflow's image. */
  readonly mlflow: string;
}

/** A workload with what controllers change, and what some clusters never report on. */
class Web extends Component {
  constructor(platform: Platform, namespace: PlatformNamespace) {
    super(platform, 'web', Layer.WORKLOADS, { namespace });
    const labels = this.labels('web', 'server');
    const metadata = { name: 'web', namespace: namespace.name, labels };
    const selector = { matchLabels: this.selector('web', 'server') };
    const image = platform.images.get('busybox').reference;
    new k8s.KubeDeployment(this, 'deployment', {
      metadata,
      spec: {
        replicas: 1,
        selector,
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                ...{ name: 'web', image, command: ['sleep', '1000'] },
                // In another form than that in which the API gives them back.
                resources: {
                  requests: { cpu: k8s.Quantity.fromString('1000m'), memory: k8s.Quantity.fromString('1024Mi') },
                },
              },
            ],
          },
        },
      },
    });
    new k8s.KubeHorizontalPodAutoscalerV2(this, 'autoscaler', {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 3,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
    });
    new k8s.KubePersistentVolumeClaim(this, 'volume', {
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: k8s.Quantity.fromString('1024Mi') } } },
    });
    new k8s.KubeService(this, 'service', {
      metadata,
      spec: { selector: selector.matchLabels, ports: [{ name: 'http', port: 80 }] },
    });
    new k8s.KubeIngress(this, 'ingress', {
      metadata,
      spec: {
        rules: [
          {
            host: 'web.example.org',
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
            },
          },
        ],
      },
    });
  }
}

/** A platform, and the Argo CD in it. */
export interface FollowedPlatform {
  readonly argo: ArgoCd;
  readonly synthesis: Synthesis;
}

/** A platform with Argo CD, which follows MLflow and a small workload of the same platform. */
export function platformOf({ repository: url, issuer, authority }: Surroundings, release: Release): FollowedPlatform {
  const argoCd = {
    repository: 'bouture/argo-cd',
    tag: '3.1.16',
    licence: 'Apache-2.0',
    source: 'x',
    build: 'images/argo-cd',
  };
  const mlflow = {
    repository: 'bouture/mlflow',
    tag: release.mlflow,
    licence: 'Apache-2.0',
    source: 'x',
    build: 'images/mlflow',
  };
  const platform = testPlatform({ images: testImages({ lock: { ...TEST_LOCK, 'argo-cd': argoCd, mlflow } }) });
  const coding = new PlatformNamespace(platform, 'coding', { name: NAMESPACES.coding });
  new PlatformNamespace(platform, 'other', { name: NAMESPACES.other });
  new MlflowServer(platform, 'mlflow', {
    namespace: coding,
    database: new FakeDatabaseServer(platform, 'database').addDatabase('mlflow'),
    artifacts: { bucket: new FakeObjectStore(platform, 'store').addBucket('mlflow') },
    replicas: 2,
  });
  new Web(platform, coding);
  const argo = new ArgoCd(platform, 'argo-cd', {
    namespaces: [coding],
    people: {
      identityProvider: new StandInRealm(platform, 'realm', { issuer }),
      administrators: ['platform'],
      readers: ['statisticians'],
    },
    exposure: new IngressExposure(platform, 'exposure', {
      domain: 'data.example.org',
      className: 'traefik',
      controller: { namespace: 'traefik' },
      tls: ExposureTls.controller(),
    }),
    trust: CertificateAuthority.pem(authority),
    pollSeconds: 10,
  });
  const token = { namespace: argo.namespace.name, name: 'git', key: 'token' };
  const repository = argo.addRepository('configuration', { url, credentials: { token } });
  const project = argo.addProject('coding', {
    repositories: [repository],
    namespaces: [coding],
    operators: ['coding'],
  });
  const base = { project, repository, path: FOLDER, namespace: coding };
  argo.addApplication({ ...base, name: 'mlflow', components: ['mlflow'] });
  argo.addApplication({ ...base, name: 'web', components: ['web'] });
  return { argo, synthesis: synthesize(platform) };
}

/** The rendered files, as they stand in the repository. */
export function renderedFiles(synthesis: Synthesis): Record<string, string> {
  return Object.fromEntries([...renderFiles(synthesis)].map(([path, text]) => [`${FOLDER}/${path}`, text]));
}

/** The Secrets that whoever deploys makes, with values. */
export function secretsOf({ secrets }: Synthesis): readonly object[] {
  return secrets.map(({ namespace, name, labels, data }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, labels },
    stringData: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, value instanceof GeneratedValue ? randomText(value) : value]),
    ),
  }));
}

function randomText({ id, length }: GeneratedValue): string {
  return `${id}-${Math.random().toString(36).repeat(length)}`.replace(/[^a-z0-9]/g, '').slice(0, length);
}
