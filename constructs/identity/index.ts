export * from './external-identity-provider';
export * from './identity-brokers';
export type { KeycloakBackupProps } from './keycloak-backup';
export * from './keycloak-realm';
export * from './keycloak-realm-props';
export * from './ldap-federation';
