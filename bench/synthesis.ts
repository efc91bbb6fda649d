import { App } from 'cdk8s';
import {
  atStep,
  Component,
  Connections,
  ImageCatalogue,
  k8s,
  Layer,
  Platform,
  PlatformNamespace,
  renderFiles,
  synthesize,
} from '../constructs';

/** A tenant as an office would have it: a closed namespace of ten objects. */
function tenants(count: number): Platform {
  const platform = new Platform(new App(), 'platform', { name: 'bench', images: new ImageCatalogue({ lock: {} }) });
  for (let i = 0; i < count; i++) {
    const namespace = new PlatformNamespace(platform, `tenant-${i}`, { name: `bench-tenant-${i}` });
    const metadata = (name: string) => ({ name, namespace: namespace.name });
    const selector = { 'app.kubernetes.io/name': 'notebook', 'app.kubernetes.io/instance': `notebook-${i}` };
    new Connections(platform, `connections-${i}`, { namespace, name: 'notebook', podLabels: selector });
    new k8s.KubeRoleBinding(platform, `admin-${i}`, {
      metadata: metadata('admin'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'edit' },
    });
    new k8s.KubeService(platform, `service-${i}`, {
      metadata: metadata('notebook'),
      spec: { selector, ports: [{ port: 80 }] },
    });
    new k8s.KubeConfigMap(platform, `settings-${i}`, {
      metadata: metadata('settings'),
      data: { region: 'eu', bucket: `tenant-${i}` },
    });
  }
  return platform;
}

const FLOORS = [Layer.FOUNDATIONS, Layer.PLATFORM, Layer.WORKLOADS];

class Floor extends Component {
  constructor(platform: Platform, index: number, objects: number) {
    super(platform, `floor-${index}`, FLOORS[Math.floor(index / 4)] ?? Layer.WORKLOADS);
    for (let i = 0; i < objects; i++) {
      const map = new k8s.KubeConfigMap(this, `map-${i}`, {
        metadata: { name: `map-${i}`, namespace: this.namespace.name },
        data: { index: String(i) },
      });
      atStep(map, index % 4);
    }
  }
}

function layered(layers: number, objects: number): Platform {
  const platform = new Platform(new App(), 'platform', { name: 'bench', images: new ImageCatalogue({ lock: {} }) });
  for (let i = 0; i < layers; i++) new Floor(platform, i, objects);
  return platform;
}

export interface SynthesisRun {
  readonly objects: number;
  readonly milliseconds: number;
}

function measured(make: () => Platform): SynthesisRun {
  const start = performance.now();
  const synthesis = synthesize(make());
  renderFiles(synthesis);
  return { objects: synthesis.objects.length, milliseconds: performance.now() - start };
}

/** Makes, synthesizes and renders `count` tenant namespaces. */
export function synthesizeTenants(count: number): SynthesisRun {
  return measured(() => tenants(count));
}

/** Makes, synthesizes and renders `layers` floors that wait for each other, with `objects` objects each. */
export function synthesizeLayers(layers: number, objects: number): SynthesisRun {
  return measured(() => layered(layers, objects));
}
