import type { ContainerResources, k8s } from '../platform';

const ARGO = 'argoproj.io';
const READ = ['get', 'list', 'watch'];
const WRITE = [...READ, 'create', 'update', 'patch', 'delete'];

/**
 * What the controller does in its namespace. Nothing is in it that the administrator of a namespace has not, with the rights on Argo's own
 * kinds that the platform aggregates to that role: nobody can give away more than what is theirs.
 */
export const CONTROLLER_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['pods'], verbs: WRITE },
  { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
  { apiGroups: [''], resources: ['configmaps'], verbs: READ },
  { apiGroups: [''], resources: ['persistentvolumeclaims'], verbs: ['get', 'create', 'update', 'delete'] },
  { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['get', 'list'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'create', 'delete'] },
  {
    apiGroups: [ARGO],
    resources: [
      'workflows',
      'workflows/finalizers',
      'workflowtasksets',
      'workflowtasksets/finalizers',
      'workflowartifactgctasks',
    ],
    verbs: WRITE,
  },
  { apiGroups: [ARGO], resources: ['workflowtemplates', 'workflowtemplates/finalizers'], verbs: READ },
  { apiGroups: [ARGO], resources: ['workflowtaskresults'], verbs: ['list', 'watch', 'deletecollection'] },
  {
    apiGroups: [ARGO],
    resources: ['cronworkflows', 'cronworkflows/finalizers'],
    verbs: [...READ, 'update', 'patch', 'delete'],
  },
];

/** What a step of a workflow does: it tells its result, and collects the artifacts that are no longer wanted. */
export const EXECUTOR_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [ARGO], resources: ['workflowtaskresults'], verbs: ['create', 'patch'] },
  { apiGroups: [ARGO], resources: ['workflowartifactgctasks'], verbs: ['list', 'watch'] },
  { apiGroups: [ARGO], resources: ['workflowartifactgctasks/status'], verbs: ['patch'] },
];

/**
 * What the server does by itself. What people ask of it, it does with their own token, but for the list of workflows: it keeps one of its
 * own, and shows it to whoever may list them.
 */
export const SERVER_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [''], resources: ['configmaps'], verbs: READ },
  { apiGroups: [ARGO], resources: ['workflows'], verbs: ['list', 'watch'] },
  { apiGroups: [ARGO], resources: ['workflowtemplates', 'cronworkflows'], verbs: READ },
];

/** What a person's program may do through the server: run workflows and read what they say. */
export const CLIENT_RULES: readonly k8s.PolicyRule[] = [
  {
    apiGroups: [ARGO],
    resources: ['workflows', 'workflowtemplates', 'cronworkflows', 'workfloweventbindings'],
    verbs: WRITE,
  },
  { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: READ },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
];

/** What stands beside each step, to bring and to take its artifacts, takes. */
export const EXECUTOR_RESOURCES = {
  cpu: { request: '20m', limit: '500m' },
  memory: { request: '64Mi', limit: '512Mi' },
  ephemeralStorage: { request: '64Mi', limit: '10Gi' },
} as const satisfies ContainerResources;
