import { type AdmissionPolicy, cel, inSpace, isAdministrator, labelOf } from '../admission-policy';
import { CLOSED_LABEL, ONYXIA_BINDING } from '../space-label';
import type { PolicyContext } from './context';

/**
 * The administrator of a space is whom its name tells, until it is closed: never somebody in a namespace of others, whatever Onyxia was
 * told to write.
 */
export function spaceMembers({ names, subjects, onyxia }: PolicyContext): AdmissionPolicy {
  const { userPrefix, projectPrefix } = names;
  const name = (prefix: string, subjectPrefix: string) =>
    `${cel(subjectPrefix)} + request.namespace.substring(${prefix.length})`;
  return {
    id: 'space-members',
    resources: [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['rolebindings'],
        operations: ['CREATE', 'UPDATE'],
      },
    ],
    conditions: [`request.name == ${cel(ONYXIA_BINDING)}`, `!(${isAdministrator(onyxia)})`],
    variables: {
      isUser: `request.namespace.startsWith(${cel(userPrefix)})`,
      wanted: `variables.isUser ? ${name(userPrefix, subjects.userPrefix)} : ${name(projectPrefix, subjects.groupPrefix)}`,
      kind: 'variables.isUser ? "User" : "Group"',
      subjects: 'has(object.subjects) ? object.subjects : []',
    },
    validations: [
      {
        expression: `(${labelOf('namespaceObject', CLOSED_LABEL)}) == ""`,
        message:
          `This space is closed (label ${CLOSED_LABEL}): whoever had it has left, and a new person of the same name is somebody else. ` +
          'Choose another user name, or ask the platform team to remove the namespace.',
        messageExpression:
          `"the space \\"" + request.namespace + "\\" is closed (label ${CLOSED_LABEL}): whoever had it has left, and a new person of the same ` +
          'name is somebody else. Choose another user name, or ask the platform team to remove the namespace."',
      },
      {
        expression: inSpace(names),
        message:
          `The RoleBinding ${ONYXIA_BINDING} makes people administrators of a namespace, so it is only for those that begin with ` +
          `${userPrefix} or ${projectPrefix}. Check the namespace prefixes in Onyxia's region: neither may be empty.`,
      },
      {
        expression:
          `!(${inSpace(names)}) || (variables.subjects.size() == 1 && ` +
          'variables.subjects.all(s, s.kind == variables.kind && s.name == variables.wanted) && ' +
          'object.roleRef.kind == "ClusterRole" && object.roleRef.name == "admin")',
        message: `The RoleBinding ${ONYXIA_BINDING} gives the ClusterRole admin to whom the namespace's name tells, and to nobody else.`,
        messageExpression:
          `"the RoleBinding ${ONYXIA_BINDING} of \\"" + request.namespace + "\\" gives the ClusterRole admin to the " + variables.kind + " \\"" + ` +
          'variables.wanted + "\\" and to nobody else. Check usernamePrefix and groupPrefix in Onyxia\'s region."',
      },
    ],
  };
}
