import { z } from 'zod';
import { label } from '../config/names';
import { bytes, cpu, memory, milliCpu, storageSize } from '../config/quantities';
import { wholeNumber } from '../config/scalar';

/** What a container gets that states nothing: a quota must hold one. See PlatformNamespace. */
const CONTAINER_DEFAULT = { cpu: '1', memory: '512Mi' };

const quota = z
  .strictObject({
    cpu: cpu().default('8').describe('CPU of all its Pods together.'),
    memory: memory().default('32Gi').describe('Memory of all its Pods together.'),
    storage: storageSize().default('100Gi').describe('Size of all its volumes together.'),
    pods: wholeNumber('a number of Pods', 1, 10000).default(50).describe('Pods at the same time.'),
    gpus: wholeNumber('a number of GPUs', 0, 1000)
      .default(0)
      .describe('GPUs (nvidia.com/gpu) of all its Pods together.'),
  })
  .check(({ value, issues }) => {
    if (issues.length > 0) return;
    if ((milliCpu(value.cpu) ?? 0) < (milliCpu(CONTAINER_DEFAULT.cpu) ?? 0)) {
      const message = `less than one container gets by default, ${CONTAINER_DEFAULT.cpu} CPU: nothing could start`;
      issues.push({ code: 'custom', input: value.cpu, path: ['cpu'], message });
    }
    if ((bytes(value.memory) ?? 0) < (bytes(CONTAINER_DEFAULT.memory) ?? 0)) {
      const message = `less than one container gets by default, ${CONTAINER_DEFAULT.memory}: nothing could start`;
      issues.push({ code: 'custom', input: value.memory, path: ['memory'], message });
    }
  })
  .prefault({})
  .describe('What all its Pods may use together.');

const project = z
  .strictObject({
    name: label().describe('Name of the project; its namespace is NAME-PROJECT.'),
    quota,
  })
  .describe("A namespace of its own for a team's Pods, closed to all others, in which MLflow is found.");

/** `projects`: namespaces for people's own work. */
export const projects = z
  .array(project)
  .max(2000)
  .default([])
  .describe('Namespaces for the work of teams, each with a quota.');
