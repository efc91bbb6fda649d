import { dnsLabel, type SecretRef } from '../platform';
import { type Mapper, type RealmObject, secretFile } from './realm-objects';

const LDAP_MAPPER = 'org.keycloak.storage.ldap.mappers.LDAPStorageMapper';

/** Groups of the directory that people are members of here, too. */
export interface LdapGroups {
  /** `ou=groups,dc=example,dc=org` */
  readonly dn: string;
  /** @default 'groupOfNames' */
  readonly objectClass?: string;
  /** Attribute with the members' distinguished names. @default 'member' */
  readonly memberAttribute?: string;
  /** Further condition, `(cn=datalab-*)`: only groups that the platform is to know. @default - none */
  readonly filter?: string;
}

export interface LdapFederationProps {
  /** A DNS label. */
  readonly name: string;
  /** `ldaps://ldap.example.org`, or `ldap://` where `startTls` is set. */
  readonly url: string;
  /** Encrypt a connection that begins in plain text. @default false */
  readonly startTls?: boolean;
  /** Who Keycloak is there: `cn=keycloak,dc=example,dc=org`. */
  readonly bindDn: string;
  /** Its password, in the realm's namespace. */
  readonly bindCredential: SecretRef;
  /** `ou=people,dc=example,dc=org` */
  readonly usersDn: string;
  /** @default 'other' */
  readonly vendor?: 'ad' | 'rhds' | 'tivoli' | 'edirectory' | 'other';
  /** @default 'uid', Active Directory: 'sAMAccountName' */
  readonly usernameAttribute?: string;
  /** Begins a person's distinguished name. @default - the username's attribute, Active Directory: 'cn' */
  readonly rdnAttribute?: string;
  /** @default 'entryUUID', Active Directory: 'objectGUID' */
  readonly uuidAttribute?: string;
  /** @default ['inetOrgPerson', 'organizationalPerson'], Active Directory: ['person', 'organizationalPerson', 'user'] */
  readonly objectClasses?: readonly string[];
  /** Further condition on people, `(memberOf=cn=datalab,...)`. @default - none */
  readonly filter?: string;
  /** @default - groups of the directory are not known here */
  readonly groups?: LdapGroups;
  /** Networks of the directory. @default - every IPv4 address but the cloud's metadata service */
  readonly cidrs?: readonly string[];
}

/**
 * A directory whose people may log in here with the password that they have there. It is only read.
 *
 * Keycloak does not hold the directory's user names to the realm's pattern. One that breaks it gets a token, and is refused by whoever
 * makes a space from it: leave such people out by `filter`.
 *
 * @throws Error when the name is no DNS label, or the address is no LDAP address or would send passwords in plain text
 *
 * @example
 * import { LdapFederation } from 'bouture';
 * const directory = new LdapFederation({
 *   name: 'directory',
 *   url: 'ldaps://ldap.example.org',
 *   bindDn: 'cn=keycloak,dc=example,dc=org',
 *   bindCredential: { namespace: 'demo-keycloak', name: 'directory', key: 'password' },
 *   usersDn: 'ou=people,dc=example,dc=org',
 *   groups: { dn: 'ou=groups,dc=example,dc=org' },
 * });
 */
export class LdapFederation {
  readonly name: string;
  readonly secrets: readonly { readonly ref: SecretRef; readonly file: string; readonly purpose: string }[];
  readonly egress: { readonly ports: readonly number[]; readonly cidrs?: readonly string[] };

  constructor(private readonly props: LdapFederationProps) {
    this.name = dnsLabel('name of a user federation', props.name);
    const address = /^(ldaps?):\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(?::(\d{1,5}))?$/.exec(props.url);
    if (address === null) {
      throw new Error(
        `user federation "${props.name}": "${props.url}" is not the address of a directory: expected "ldaps://ldap.example.org"`,
      );
    }
    if (address[1] === 'ldap' && props.startTls !== true) {
      throw new Error(
        `user federation "${props.name}": "${props.url}" would send passwords in plain text: use ldaps://, or set startTls`,
      );
    }
    const port = Number(address[3] ?? (address[1] === 'ldaps' ? 636 : 389));
    this.egress = { ports: [port], ...(props.cidrs === undefined ? {} : { cidrs: props.cidrs }) };
    const purpose = `password of Keycloak at the directory ${props.name}`;
    this.secrets = [{ ref: props.bindCredential, file: this.credentialFile, purpose }];
  }

  /** What Keycloak is told: a component and its mappers, each setting with its one value. */
  render(): { representation: RealmObject; mappers: Mapper[] } {
    const { props } = this;
    const isActiveDirectory = props.vendor === 'ad';
    const username = props.usernameAttribute ?? (isActiveDirectory ? 'sAMAccountName' : 'uid');
    const classes =
      props.objectClasses ??
      (isActiveDirectory ? ['person', 'organizationalPerson', 'user'] : ['inetOrgPerson', 'organizationalPerson']);
    return {
      representation: {
        name: props.name,
        providerId: 'ldap',
        providerType: 'org.keycloak.storage.UserStorageProvider',
        config: {
          enabled: 'true',
          priority: '0',
          vendor: props.vendor ?? 'other',
          connectionUrl: props.url,
          startTls: String(props.startTls === true),
          authType: 'simple',
          bindDn: props.bindDn,
          usersDn: props.usersDn,
          usernameLDAPAttribute: username,
          rdnLDAPAttribute: props.rdnAttribute ?? (isActiveDirectory ? 'cn' : username),
          uuidLDAPAttribute: props.uuidAttribute ?? (isActiveDirectory ? 'objectGUID' : 'entryUUID'),
          userObjectClasses: classes.join(', '),
          ...(props.filter === undefined ? {} : { customUserSearchFilter: props.filter }),
          searchScope: '2',
          editMode: 'READ_ONLY',
          importEnabled: 'true',
          syncRegistrations: 'false',
          allowKerberosAuthentication: 'false',
          trustEmail: 'false',
          useTruststoreSpi: 'always',
          pagination: 'true',
          connectionTimeout: '10000',
          readTimeout: '10000',
          bindCredential: secretFile(this.credentialFile),
        },
      },
      mappers: props.groups === undefined ? [] : [groupMapper(props.groups, username)],
    };
  }

  private get credentialFile(): string {
    return `federations/${this.props.name}/bindCredential`;
  }
}

function groupMapper(groups: LdapGroups, username: string): Mapper {
  return {
    name: 'groups',
    providerId: 'group-ldap-mapper',
    providerType: LDAP_MAPPER,
    config: {
      'groups.dn': groups.dn,
      'group.name.ldap.attribute': 'cn',
      'group.object.classes': groups.objectClass ?? 'groupOfNames',
      'membership.ldap.attribute': groups.memberAttribute ?? 'member',
      'membership.attribute.type': 'DN',
      'membership.user.ldap.attribute': username,
      ...(groups.filter === undefined ? {} : { 'groups.ldap.filter': groups.filter }),
      mode: 'READ_ONLY',
      'user.roles.retrieve.strategy': 'LOAD_GROUPS_BY_MEMBER_ATTRIBUTE',
      'preserve.group.inheritance': 'false',
      'drop.non.existing.groups.during.sync': 'false',
      'groups.path': '/',
    },
  };
}
