import type { GpuSharing } from './gpu-sharing';

/** The file that NVIDIA's device plugin reads, as far as this library sets it. */
export interface DevicePluginConfig {
  readonly version: 'v1';
  readonly flags: {
    readonly migStrategy: 'none' | 'single' | 'mixed';
    readonly failOnInitError: boolean;
    readonly plugin: {
      readonly passDeviceSpecs: boolean;
      readonly deviceListStrategy: DeviceListStrategy;
      readonly deviceIDStrategy: 'uuid' | 'index';
    };
  };
  /** Of cards that are shared. @default - each is given to one container */
  readonly sharing?: {
    readonly timeSlicing: {
      readonly renameByDefault: boolean;
      readonly failRequestsGreaterThanOne: boolean;
      readonly resources: readonly { readonly name: string; readonly replicas: number }[];
    };
  };
}

/**
 * How a container gets its devices: by the variable `NVIDIA_VISIBLE_DEVICES`, by volumes, or by the Container Device Interface of the
 * runtime. The first works with every set-up of the nodes; a container that sets the variable itself may see others' cards, unless the
 * nodes' `accept-nvidia-visible-devices-envvar-when-unprivileged` is false, which the second needs.
 */
export type DeviceListStrategy = 'envvar' | 'volume-mounts' | 'cdi-cri';

/**
 * The configuration of NVIDIA's device plugin for nodes whose cards are shared in a way, in the form of release 0.17:
 * https://github.com/NVIDIA/k8s-device-plugin#as-a-configuration-file. A shared card is given once to each container, as NVIDIA
 * recommends: a second slice of it would give no more.
 */
export function devicePluginConfig(sharing: GpuSharing, deviceListStrategy: DeviceListStrategy): DevicePluginConfig {
  return {
    version: 'v1',
    flags: {
      migStrategy: sharing.mig?.strategy ?? 'none',
      failOnInitError: true,
      plugin: { passDeviceSpecs: false, deviceListStrategy, deviceIDStrategy: 'uuid' },
    },
    ...(sharing.kind === 'time-slicing'
      ? {
          sharing: {
            timeSlicing: {
              renameByDefault: false,
              failRequestsGreaterThanOne: true,
              resources: [{ name: sharing.resource, replicas: sharing.perCard }],
            },
          },
        }
      : {}),
  };
}
