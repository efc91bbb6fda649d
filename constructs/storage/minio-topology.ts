import { wholeNumber } from '../platform/whole-number';
/** Sizes of an erasure set, `setSizes` in MinIO's cmd/endpoint-ellipses.go. */
const SET_MIN = 2;
const SET_MAX = 16;
/** Fewest drives that erasure coding is worth: with fewer, half of the space or more goes to parity and nothing can be written after one loss. */
const DISTRIBUTED_DRIVES_MIN = 4;

export interface DistributedTopologyProps {
  /** Servers, one Pod each: 2 or more. Four survive the loss of one without a pause. */
  readonly servers: number;
  /** Volumes of each server. @default 1 */
  readonly volumesPerServer?: number;
  /**
   * Drives of an erasure set that may be lost without losing data: 1 to half of the set.
   *
   * @default - MinIO's own: 2 for sets of 4 and 5 drives, 3 for 6 and 7, 4 from 8 on
   */
  readonly parity?: number;
}

/**
 * How many servers and drives a MinIO consists of. It is chosen once: MinIO writes it into the drives, so that another topology is
 * another tenant, to which the data is copied.
 */
export class MinioTopology {
  /** One server with one drive: data is as safe as that drive. */
  static standalone(): MinioTopology {
    return new MinioTopology(1, 1, undefined, undefined);
  }

  /**
   * Servers that spread each object over their drives with parity (erasure coding).
   *
   * @throws RangeError when there are fewer than 2 servers or 4 drives, when the drives fall into no equal sets of 2 to 16 that spread
   *   evenly over the servers, or when the parity is not 1 to half of a set
   */
  static distributed(props: DistributedTopologyProps): MinioTopology {
    const { servers, volumesPerServer = 1, parity } = props;
    wholeNumber('distributed MinIO: servers', servers, 2);
    wholeNumber('distributed MinIO: volumesPerServer', volumesPerServer, 1);
    const drives = servers * volumesPerServer;
    if (drives < DISTRIBUTED_DRIVES_MIN) {
      throw new RangeError(
        `distributed MinIO needs ${DISTRIBUTED_DRIVES_MIN} drives or more, given ${servers} servers with ${volumesPerServer}: ` +
          'add servers or volumes, or choose MinioTopology.standalone()',
      );
    }
    const setDrives = erasureSetDrives(servers, drives);
    if (parity !== undefined && (!Number.isInteger(parity) || parity < 1 || parity > setDrives / 2)) {
      throw new RangeError(
        `parity ${parity} does not fit erasure sets of ${setDrives} drives: use 1 to ${Math.floor(setDrives / 2)}`,
      );
    }
    return new MinioTopology(servers, volumesPerServer, setDrives, parity);
  }

  private constructor(
    readonly servers: number,
    readonly volumesPerServer: number,
    /** Drives of an erasure set. @default - undefined for a standalone server */
    readonly setDrives: number | undefined,
    /** Parity of the standard storage class. @default - undefined: MinIO's own */
    readonly parity: number | undefined,
  ) {}

  /** True where objects are spread over servers. */
  get isDistributed(): boolean {
    return this.setDrives !== undefined;
  }
}

/** The largest set that divides all drives evenly and takes as many drives from each server, or whole servers. */
function erasureSetDrives(servers: number, drives: number): number {
  for (let size = Math.min(SET_MAX, drives); size >= SET_MIN; size--) {
    if (drives % size === 0 && (size % servers === 0 || servers % size === 0)) return size;
  }
  throw new RangeError(
    `${drives} drives on ${servers} servers fall into no equal erasure sets of ${SET_MIN} to ${SET_MAX} drives that spread evenly ` +
      'over the servers: choose numbers with common divisors, such as 4, 8 or 16 servers',
  );
}
