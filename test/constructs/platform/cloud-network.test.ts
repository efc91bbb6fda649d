import * as fc from 'fast-check';
import { subnetPlan } from '../../../constructs';
import { overlap } from '../../../blueprints/config/hosts';

test('cuts a network for three zones', () => {
  expect(subnetPlan('10.80.0.0/16', 3)).toEqual({
    private: ['10.80.0.0/18', '10.80.64.0/18', '10.80.128.0/18'],
    public: ['10.80.192.0/20', '10.80.208.0/20', '10.80.224.0/20'],
    data: ['10.80.240.0/22', '10.80.244.0/22', '10.80.248.0/22'],
  });
});

test('no two subnets share an address, and all are of the network', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 20 }),
      fc.integer({ min: 0, max: 255 }),
      fc.integer({ min: 1, max: 3 }),
      (prefix, second, zones) => {
        const network = `10.${second}.0.0/${prefix}`;
        const plan = subnetPlan(network, zones);
        const all = [...plan.private, ...plan.public, ...plan.data];
        expect(all).toHaveLength(3 * zones);
        all.forEach((subnet, index) => {
          expect(overlap(subnet, network)).toBe(true);
          for (const other of all.slice(index + 1)) expect(overlap(subnet, other)).toBe(false);
        });
      },
    ),
  );
});

test.each(['10.0.0.0', '10.0.0.0/8', '10.0.0.0/24', 'fd00::/16', ''])('refuses the network "%s"', (network) => {
  expect(() => subnetPlan(network, 3)).toThrow('expected one from /16 to /20');
});
