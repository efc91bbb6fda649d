/** Read before the tests of a secret store, it has them run OpenBao's server. */
process.env['BOUTURE_E2E_SECRETS'] = 'openbao';
