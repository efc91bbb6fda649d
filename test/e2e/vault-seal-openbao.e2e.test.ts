import './support/with-openbao';
// Every test of unsealing by another server once more, with OpenBao on both sides.
import './vault-seal.e2e.test';
