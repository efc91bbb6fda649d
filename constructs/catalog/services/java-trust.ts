import { AUTHORITIES } from '../parts/surroundings';

/** File with the authorities that Java trusts. */
const STORE = '/tmp/bouture/authorities.jks';

/**
 * For start scripts (sh) of software in Java: where the office has authorities of its own, a store of them beside those of the image, and the
 * options in `JAVA_TRUST` by which Java reads it; else `JAVA_TRUST` is empty. It needs `JAVA_HOME`. The password of the store is Java's
 * customary one: the store holds certificates alone, no key.
 */
export const JAVA_TRUST_SCRIPT = `JAVA_TRUST=
if [ -r ${AUTHORITIES}/ca.crt ]; then
  mkdir -p /tmp/bouture/authorities
  rm -f /tmp/bouture/authorities/*.crt
  # Java's tool reads one certificate of a file.
  awk '/BEGIN CERTIFICATE/ { n++ } n { print > ("/tmp/bouture/authorities/" n ".crt") }' ${AUTHORITIES}/ca.crt
  cp "$JAVA_HOME/lib/security/cacerts" ${STORE}.new
  chmod u+w ${STORE}.new
  for certificate in /tmp/bouture/authorities/*.crt; do
    "$JAVA_HOME/bin/keytool" -importcert -noprompt -keystore ${STORE}.new -storepass changeit \\
      -alias "office-$(basename "$certificate" .crt)" -file "$certificate" >&2 ||
      echo "start: an authority of the office is none, and is left out" >&2
  done
  mv ${STORE}.new ${STORE}
  JAVA_TRUST='-Djavax.net.ssl.trustStore=${STORE} -Djavax.net.ssl.trustStorePassword=changeit'
fi
`;
