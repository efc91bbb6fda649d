/**
 * Every MIG profile that NVIDIA names, with the instances of it that one card holds; where cards differ, the most that any holds.
 * From the tables of supported profiles in https://docs.nvidia.com/datacenter/tesla/mig-user-guide/#supported-mig-profiles, one row a card.
 */
export const MIG_PROFILES = {
  // A30, 24 GB
  '1g.6gb': 4,
  '2g.12gb': 2,
  '4g.24gb': 1,
  // A100, 40 GB
  '1g.5gb': 7,
  '2g.10gb': 3,
  '3g.20gb': 2,
  '4g.20gb': 1,
  '7g.40gb': 1,
  // A100 and H100, 80 GB
  '1g.10gb': 7,
  '1g.20gb': 4,
  '2g.20gb': 3,
  '3g.40gb': 2,
  '4g.40gb': 1,
  '7g.80gb': 1,
  // H100, 94 and 96 GB
  '1g.12gb': 7,
  '1g.24gb': 4,
  '2g.24gb': 3,
  '3g.47gb': 2,
  '4g.47gb': 1,
  '7g.94gb': 1,
  '3g.48gb': 2,
  '4g.48gb': 1,
  '7g.96gb': 1,
  // H200, 141 GB
  '1g.18gb': 7,
  '1g.35gb': 4,
  '2g.35gb': 3,
  '3g.71gb': 2,
  '4g.71gb': 1,
  '7g.141gb': 1,
  // B200, 180 GB
  '1g.23gb': 7,
  '1g.45gb': 4,
  '2g.45gb': 3,
  '3g.90gb': 2,
  '4g.90gb': 1,
  '7g.180gb': 1,
} as const satisfies Readonly<Record<string, number>>;

/** A way to cut a card: computing slices, and memory in GB. */
export type MigProfile = keyof typeof MIG_PROFILES;

/** Every profile, the smallest first. */
export const MIG_PROFILE_NAMES = Object.keys(MIG_PROFILES) as readonly MigProfile[];
