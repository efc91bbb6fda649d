import type { PlatformRule } from '../rule';
import { type Direction, Traffic } from './traffic';

export const holesHaveTwins: PlatformRule = {
  id: 'holes-have-twins',
  level: 'error',
  scope: 'platform',
  why: 'Between two closed namespaces a connection needs both doors: one that only one side opens times out, and is left open.',
  source: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation',
  fix: 'open it with connections.allowTo(other, port), which opens both sides',
  *check(platform) {
    const traffic = new Traffic(platform);
    for (const object of platform.ofKind('NetworkPolicy')) {
      for (const direction of ['ingress', 'egress'] as const) {
        for (const { peer, port } of traffic.holes(object, direction)) {
          for (const subject of traffic.subjects(object)) {
            for (const other of traffic.peers(object, peer)) {
              if (other === subject || traffic.allows(opposite(direction), other, subject, port)) continue;
              const at = port === undefined ? 'every port' : `port ${port}`;
              const message =
                direction === 'egress'
                  ? `lets ${subject.title} call ${at} of ${other.title}, which does not let it in`
                  : `lets ${other.title} in at ${at} of ${subject.title}, but it may not call it`;
              yield { object, field: peer.path, message };
            }
          }
        }
      }
    }
  },
};

function opposite(direction: Direction): Direction {
  return direction === 'ingress' ? 'egress' : 'ingress';
}
