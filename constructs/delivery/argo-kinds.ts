/** Products of Argo, by the names of their services: they work with the Kubernetes API, on kinds that it does not know by itself. */
export const ARGO_PRODUCTS = ['argo-workflows', 'argo-cd'] as const;

/** Name of a product of Argo. */
export type ArgoProduct = (typeof ARGO_PRODUCTS)[number];

/** A kind of object that Argo adds to Kubernetes, each of which lives in a namespace. */
export interface ArgoKind {
  readonly kind: string;
  /** The resource in the API's paths and in RBAC. */
  readonly plural: string;
  readonly shortNames: readonly string[];
  /** Who makes its objects: people, or the controller for itself. */
  readonly madeBy: 'people' | 'controller';
  /** Its fields beside the metadata, as the definition describes them. */
  readonly fields: Readonly<Record<string, FieldSchema>>;
  /** Those of its fields that must be given. */
  readonly required: readonly string[];
  /** Its status is written by a request of its own. */
  readonly hasStatusResource: boolean;
  /** What `kubectl get` shows beside the name. */
  readonly columns: readonly { readonly name: string; readonly jsonPath: string; readonly type: 'string' | 'date' }[];
  /** How many of them a space may hold at most. */
  readonly most: number;
}

/** What a definition says of a field. */
export type FieldSchema = Readonly<{
  type: 'object' | 'string';
  required?: readonly string[];
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-map-type'?: 'atomic';
}>;

const TEXT: FieldSchema = { type: 'string' };
/** Whatever Argo reads there: its programs check it themselves. */
const OPEN: FieldSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
/** The same, which one manager of fields owns as a whole. */
const WHOLE: FieldSchema = { ...OPEN, 'x-kubernetes-map-type': 'atomic' };

function kind(
  name: string,
  shortNames: readonly string[],
  fields: ArgoKind['fields'],
  rest: Partial<ArgoKind> = {},
): ArgoKind {
  return {
    kind: name,
    plural: `${name.toLowerCase()}s`,
    shortNames,
    fields,
    madeBy: 'people',
    required: 'spec' in fields ? ['spec'] : [],
    hasStatusResource: false,
    columns: [],
    most: 100,
    ...rest,
  };
}

const text = (name: string, jsonPath: string) => ({ name, jsonPath, type: 'string' as const });

/** API group of all kinds. */
export const ARGO_GROUP = 'argoproj.io';
/** The one version that Argo serves and stores. */
export const ARGO_VERSION = 'v1alpha1';

/**
 * The kinds of Argo Workflows 3.7 and of Argo CD 3.1, after their own definitions (`manifests/base/crds` and `manifests/crds` of their
 * modules). ClusterWorkflowTemplate is not among them: it belongs to the whole cluster, so no space could have one, and a controller of one
 * namespace does without.
 */
export const ARGO_KINDS: Readonly<Record<ArgoProduct, readonly ArgoKind[]>> = {
  'argo-workflows': [
    kind(
      'Workflow',
      ['wf'],
      { spec: WHOLE, status: WHOLE },
      {
        columns: [
          text('Status', '.status.phase'),
          { name: 'Age', jsonPath: '.status.startedAt', type: 'date' },
          text('Message', '.status.message'),
        ],
        most: 500,
      },
    ),
    kind('WorkflowTemplate', ['wftmpl'], { spec: WHOLE }, { most: 200 }),
    kind('CronWorkflow', ['cwf', 'cronwf'], { spec: WHOLE, status: WHOLE }),
    kind('WorkflowEventBinding', ['wfeb'], { spec: { ...OPEN, required: ['event'] } }),
    kind(
      'WorkflowTaskSet',
      ['wfts'],
      { spec: WHOLE, status: WHOLE },
      { madeBy: 'controller', hasStatusResource: true, most: 500 },
    ),
    // One for each step of a running workflow.
    kind(
      'WorkflowTaskResult',
      [],
      { message: TEXT, outputs: OPEN, phase: TEXT, progress: TEXT },
      { madeBy: 'controller', most: 5000 },
    ),
    kind(
      'WorkflowArtifactGCTask',
      ['wfat'],
      { spec: OPEN, status: OPEN },
      { madeBy: 'controller', hasStatusResource: true, most: 500 },
    ),
  ],
  'argo-cd': [
    kind(
      'Application',
      ['app', 'apps'],
      { operation: OPEN, spec: { ...OPEN, required: ['destination', 'project'] }, status: OPEN },
      {
        columns: [
          text('Sync Status', '.status.sync.status'),
          text('Health Status', '.status.health.status'),
          text('Revision', '.status.sync.revision'),
          text('Project', '.spec.project'),
        ],
        most: 200,
      },
    ),
    kind(
      'ApplicationSet',
      ['appset', 'appsets'],
      { spec: { ...OPEN, required: ['generators', 'template'] }, status: OPEN },
      { hasStatusResource: true },
    ),
    kind('AppProject', ['appproj', 'appprojs'], { spec: OPEN, status: OPEN }),
  ],
};
