import { at, type CloudResource, listOf } from './rule';

/** Where resources of AWS hold policies of IAM. */
const DOCUMENTS: Readonly<Record<string, readonly string[]>> = {
  'aws:iam/policy:Policy': ['policy'],
  'aws:iam/role:Role': ['assumeRolePolicy'],
  'aws:iam/rolePolicy:RolePolicy': ['policy'],
  'aws:iam/userPolicy:UserPolicy': ['policy'],
  'aws:iam/groupPolicy:GroupPolicy': ['policy'],
  'aws:kms/key:Key': ['policy'],
  'aws:s3/bucketPolicy:BucketPolicy': ['policy'],
};

/** A statement that allows something. */
export interface AllowStatement {
  /** Property that holds the policy. */
  readonly property: string;
  readonly actions: readonly string[];
  /** What stands for everybody, and nothing else: `*`. */
  readonly isForEverybody: boolean;
  readonly hasCondition: boolean;
}

/** The statements of a resource's policies that allow something; none where a policy is not known yet. */
export function allowStatements({ type, props }: CloudResource): readonly AllowStatement[] {
  return (DOCUMENTS[type] ?? []).flatMap((property) =>
    listOf(at(parsed(props[property]), 'Statement'))
      .filter((statement) => at(statement, 'Effect') === 'Allow')
      .map((statement) => ({
        property,
        actions: listOf(at(statement, 'Action')).map(String),
        isForEverybody: [at(statement, 'Principal'), ...listOf(at(statement, 'Principal', 'AWS'))].includes('*'),
        hasCondition: at(statement, 'Condition') !== undefined,
      })),
  );
}

function parsed(document: unknown): unknown {
  if (typeof document !== 'string') return document;
  try {
    return JSON.parse(document) as unknown;
  } catch {
    return undefined; // Known only at deployment.
  }
}
