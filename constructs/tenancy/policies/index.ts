export type { PodPlacement } from './pods';
export type { SpaceExposure, SpaceGateway } from './context';
