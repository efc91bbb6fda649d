import type { ExpectedRole, S3Statement } from '../../constructs';

/** What a request tells the store: values by key. */
export type RequestContext = Readonly<Record<string, readonly string[]>>;

/**
 * How a store reads policies. Ceph puts nothing into names of resources, and takes one matching value of several for enough
 * (src/rgw/rgw_iam_policy.cc); AWS puts in what the request tells, and compares `StringEquals` with single values
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
 */
export type Reader = 'aws' | 'ceph';

/** A text with `*` and `?`, as an expression; what stands in for a variable is no wildcard. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replace(/\*/g, '.*');
  return new RegExp(`^${source.replace(/\?/g, '.')}$`, 's');
}

/** The pattern with its variables. @returns undefined where the request does not tell one of them: the statement does not match then */
function filledIn(pattern: string, context: RequestContext): RegExp | undefined {
  const parts = pattern.split(/\$\{([^}]+)\}/);
  const sources: string[] = [];
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) {
      sources.push(wildcard(part).source.slice(1, -1));
      continue;
    }
    const values = context[part] ?? [];
    const [value] = values;
    if (value === undefined || values.length > 1) return undefined;
    sources.push(value.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  }
  return new RegExp(`^${sources.join('')}$`, 's');
}

function holds(operator: string, given: readonly string[], wanted: readonly string[], reader: Reader): boolean {
  const [, set, plain = operator] = /^(ForAnyValue|ForAllValues):(.+)$/.exec(operator) ?? [];
  const one = (value: string): boolean => {
    switch (plain) {
      case 'StringEquals':
        return wanted.includes(value);
      case 'StringLike':
        return wanted.some((pattern) => wildcard(pattern).test(value));
      case 'StringNotLike':
        return !wanted.some((pattern) => wildcard(pattern).test(value));
      default:
        throw new Error(`this evaluation does not know the operator ${operator}`);
    }
  };
  if (set === 'ForAllValues') return given.every(one);
  if (set === 'ForAnyValue' || reader === 'ceph') return given.some(one);
  if (plain === 'StringNotLike' && given.length === 0) return true;
  const [value] = given;
  return given.length === 1 && value !== undefined && one(value);
}

function conditionsHold({ Condition = {} }: S3Statement, context: RequestContext, reader: Reader): boolean {
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) =>
      holds(operator, context[key] ?? [], typeof wanted === 'string' ? [wanted] : wanted, reader),
    ),
  );
}

/** Whether statements allow an action on a resource: one does, and none denies it. */
function allowed(
  statements: readonly S3Statement[],
  action: string,
  resource: string,
  context: RequestContext,
  reader: Reader,
): boolean {
  const matching = statements.filter(
    (statement) =>
      statement.Action.some((pattern) => wildcard(pattern).test(action)) &&
      (statement.Resource ?? ['*']).some((pattern) =>
        (reader === 'ceph' ? wildcard(pattern) : filledIn(pattern, context))?.test(resource),
      ) &&
      conditionsHold(statement, context, reader),
  );
  return matching.some(({ Effect }) => Effect === 'Allow') && !matching.some(({ Effect }) => Effect === 'Deny');
}

/** Whether a role may be assumed with a token of a provider. @param context what the store makes of the token */
export function mayAssume(role: ExpectedRole, provider: string, context: RequestContext, reader: Reader): boolean {
  const [statement] = role.trustPolicy?.Statement ?? [];
  if (statement?.Principal.Federated !== provider) return false;
  const needed = ['sts:AssumeRoleWithWebIdentity', ...('aws:TagKeys' in context ? ['sts:TagSession'] : [])];
  return needed.every((action) => allowed([statement], action, '*', context, reader));
}

/** Whether whoever has assumed a role may do something. */
export function mayDo(
  role: ExpectedRole,
  action: string,
  resource: string,
  context: RequestContext,
  reader: Reader,
): boolean {
  return allowed(role.permissionPolicy.Statement, action, resource, context, reader);
}
