import type { GpuOffer } from '../../compute';
import type { ImageCatalogue } from '../../platform';
import { plainOffer } from '../parts/gpu';
import type { CatalogService } from '../service';
import { argoCdService } from './argo-cd';
import { argoWorkflowsService } from './argo-workflows';
import { dashboardService } from './dashboard';
import { graviteeService } from './gravitee';
import { jupyterPysparkService } from './jupyter-pyspark';
import { jupyterlabService } from './jupyterlab';
import { labelStudioService } from './label-studio';
import { mlflowService } from './mlflow';
import { mongodbService } from './mongodb';
import { type BuiltInService, defaultServices } from './names';
import { pgadminService } from './pgadmin';
import { postgresqlService } from './postgresql';
import { rstudioService } from './rstudio';
import { trinoService } from './trino';
import { vscodeService } from './vscode';

/** What gives a service its images, by their keys in the lock file. */
type Images = Pick<ImageCatalogue, 'get'>;

/** The services of this library, each made with the images of a platform. */
const SERVICES: Readonly<Record<BuiltInService, (images: Images, gpu: GpuOffer) => CatalogService>> = {
  'jupyter-python': (images) => jupyterlabService({ images: [images.get('jupyter-python')] }),
  'jupyter-python-gpu': (images, gpuOffer) => jupyterlabService({ images: [images.get('jupyter-python')], gpuOffer }),
  'jupyter-r-python': (images) => jupyterlabService({ images: [images.get('r-python')], languages: 'r-python' }),
  'vscode-r-python': (images) => vscodeService({ images: [images.get('r-python')], languages: 'r-python' }),
  rstudio: (images) => rstudioService({ images: [images.get('rstudio')] }),
  'jupyter-pyspark': (images) => jupyterPysparkService({ images: [images.get('jupyter-pyspark')] }),
  mlflow: (images) => mlflowService({ image: images.get('mlflow') }),
  'label-studio': (images) => labelStudioService({ image: images.get('label-studio') }),
  'argo-cd': (images) => argoCdService({ image: images.get('argo-cd') }),
  dashboard: (images) => dashboardService({ image: images.get('dashboard') }),
  mongodb: (images) => mongodbService({ image: images.get('mongodb') }),
  gravitee: (images) =>
    graviteeService({
      images: {
        api: images.get('gravitee-api'),
        gateway: images.get('gravitee-gateway'),
        console: images.get('gravitee-console'),
        postgres: images.get('postgres'),
        toolbox: images.get('toolbox'),
      },
    }),
  pgadmin: (images) => pgadminService({ image: images.get('pgadmin') }),
  postgresql: (images) => postgresqlService({ image: images.get('postgres') }),
  trino: (images) => trinoService({ image: images.get('trino') }),
  'vscode-python': (images) => vscodeService({ images: [images.get('vscode-python')] }),
  'vscode-python-gpu': (images, gpuOffer) => vscodeService({ images: [images.get('vscode-python')], gpuOffer }),
  'argo-workflows': (images) => argoWorkflowsService({ image: images.get('argo-workflows') }),
};

/**
 * Services of this library, with the images of a platform: its mirror, its digests.
 *
 * @param names which ones, and in which order. @default - all but those for GPUs, and those of Argo, which need `ArgoCustomResources`
 * @param gpu what those for GPUs ask for: `GpuNodes.offer`. @default - up to 4 GPUs of NVIDIA
 * @throws Error when the platform has no image for one of them
 *
 * @example
 * import { buildCatalog, builtInServices } from 'bouture';
 * const catalog = buildCatalog(builtInServices(images, ['postgresql']));
 */
export function builtInServices(
  images: Images,
  names: readonly BuiltInService[] = defaultServices(false),
  gpu: GpuOffer = plainOffer(4),
): readonly CatalogService[] {
  return names.map((name) => SERVICES[name](images, gpu));
}
