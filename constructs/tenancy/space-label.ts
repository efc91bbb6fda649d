/**
 * Label of every namespace that people work in. Onyxia gives each namespace that it makes the same labels, so the label cannot tell a
 * user's space from a project's: the name does. What selects by label (NetworkPolicies, routes of a Gateway) uses this one.
 */
export const SPACE_LABEL = 'bouture.dev/space';

/** Its value. */
export const SPACE_LABEL_VALUE = 'people';

/** The label as a selector. */
export const SPACE_SELECTOR: Readonly<Record<string, string>> = { [SPACE_LABEL]: SPACE_LABEL_VALUE };

/** Label that Onyxia gives a namespace: the user or the group that it belongs to. */
export const OWNER_LABEL = 'onyxia_owner';

/** RoleBinding by which Onyxia makes a user or a group the administrator of a namespace. */
export const ONYXIA_BINDING = 'full_control_namespace';

/** ResourceQuota that Onyxia writes at each login. */
export const ONYXIA_QUOTA = 'onyxia-quota';

/**
 * Label of a space whose owner has left. Nobody is bound in it again, also not a new person of the same name, until an administrator
 * removes the label or the namespace.
 */
export const CLOSED_LABEL = 'bouture.dev/closed';
