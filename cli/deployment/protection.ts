import type { Stack } from '@pulumi/pulumi/automation';
import { type ObjectName, objectOfUrn } from './resources';
import { exportState, type ResourceState } from './workspace';

/** The objects of a stack's state that Pulumi neither deletes nor makes anew: those that hold data, and StatefulSets that have claims. */
export async function protectedObjects(stack: Stack): Promise<readonly ObjectName[]> {
  const { resources = [] } = (await exportState(stack)).deployment;
  return resources.filter(({ protect }) => protect === true).flatMap(({ urn }) => objectOfUrn(urn) ?? []);
}

/**
 * Lifts the protection in a stack's state from what may be deleted. Without this, Pulumi refuses to delete a StatefulSet that has claims, and
 * forgets volumes instead of deleting them.
 *
 * @param may what may be deleted; everything else that is protected stays so, and goes nowhere
 * @returns true when the state holds any resource
 */
export async function unprotect(stack: Stack, may: (object: ObjectName) => boolean): Promise<boolean> {
  const state = await exportState(stack);
  const { resources = [] } = state.deployment;
  const goes = (each: ResourceState): boolean => {
    const object = objectOfUrn(each.urn);
    return isHeld(each) && object !== undefined && may(object);
  };
  if (resources.some(goes)) {
    const free = resources.map((each) => (goes(each) ? { ...each, protect: false, retainOnDelete: false } : each));
    await stack.importStack({ ...state, deployment: { ...state.deployment, resources: free } });
  }
  return resources.length > 0;
}

function isHeld({ protect, retainOnDelete }: ResourceState): boolean {
  return protect === true || retainOnDelete === true;
}
