/** Folder of the files below. */
export const FILES = '/etc/bouture/mongodb';
/** Folder of the passwords. */
export const SECRETS = '/run/secrets/mongodb';
/** Folder of the data, the one that the image has for them. */
export const DATA = '/data/db';
/** Port of MongoDB. */
export const PORT = 27017;
/** Name of the account that may do everything. */
export const ROOT = 'root';

/** Where the server listens while its accounts are set: for this container alone, and where no probe and no client looks. */
const PRIVATE_PORT = 27018;

/**
 * Sets the accounts at each start, so that a new password in a Secret holds after a restart and a kill half-way is made good by the next
 * start; then becomes the server. The image's own way makes accounts only for an empty volume, and none at all after a kill half-way.
 */
export const START_SCRIPT = `#!/bin/sh
set -eu
umask 077
mongod --dbpath ${DATA} --bind_ip 127.0.0.1 --port ${PRIVATE_PORT} --noauth --nounixsocket &
server=$!
trap 'kill -TERM "$server" 2>/dev/null; wait "$server"' EXIT
trap 'exit 143' TERM INT
address='mongodb://127.0.0.1:${PRIVATE_PORT}/?directConnection=true&serverSelectionTimeoutMS=2000'
until mongosh "$address" --norc --quiet --eval 'db.adminCommand({ ping: 1 })' >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || { echo 'start: the server has ended, its log says why' >&2; exit 1; }
  sleep 1
done
mongosh "$address" --norc --quiet ${FILES}/accounts.js
trap - EXIT TERM INT
kill -TERM "$server"
wait "$server" || true
echo 'start: the accounts are set' >&2
exec mongod --dbpath ${DATA} --bind_ip_all --port ${PORT} --auth --nounixsocket
`;

/** For mongosh: the passwords stand in no argument of a program and in no log. */
export const ACCOUNTS_JS = `const { readFileSync } = require('fs');

const { DATABASE, DATABASE_USER } = process.env;
if (['admin', 'config', 'local'].includes(DATABASE)) {
  throw new Error('database.name "' + DATABASE + '" is a database of MongoDB itself: choose another name');
}

function ensure(database, user, roles) {
  const target = db.getSiblingDB(database);
  const pwd = readFileSync('${SECRETS}/' + (user === '${ROOT}' && database === 'admin' ? 'root' : 'user'), 'utf8');
  if (target.getUser(user) === null) target.createUser({ user, pwd, roles });
  else target.updateUser(user, { pwd, roles });
}

ensure('admin', '${ROOT}', [{ role: 'root', db: 'admin' }]);
ensure(DATABASE, DATABASE_USER, [{ role: 'dbOwner', db: DATABASE }]);
`;

/** Every question of a probe would leave a log behind, and nobody wants statistics. */
export const MONGOSH_CONF = `mongosh:
  disableLogging: true
  enableTelemetry: false
`;

/** Writes and reads as the person's account, and asks as nobody, which is refused. */
export const TEST_JS = `
const { HOST, DATABASE, DATABASE_USER, PASSWORD } = process.env;
const options = '?directConnection=true&serverSelectionTimeoutMS=20000';
const account = encodeURIComponent(DATABASE_USER) + ':' + encodeURIComponent(PASSWORD);
const mine = connect('mongodb://' + account + '@' + HOST + '/' + DATABASE + options);
const collection = mine.getCollection('helm_test');
const { insertedId } = collection.insertOne({ at: new Date() });
const found = collection.countDocuments({ _id: insertedId });
collection.drop();
if (found !== 1) throw new Error('what was written is not there');
let refused = false;
try {
  connect('mongodb://' + HOST + '/' + DATABASE + options).getCollection('helm_test').countDocuments({});
} catch (error) {
  refused = /auth/i.test(error.message);
}
if (!refused) throw new Error('the server lets in whoever has no password');
`;
