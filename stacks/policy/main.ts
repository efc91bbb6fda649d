/** What Pulumi runs as the policy pack of the folder `policy/`. */
import { PolicyPack } from '@pulumi/policy';
import { policies } from './policies';

new PolicyPack('bouture', { policies: policies() });
