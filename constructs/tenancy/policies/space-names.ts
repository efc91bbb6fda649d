import { type AdmissionPolicy, cel, isAdministrator, labelOf, literal } from '../admission-policy';
import { CLOSED_LABEL, OWNER_LABEL, SPACE_LABEL, SPACE_LABEL_VALUE } from '../space-label';
import type { PolicyContext } from './context';

/**
 * A namespace belongs to whom its name says, for ever: Onyxia applies a namespace without asking whose it is. Only names with a prefix of
 * people's spaces have an owner, and what has such a name has the guards' labels.
 */
export function spaceNames({ names, onyxia, spaces }: PolicyContext): AdmissionPolicy {
  const { userPrefix, projectPrefix } = names;
  const spacesAre = `namespaces that begin with ${userPrefix} or ${projectPrefix}`;
  const rest = (prefix: string) => `variables.name.substring(${prefix.length})`;
  return {
    id: 'space-names',
    resources: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['namespaces'], operations: ['CREATE', 'UPDATE'] }],
    conditions: [`!(${isAdministrator(onyxia)})`],
    variables: {
      name: 'object.metadata.name',
      isUser: `variables.name.startsWith(${cel(userPrefix)})`,
      isProject: `variables.name.startsWith(${cel(projectPrefix)})`,
      rest: `variables.isUser ? ${rest(userPrefix)} : variables.isProject ? ${rest(projectPrefix)} : ""`,
      owner: labelOf('object', OWNER_LABEL),
      oldOwner: labelOf('oldObject', OWNER_LABEL),
      label: labelOf('object', SPACE_LABEL),
      closed: labelOf('object', CLOSED_LABEL),
      oldClosed: labelOf('oldObject', CLOSED_LABEL),
      level: labelOf('object', 'pod-security.kubernetes.io/enforce'),
    },
    validations: [
      {
        expression: 'variables.isUser || variables.isProject || (variables.owner == "" && variables.label == "")',
        message:
          `Only ${spacesAre} belong to people: this one cannot get an owner (label ${OWNER_LABEL}) or the label ${SPACE_LABEL}. ` +
          "Check the namespace prefixes in Onyxia's region: neither may be empty.",
      },
      {
        expression: 'variables.oldOwner == "" || variables.owner == variables.oldOwner',
        message: `A namespace never changes hands (label ${OWNER_LABEL}). Give the new owner a namespace of its own and copy what is needed.`,
        messageExpression:
          '"namespace \\"" + variables.name + "\\" belongs to \\"" + variables.oldOwner + "\\" and never changes hands (label ' +
          `${OWNER_LABEL}). Give the new owner a namespace of its own and copy what is needed."`,
      },
      {
        expression: 'variables.closed == variables.oldClosed',
        message: `Whether a space is closed (label ${CLOSED_LABEL}) is for administrators of the cluster to say: ask the platform team.`,
      },
      {
        expression: 'variables.owner == "" || variables.owner == variables.rest',
        message: `The owner of a namespace (label ${OWNER_LABEL}) is who its name tells after the prefix, and nobody else.`,
        messageExpression:
          '"namespace \\"" + variables.name + "\\" cannot belong to \\"" + variables.owner + "\\": its owner (label ' +
          `${OWNER_LABEL}) is who its name tells after the prefix, and nobody else."`,
      },
      {
        expression:
          '!(variables.isUser || variables.isProject) || (variables.rest.matches("^[a-z0-9]+(-[a-z0-9]+)*$") && ' +
          `!variables.rest.matches(${cel(`^(${names.reservedNames.map(literal).join('|')})(-|$)`)}))`,
        message:
          'This name is none that people may have: expected parts of a-z and 0-9 with single dashes between them, none of ' +
          `${names.reservedNames.join(', ')} as the first part. Choose another user name or group name.`,
      },
      {
        expression:
          `!(variables.isUser || variables.isProject) || (variables.label == ${cel(SPACE_LABEL_VALUE)} && ` +
          `variables.level in ["baseline", "restricted"])`,
        message:
          `A space of people needs the labels ${SPACE_LABEL}=${SPACE_LABEL_VALUE} and pod-security.kubernetes.io/enforce=` +
          `${spaces.podSecurity}, or its guards would not hold. Add them to namespaceLabels of Onyxia's region.`,
      },
    ],
  };
}
