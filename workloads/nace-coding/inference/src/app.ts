import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config, Selection } from './config.js';
import { authenticator } from './http/authentication.js';
import { Limits } from './http/limits.js';
import { clientServer, managementServer } from './http/server.js';
import { Metrics } from './metrics.js';
import { Recorder } from './records/recorder.js';
import { Shadow } from './records/shadow.js';
import { MlflowClient } from './registry/mlflow.js';
import { ModelCache } from './registry/model-cache.js';
import { ModelSlot } from './registry/model-slot.js';
import { registryCredentials } from './secrets.js';
import { Service } from './service.js';

/** The running service. */
export interface App {
  readonly server: FastifyInstance;
  readonly management: FastifyInstance;
  /** Stops accepting, ends what runs, and brings the records to the object store. @returns false when records remain on the disk */
  stop(): Promise<boolean>;
}

/** Name of the Pod, as the keys of objects can hold it. */
function replicaName(): string {
  return (process.env['REPLICA_NAME'] ?? hostname()).replaceAll(/[^A-Za-z0-9.-]/g, '-');
}

/**
 * Starts everything. Ports are open when this returns; the model comes after that, and readiness with it.
 *
 * @throws Error when a secret, a folder or a port cannot be used
 */
export async function start(config: Config, log: Logger): Promise<App> {
  const replica = replicaName();
  const parts: { recorder?: Recorder } = {};
  const metrics = new Metrics(config.confidence.threshold, () => parts.recorder?.waitingBytes ?? 0);
  const registry = new MlflowClient(config.registry, registryCredentials(config.registry.authentication));
  const slotOf = (slot: 'main' | 'shadow', model: string, selection: Selection) =>
    new ModelSlot({
      model,
      selection,
      reloadSeconds: config.registry.reloadSeconds,
      mayBeEmpty: slot === 'shadow',
      registry,
      cache: new ModelCache(cacheFolder(config, slot, model), registry),
      log: log.child({ slot }),
      onLoaded: ({ version }) => {
        metrics.serves(slot, version);
      },
      onEmptied: () => {
        metrics.servesNone(slot);
      },
      onFailure: (kind) => {
        metrics.modelFailures.inc({ slot, kind });
      },
    });
  const slot = slotOf('main', config.registry.model, config.registry.select);
  const beside =
    config.shadow === undefined
      ? undefined
      : slotOf('shadow', config.shadow.model ?? config.registry.model, config.shadow.select);
  const shadow =
    beside === undefined || config.shadow === undefined
      ? undefined
      : new Shadow({
          model: () => beside.current,
          queueRows: config.shadow.queueRows,
          log,
          onSkipped: (rows) => {
            metrics.shadowSkipped.inc(rows);
          },
        });
  if (config.records !== undefined) {
    const events = {
      recorded: (count: number) => {
        metrics.recorded.inc(count);
      },
      dropped: (count: number) => {
        metrics.dropped.inc(count);
      },
      uploaded: (bytes: number) => {
        metrics.uploadedBytes.inc(bytes);
      },
      uploadFailed: () => {
        metrics.uploadFailures.inc();
      },
    };
    parts.recorder = await Recorder.open({ config: config.records, replica, shadow, log, events });
  }
  const { recorder } = parts;
  const service = new Service({ config, replica, slot, recorder, metrics });
  const limits = new Limits(config.limits);
  const server = clientServer({ service, authenticator: authenticator(config.authentication), limits, log });
  const management = managementServer(service);
  const { host, port, managementPort, shutdownSeconds, drainSeconds } = config.server;
  await management.listen({ host, port: managementPort });
  await server.listen({ host, port });
  void slot.start();
  void beside?.start();

  const stop = async (): Promise<boolean> => {
    service.stop();
    const late = pause(shutdownSeconds * 1000, false, { ref: false });
    await Promise.race([pause(drainSeconds * 1000), late]);
    const ended = (async () => {
      await server.close();
      await Promise.all([slot.stop(), beside?.stop()]);
      const kept = (await recorder?.close()) ?? true;
      await management.close();
      return kept;
    })();
    return Promise.race([ended, late]);
  };
  return { server, management, stop };
}

/** A folder of its own for each slot and model, whatever the name of the model. */
function cacheFolder(config: Config, slot: string, model: string): string {
  const { url } = config.registry;
  const key = createHash('sha256').update(`${url}\n${model}`).digest('hex').slice(0, 16);
  return join(config.cacheFolder, `${slot}-${key}`);
}
