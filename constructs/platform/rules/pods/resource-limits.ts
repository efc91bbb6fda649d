import { quantity } from '../quantity';
import type { ObjectRule } from '../rule';

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];

export const resourceLimits: ObjectRule = {
  id: 'resource-limits',
  level: 'error',
  scope: 'object',
  why: 'Without requests the scheduler overfills a node; without limits one container starves its neighbours.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Resource policies',
  fix: 'give requests and limits of cpu, memory and ephemeral-storage: resourceRequirements(resources)',
  *check({ pod }) {
    for (const container of pod?.containers ?? []) {
      const resources = container.at('resources');
      for (const resource of RESOURCES) {
        const request = resources.at('requests', resource);
        const limit = resources.at('limits', resource);
        for (const field of [request, limit]) {
          if (!field.exists) yield { field: field.path, message: 'is not given' };
          else if (quantity(field.value) === undefined) yield { field: field.path, message: 'is not a quantity' };
        }
        const [least, most] = [quantity(request.value), quantity(limit.value)];
        if (least !== undefined && most !== undefined && least > most) {
          yield {
            field: request.path,
            message: `asks for ${String(request.value)}, above its limit ${String(limit.value)}`,
          };
        }
      }
    }
  },
};
