export * from './access';
export * from './cloud';
export * from './cloud-network';
export * from './cloud-settings';
export * from './component';
export * from './content-hash';
export * from './cron-schedule';
export * from './declared-job';
export * from './scheduled-job';
export * from './deploy-time';
export * from './deploy-time-values';
export * from './exposure';
export * from './identity-provider';
export * from './image-reference';
export * from './images';
export * from './kubernetes';
export { type IpBlock, ipBlock } from './ip-block';
export * from './labels';
export * from './layer';
export * from './lazily';
export * from './metrics';
export * from './names';
export * from './namespace';
export * from './network';
export {
  describeTarget,
  type ObjectOverride,
  type ObjectTarget,
  type OverridableKinds,
  override,
  OverrideError,
  type Patch,
} from './override';
export * from './platform';
export * from './pods';
export * from './profile';
export * from './secret-ref';
export * from './secrets';
export * from './spaces';
export * from './synthesis';
