import { MIG_PROFILE_NAMES, MIG_PROFILES, type MigProfile } from './mig-profiles';

/** What NVIDIA's device plugin calls a whole card, and a time slice of one. */
export const NVIDIA_GPU = 'nvidia.com/gpu';

/** Time slices of one card: above this, each has too little of its memory for any program. */
const MOST_SLICES = 48;

/** How the parts of cut cards are called: `single` calls each `nvidia.com/gpu`, `mixed` calls it by its profile. */
export type MigStrategy = 'single' | 'mixed';

/**
 * How several services share a card.
 *
 * @example
 * import { GpuSharing } from 'bouture';
 * const slices = GpuSharing.timeSlicing(4);
 * const parts = GpuSharing.mig('1g.10gb');
 */
export class GpuSharing {
  /** Each card is one service's. */
  static none(): GpuSharing {
    return new GpuSharing('none', NVIDIA_GPU, 1);
  }

  /**
   * Services take turns on a card. Nothing keeps them apart: each can fill the card's memory, and one that crashes it crashes all
   * (https://github.com/NVIDIA/k8s-device-plugin#with-cuda-time-slicing).
   *
   * @param replicas services on one card, 2 to 48
   * @throws RangeError for any other number
   */
  static timeSlicing(replicas: number): GpuSharing {
    if (!Number.isInteger(replicas) || replicas < 2 || replicas > MOST_SLICES) {
      throw new RangeError(`time slices of a GPU are a whole number from 2 to ${MOST_SLICES}, given ${replicas}`);
    }
    return new GpuSharing('time-slicing', NVIDIA_GPU, replicas);
  }

  /**
   * The card itself is cut into parts with memory and computing units of their own (Multi-Instance GPU). Whoever makes the node cuts its
   * cards: NVIDIA's mig-parted, or the node group of a cloud.
   *
   * @param strategy how the parts are called. @default 'single'
   * @throws Error when NVIDIA has no such profile
   */
  static mig(profile: MigProfile, strategy: MigStrategy = 'single'): GpuSharing {
    if (!Object.hasOwn(MIG_PROFILES, profile)) {
      throw new Error(`MIG profile "${profile}": expected one of ${MIG_PROFILE_NAMES.join(', ')}`);
    }
    const resource = strategy === 'single' ? NVIDIA_GPU : `nvidia.com/mig-${profile}`;
    return new GpuSharing('mig', resource, MIG_PROFILES[profile], { profile, strategy });
  }

  private constructor(
    readonly kind: 'none' | 'time-slicing' | 'mig',
    /** The extended resource that Pods ask for. */
    readonly resource: string,
    /** Parts of one card: of MIG, the most that any card has of the profile. */
    readonly perCard: number,
    /** Of MIG. @default - the cards are whole */
    readonly mig?: { readonly profile: MigProfile; readonly strategy: MigStrategy },
  ) {}

  /** A service may ask for more than one: parts of cards do not add up, since a CUDA program uses one part only. */
  get addsUp(): boolean {
    return this.kind === 'none';
  }
}
