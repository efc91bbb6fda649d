import { contains, METADATA_SERVICE } from '../../ip-block';
import type { ObjectRule } from '../rule';

export const noMetadataService: ObjectRule = {
  id: 'no-metadata-service',
  level: 'error',
  scope: 'object',
  why: 'At 169.254.169.254 every cloud hands out the credentials of the machine to whoever asks.',
  source: 'https://kubernetes.io/docs/concepts/security/security-checklist/#network-security',
  fix: 'name the networks, or add except: [169.254.169.254/32]; a rule without peers opens every address',
  *check({ kind, spec }) {
    if (kind !== 'NetworkPolicy') return;
    for (const rule of spec.at('egress').items()) {
      const peers = rule.at('to').items();
      if (peers.length === 0) yield { field: rule.at('to').path, message: 'lets the Pods call every address' };
      for (const peer of peers) {
        const block = peer.at('ipBlock');
        const cidr = block.at('cidr').text;
        const spared = block
          .at('except')
          .items()
          .some(({ text }) => contains(text ?? '', METADATA_SERVICE));
        if (cidr !== undefined && contains(cidr, METADATA_SERVICE) && !spared) {
          yield { field: block.path, message: `${cidr} contains the metadata service` };
        }
      }
    }
  },
};
