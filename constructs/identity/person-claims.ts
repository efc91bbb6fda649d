/** Claims by which tokens of a realm of the platform tell of a person; others that somebody adds by hand are taken away again. */
export const PERSON_CLAIMS: readonly string[] = [
  'preferred_username',
  'groups',
  'roles',
  'email',
  'email_verified',
  'name',
  'given_name',
  'family_name',
];
