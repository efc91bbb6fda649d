import {
  type PostgresConfiguration,
  postgresConfiguration,
  postgresConfigurationProblems,
  renderPostgresConfiguration,
} from '../../../constructs';

describe('server parameters', () => {
  test('numbers, quantities, booleans, choices, texts and extension parameters are taken', () => {
    const values: PostgresConfiguration = {
      max_connections: 200,
      work_mem: '16MB',
      maintenance_work_mem: 65536,
      log_min_duration_statement: '2s',
      random_page_cost: 1.1,
      jit: false,
      log_statement: 'ddl',
      log_line_prefix: "%m 'x' ",
      'pg_stat_statements.max': 5000,
    };
    expect(postgresConfiguration(values)).toBe(values);
  });

  test.each<[string, unknown, RegExp]>([
    ['max_conections', 100, /is not a parameter of PostgreSQL 15; the nearest is max_connections/],
    ['constructor', 100, /is not a parameter of PostgreSQL 15/],
    ['max_connections', '100', /'100' is not a number/],
    ['max_connections', 1.5, /1\.5 is not a whole number/],
    ['max_connections', 0, /0 is not from 1 to 262143/],
    ['max_connections', NaN, /NaN is not a number/],
    ['work_mem', '16mb', /'16mb' is not a number or a quantity such as 64MB/],
    ['work_mem', '16s', /'16s' is not a number or a quantity such as 64MB/],
    ['work_mem', '1kB', /'1kB' is not from 64 to 2147483647 \(counted in kB\)/],
    ['shared_buffers', '64kB', /'64kB' is not from 16 to 1073741823 \(counted in 8kB\)/],
    ['deadlock_timeout', '5MB', /'5MB' is not a number or a quantity such as 30s/],
    ['checkpoint_timeout', '2d', /'2d' is not from 30 to 86400 \(counted in s\)/],
    ['jit', 'on', /'on' is not true or false/],
    ['log_statement', 'everything', /'everything' is none of none, ddl, mod, all/],
    ['log_line_prefix', "x\nport = '1'", /is not one line of text/],
    ['a.b', { c: 1 }, /is not a number, a boolean or one line of text/],
    ['a.b;c', 1, /is not the name of a parameter of an extension/],
    ['listen_addresses', '*', /cannot be set here: the construct sets it/],
    ['unix_socket_permissions', 511, /cannot be set here: the construct sets it/],
    ['ssl_ciphers', 'ALL', /cannot be set here: TLS is the prop "tls"/],
    ['log_destination', 'csvlog', /standard error/],
    ['fsync', false, /could lose or corrupt data/],
    ['archive_command', 'true', /no replica and archives no log/],
  ])('%s = %p is refused', (name, value, problem) => {
    expect(postgresConfigurationProblems({ [name]: value }).get(name)).toMatch(problem);
  });

  test('the bounds themselves are taken', () => {
    expect(postgresConfigurationProblems({ max_connections: 1, superuser_reserved_connections: 262143 }).size).toBe(0);
  });

  test('every problem is told at once', () => {
    expect(() => postgresConfiguration({ port: 1, jit: 3, max_connections: 5 })).toThrow(
      'configuration: jit: 3 is not true or false; port: cannot be set here: the construct sets it',
    );
  });

  test('a quantity may come in any unit of its kind', () => {
    const given = {
      shared_buffers: '1GB',
      max_wal_size: '0.5TB',
      log_min_duration_statement: '1.5h',
      vacuum_cost_delay: '500us',
    };
    expect(postgresConfigurationProblems(given).size).toBe(0);
  });

  test('the file is sorted, and texts cannot leave their quotes', () => {
    const text = { work_mem: '8MB', jit: false, log_line_prefix: "it's \\ ", max_connections: 7 };
    expect(renderPostgresConfiguration(text)).toMatchInlineSnapshot(`
      "jit = off
      log_line_prefix = 'it''s \\\\ '
      max_connections = 7
      work_mem = '8MB'
      "
    `);
  });
});
