export * from './external-identity-provider';
export * from './identity-brokers';
export * from './keycloak-realm';
export * from './keycloak-realm-props';
export * from './ldap-federation';
