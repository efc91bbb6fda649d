import type { Stack } from '@pulumi/pulumi/automation';
import { objectOfUrn } from './resources';
import { exportState, type ResourceState } from './workspace';

/**
 * Lifts the protection in a stack's state from what `bouture down` may delete. Without this, Pulumi refuses to delete a StatefulSet that has
 * claims, and forgets volumes instead of deleting them.
 *
 * @param deleteData true for everything; else what holds data stays protected, and goes nowhere
 * @returns true when the state holds any resource
 */
export async function unprotect(stack: Stack, deleteData: boolean): Promise<boolean> {
  const state = await exportState(stack);
  const { resources = [] } = state.deployment;
  const held = ({ urn, protect, retainOnDelete }: ResourceState): boolean =>
    (deleteData || objectOfUrn(urn)?.kind === 'StatefulSet') && (protect === true || retainOnDelete === true);
  if (resources.some(held)) {
    const free = resources.map((each) => (held(each) ? { ...each, protect: false, retainOnDelete: false } : each));
    await stack.importStack({ ...state, deployment: { ...state.deployment, resources: free } });
  }
  return resources.length > 0;
}
