import { JAVA_TRUST_SCRIPT } from './java-trust';

/** Ports of Trino: that of the Ingress and of its own workers, and that of programs of the namespace, over TLS. */
export const TRINO_PORTS = { http: 8080, https: 8443 } as const;
/** Folder of the files below. */
export const TRINO_FILES = '/etc/bouture/trino';
/** Folder of the password. */
export const TRINO_SECRET = '/run/secrets/trino';

/** Folder that the start script makes, from which Trino reads its configuration. */
const ETC = '/tmp/trino/etc';
/** Key and certificate, made anew at each start: programs of the namespace have no authority that could vouch for it. */
const KEY_FILE = '/tmp/trino/server.pem';
const PASSWORD_FILE = '/tmp/trino/password.db';

/**
 * Puts together what Trino reads: the catalogs whose systems there are, and for the coordinator a key and the password as the hash that
 * Trino wants; then becomes Trino.
 */
export const TRINO_SCRIPT = `#!/bin/sh
set -eu
umask 077
${JAVA_TRUST_SCRIPT}
rm -rf ${ETC}
mkdir -p ${ETC}/catalog
cp ${TRINO_FILES}/node.properties ${ETC}/node.properties
cp "${TRINO_FILES}/$1.properties" ${ETC}/config.properties
{ cat ${TRINO_FILES}/jvm.config; printf '%s\\n' $JAVA_TRUST; } > ${ETC}/jvm.config

catalog() {
  cp "${TRINO_FILES}/catalog-$1.properties" "${ETC}/catalog/$1.properties"
  echo "start: catalog $1" >&2
}
catalog tpch
if [ -n "\${AWS_ENDPOINT_URL:-}" ] && [ -n "\${AWS_WORKING_DIRECTORY_PATH:-}" ]; then catalog hive; fi
if [ -n "\${PGHOST:-}" ]; then catalog postgresql; fi

if [ "$1" = coordinator ]; then
  cp ${TRINO_FILES}/password-authenticator.properties ${ETC}/password-authenticator.properties
  htpasswd -n -i -B -C 10 "$TRINO_USER" < ${TRINO_SECRET}/password > ${PASSWORD_FILE}
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 3650 -subj "/CN=trino" \\
    -addext "subjectAltName=DNS:$TRINO_SERVICE,DNS:$TRINO_SERVICE.$TRINO_NAMESPACE" \\
    -keyout ${KEY_FILE}.key -out ${KEY_FILE}.crt 2>/dev/null
  cat ${KEY_FILE}.crt ${KEY_FILE}.key > ${KEY_FILE}
  rm ${KEY_FILE}.crt ${KEY_FILE}.key
fi
exec /opt/trino/bin/launcher run --etc-dir ${ETC}
`;

/**
 * Java's memory follows the limit of the container, and Trino's own limits follow Java's: three tenths for one query, three tenths for what it
 * does not count. The rest of the container is for threads, compiled code and buffers.
 */
export const JVM_CONFIG = `-server
-XX:InitialRAMPercentage=40
-XX:MaxRAMPercentage=70
-XX:+ExplicitGCInvokesConcurrent
-XX:+ExitOnOutOfMemoryError
-XX:-OmitStackTraceInFastThrow
-XX:ReservedCodeCacheSize=256M
-XX:PerMethodRecompilationCutoff=10000
-XX:PerBytecodeRecompilationCutoff=10000
-Djdk.attach.allowAttachSelf=true
-Djdk.nio.maxCachedBufferSize=2000000
-Dfile.encoding=UTF-8
-XX:+EnableDynamicAgentLoading
-XX:+UnlockDiagnosticVMOptions
-XX:G1NumCollectionsKeepPinned=10000000
--add-modules=jdk.incubator.vector
--enable-native-access=ALL-UNNAMED
--sun-misc-unsafe-memory-access=allow
`;

export const NODE_PROPERTIES = `node.environment=space
node.data-dir=/tmp/trino/data
catalog.config-dir=${ETC}/catalog
plugin.dir=/opt/trino/plugin
`;

/** What coordinator and workers share. Requests that are not over TLS, or came over it to the Ingress, may do nothing without a password. */
export const SHARED_PROPERTIES = `http-server.http.port=${TRINO_PORTS.http}
http-server.log.enabled=false
internal-communication.shared-secret=\${ENV:SHARED_SECRET}
`;

export const COORDINATOR_PROPERTIES = `coordinator=true
http-server.process-forwarded=true
http-server.https.enabled=true
http-server.https.port=${TRINO_PORTS.https}
http-server.https.keystore.path=${KEY_FILE}
http-server.authentication.type=PASSWORD
password-authenticator.config-files=${ETC}/password-authenticator.properties
`;

export const PASSWORD_PROPERTIES = `password-authenticator.name=file
file.password-file=${PASSWORD_FILE}
`;

export const TPCH_PROPERTIES = `connector.name=tpch
tpch.splits-per-node=2
`;

/** The person's bucket. The credentials, session token and all, are those of the environment; the definitions of tables are in the bucket, too. */
export const HIVE_PROPERTIES = `connector.name=hive
fs.native-s3.enabled=true
s3.endpoint=\${ENV:AWS_ENDPOINT_URL}
s3.region=\${ENV:AWS_DEFAULT_REGION}
s3.path-style-access=\${ENV:AWS_PATH_STYLE_ACCESS}
hive.metastore=file
hive.storage-format=PARQUET
hive.non-managed-table-writes-enabled=true
hive.recursive-directories=true
`;

export const POSTGRESQL_PROPERTIES = `connector.name=postgresql
connection-url=jdbc:postgresql://\${ENV:PGHOST}:\${ENV:PGPORT}/\${ENV:PGDATABASE}
connection-user=\${ENV:PGUSER}
connection-password=\${ENV:PGPASSWORD}
`;
