import './support/with-openbao';
// Every test of a VaultRealm once more, with the setting that makes it an OpenBao.
import './vault-realm.e2e.test';
