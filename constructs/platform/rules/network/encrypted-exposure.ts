import type { ObjectRule } from '../rule';

export const encryptedExposure: ObjectRule = {
  id: 'encrypted-exposure',
  level: 'error',
  scope: 'object',
  profiles: ['production'],
  why: 'Over plain HTTP everyone on the way reads the passwords and tokens that people type.',
  source: 'NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening',
  fix: 'give exposure.tls in the configuration: a certificate’s Secret or a cert-manager issuer',
  *check({ kind, spec }) {
    if (kind === 'Ingress') {
      const covered = new Set(
        spec
          .at('tls')
          .items()
          .flatMap((tls) => tls.at('hosts').items())
          .map(({ text }) => text),
      );
      for (const rule of spec.at('rules').items()) {
        const host = rule.at('host');
        if (!covered.has(host.text)) yield { field: host.path, message: `${host.text ?? 'every host'} has no TLS` };
      }
    }
    if (kind === 'Gateway') {
      for (const listener of spec.at('listeners').items()) {
        const protocol = listener.at('protocol');
        if (protocol.text !== 'HTTPS' && protocol.text !== 'TLS') {
          yield { field: protocol.path, message: `listens without TLS: ${protocol.text ?? ''}` };
        }
      }
    }
  },
};
