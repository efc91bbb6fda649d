import type { Field } from '../field';
import type { ObjectRule } from '../rule';

const ROLES = new Set(['Role', 'ClusterRole']);
const ESCALATING_VERBS = new Set(['escalate', 'bind', 'impersonate']);
const READ_VERBS = new Set(['get', 'list', 'watch']);

/** Resources that are the keys of something greater, with the verbs that turn them. @default - any verb, where none is named */
const KEYS: Readonly<Record<string, ReadonlySet<string>>> = {
  'nodes/proxy': new Set(['get', 'create', 'update', 'patch', 'delete']),
  'serviceaccounts/token': new Set(['create']),
  'certificatesigningrequests/approval': new Set(['update', 'patch']),
};

export const noRbacEscalation: ObjectRule = {
  id: 'no-rbac-escalation',
  level: 'error',
  scope: 'object',
  why: 'These rights are ways to become someone else: who has one of them has in the end all of them.',
  source: 'https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks',
  fix: 'remove the verb or the resource; read Secrets by name in one namespace, never in all',
  *check({ kind, root }) {
    if (!ROLES.has(kind)) return;
    for (const rule of root.at('rules').items()) {
      for (const verb of rule.at('verbs').items()) {
        if (ESCALATING_VERBS.has(verb.text ?? '')) yield { field: verb.path, message: `grants ${verb.text ?? ''}` };
      }
      for (const resource of rule.at('resources').items()) {
        const name = resource.text ?? '';
        const dangerous = kind === 'ClusterRole' && name === 'secrets' ? READ_VERBS : KEYS[name];
        const granted = verbs(rule).filter((verb) => dangerous?.has(verb));
        if (granted.length > 0) yield { field: resource.path, message: `grants ${granted.join(', ')} of ${name}` };
      }
    }
  },
};

function verbs(rule: Field): readonly string[] {
  return rule
    .at('verbs')
    .items()
    .flatMap(({ text }) => (text === undefined ? [] : [text]));
}
