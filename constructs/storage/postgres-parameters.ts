/** A unit that PostgreSQL counts a parameter in: `8kB` is one page. */
export type ParameterUnit = 'B' | 'kB' | '8kB' | 'MB' | 'ms' | 's' | 'min';

/** The kind of value that a parameter takes, with its bounds in its own unit. */
export type PostgresParameter =
  | { readonly type: 'boolean' }
  | { readonly type: 'text' }
  | { readonly type: 'choice'; readonly values: readonly string[] }
  | {
      readonly type: 'integer' | 'real';
      readonly min: number;
      readonly max: number;
      readonly unit: ParameterUnit | undefined;
    };

const boolean = { type: 'boolean' } as const;
const text = { type: 'text' } as const;

function choice<const V extends readonly string[]>(...values: V) {
  return { type: 'choice', values } as const;
}

function integer<U extends ParameterUnit | undefined = undefined>(min: number, max: number, unit?: U) {
  return { type: 'integer', min, max, unit } as const;
}

function real<U extends ParameterUnit | undefined = undefined>(min: number, max: number, unit?: U) {
  return { type: 'real', min, max, unit } as const;
}

/**
 * The parameters of PostgreSQL 15 that an operator may set, as the view `pg_settings` of a 15.20 server lists them
 * (https://www.postgresql.org/docs/15/view-pg-settings.html); an end-to-end test compares the two. Left out are those that the
 * construct sets itself, and those that could break a promise of it: see reservedReason.
 */
export const POSTGRES_PARAMETERS = {
  // Autovacuum
  autovacuum: boolean,
  autovacuum_analyze_scale_factor: real(0, 100),
  autovacuum_analyze_threshold: integer(0, 2147483647),
  autovacuum_freeze_max_age: integer(100000, 2000000000),
  autovacuum_max_workers: integer(1, 262143),
  autovacuum_multixact_freeze_max_age: integer(10000, 2000000000),
  autovacuum_naptime: integer(1, 2147483, 's'),
  autovacuum_vacuum_cost_delay: real(-1, 100, 'ms'),
  autovacuum_vacuum_cost_limit: integer(-1, 10000),
  autovacuum_vacuum_insert_scale_factor: real(0, 100),
  autovacuum_vacuum_insert_threshold: integer(-1, 2147483647),
  autovacuum_vacuum_scale_factor: real(0, 100),
  autovacuum_vacuum_threshold: integer(0, 2147483647),
  // Client Connection Defaults / Locale and Formatting
  DateStyle: text,
  IntervalStyle: choice('postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'),
  TimeZone: text,
  client_encoding: text,
  default_text_search_config: text,
  extra_float_digits: integer(-15, 3),
  lc_messages: text,
  lc_monetary: text,
  lc_numeric: text,
  lc_time: text,
  timezone_abbreviations: text,
  // Client Connection Defaults / Other Defaults
  dynamic_library_path: text,
  gin_fuzzy_search_limit: integer(0, 2147483647),
  // Client Connection Defaults / Shared Library Preloading
  jit_provider: text,
  local_preload_libraries: text,
  session_preload_libraries: text,
  shared_preload_libraries: text,
  // Client Connection Defaults / Statement Behavior
  bytea_output: choice('escape', 'hex'),
  check_function_bodies: boolean,
  client_min_messages: choice('debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'log', 'notice', 'warning', 'error'),
  default_table_access_method: text,
  default_tablespace: text,
  default_toast_compression: choice('pglz', 'lz4'),
  default_transaction_deferrable: boolean,
  default_transaction_isolation: choice('serializable', 'repeatable read', 'read committed', 'read uncommitted'),
  gin_pending_list_limit: integer(64, 2147483647, 'kB'),
  idle_in_transaction_session_timeout: integer(0, 2147483647, 'ms'),
  idle_session_timeout: integer(0, 2147483647, 'ms'),
  lock_timeout: integer(0, 2147483647, 'ms'),
  restrict_nonsystem_relation_kind: text,
  row_security: boolean,
  search_path: text,
  session_replication_role: choice('origin', 'replica', 'local'),
  statement_timeout: integer(0, 2147483647, 'ms'),
  temp_tablespaces: text,
  vacuum_failsafe_age: integer(0, 2100000000),
  vacuum_freeze_min_age: integer(0, 1000000000),
  vacuum_freeze_table_age: integer(0, 2000000000),
  vacuum_multixact_failsafe_age: integer(0, 2100000000),
  vacuum_multixact_freeze_min_age: integer(0, 1000000000),
  vacuum_multixact_freeze_table_age: integer(0, 2000000000),
  xmlbinary: choice('base64', 'hex'),
  xmloption: choice('content', 'document'),
  // Connections and Authentication / Authentication
  authentication_timeout: integer(1, 600, 's'),
  // Connections and Authentication / Connection Settings
  client_connection_check_interval: integer(0, 2147483647, 'ms'),
  max_connections: integer(1, 262143),
  superuser_reserved_connections: integer(0, 262143),
  tcp_keepalives_count: integer(0, 2147483647),
  tcp_keepalives_idle: integer(0, 2147483647, 's'),
  tcp_keepalives_interval: integer(0, 2147483647, 's'),
  tcp_user_timeout: integer(0, 2147483647, 'ms'),
  // Error Handling
  exit_on_error: boolean,
  recovery_init_sync_method: choice('fsync', 'syncfs'),
  restart_after_crash: boolean,
  // Lock Management
  deadlock_timeout: integer(1, 2147483647, 'ms'),
  max_locks_per_transaction: integer(10, 2147483647),
  max_pred_locks_per_page: integer(0, 2147483647),
  max_pred_locks_per_relation: integer(-2147483648, 2147483647),
  max_pred_locks_per_transaction: integer(10, 2147483647),
  // Query Tuning / Genetic Query Optimizer
  geqo: boolean,
  geqo_effort: integer(1, 10),
  geqo_generations: integer(0, 2147483647),
  geqo_pool_size: integer(0, 2147483647),
  geqo_seed: real(0, 1),
  geqo_selection_bias: real(1.5, 2),
  geqo_threshold: integer(2, 2147483647),
  // Query Tuning / Other Planner Options
  constraint_exclusion: choice('partition', 'on', 'off'),
  cursor_tuple_fraction: real(0, 1),
  default_statistics_target: integer(1, 10000),
  from_collapse_limit: integer(1, 2147483647),
  jit: boolean,
  join_collapse_limit: integer(1, 2147483647),
  plan_cache_mode: choice('auto', 'force_generic_plan', 'force_custom_plan'),
  recursive_worktable_factor: real(0.001, 1e6),
  // Query Tuning / Planner Cost Constants
  cpu_index_tuple_cost: real(0, Number.MAX_VALUE),
  cpu_operator_cost: real(0, Number.MAX_VALUE),
  cpu_tuple_cost: real(0, Number.MAX_VALUE),
  effective_cache_size: integer(1, 2147483647, '8kB'),
  jit_above_cost: real(-1, Number.MAX_VALUE),
  jit_inline_above_cost: real(-1, Number.MAX_VALUE),
  jit_optimize_above_cost: real(-1, Number.MAX_VALUE),
  min_parallel_index_scan_size: integer(0, 715827882, '8kB'),
  min_parallel_table_scan_size: integer(0, 715827882, '8kB'),
  parallel_setup_cost: real(0, Number.MAX_VALUE),
  parallel_tuple_cost: real(0, Number.MAX_VALUE),
  random_page_cost: real(0, Number.MAX_VALUE),
  seq_page_cost: real(0, Number.MAX_VALUE),
  // Query Tuning / Planner Method Configuration
  enable_async_append: boolean,
  enable_bitmapscan: boolean,
  enable_gathermerge: boolean,
  enable_hashagg: boolean,
  enable_hashjoin: boolean,
  enable_incremental_sort: boolean,
  enable_indexonlyscan: boolean,
  enable_indexscan: boolean,
  enable_material: boolean,
  enable_memoize: boolean,
  enable_mergejoin: boolean,
  enable_nestloop: boolean,
  enable_parallel_append: boolean,
  enable_parallel_hash: boolean,
  enable_partition_pruning: boolean,
  enable_partitionwise_aggregate: boolean,
  enable_partitionwise_join: boolean,
  enable_seqscan: boolean,
  enable_sort: boolean,
  enable_tidscan: boolean,
  // Reporting and Logging / Process Title
  cluster_name: text,
  update_process_title: boolean,
  // Reporting and Logging / What to Log
  debug_pretty_print: boolean,
  debug_print_parse: boolean,
  debug_print_plan: boolean,
  debug_print_rewritten: boolean,
  log_autovacuum_min_duration: integer(-1, 2147483647, 'ms'),
  log_checkpoints: boolean,
  log_connections: boolean,
  log_disconnections: boolean,
  log_duration: boolean,
  log_error_verbosity: choice('terse', 'default', 'verbose'),
  log_hostname: boolean,
  log_line_prefix: text,
  log_lock_waits: boolean,
  log_parameter_max_length: integer(-1, 1073741823, 'B'),
  log_parameter_max_length_on_error: integer(-1, 1073741823, 'B'),
  log_recovery_conflict_waits: boolean,
  log_replication_commands: boolean,
  log_statement: choice('none', 'ddl', 'mod', 'all'),
  log_temp_files: integer(-1, 2147483647, 'kB'),
  log_timezone: text,
  // Reporting and Logging / When to Log
  log_min_duration_sample: integer(-1, 2147483647, 'ms'),
  log_min_duration_statement: integer(-1, 2147483647, 'ms'),
  log_min_error_statement: choice(
    'debug5',
    'debug4',
    'debug3',
    'debug2',
    'debug1',
    'info',
    'notice',
    'warning',
    'error',
    'log',
    'fatal',
    'panic',
  ),
  log_min_messages: choice(
    'debug5',
    'debug4',
    'debug3',
    'debug2',
    'debug1',
    'info',
    'notice',
    'warning',
    'error',
    'log',
    'fatal',
    'panic',
  ),
  log_startup_progress_interval: integer(0, 2147483647, 'ms'),
  log_statement_sample_rate: real(0, 1),
  log_transaction_sample_rate: real(0, 1),
  // Resource Usage / Asynchronous Behavior
  backend_flush_after: integer(0, 256, '8kB'),
  effective_io_concurrency: integer(0, 1000),
  maintenance_io_concurrency: integer(0, 1000),
  max_parallel_maintenance_workers: integer(0, 1024),
  max_parallel_workers: integer(0, 1024),
  max_parallel_workers_per_gather: integer(0, 1024),
  max_worker_processes: integer(0, 262143),
  old_snapshot_threshold: integer(-1, 86400, 'min'),
  parallel_leader_participation: boolean,
  // Resource Usage / Background Writer
  bgwriter_delay: integer(10, 10000, 'ms'),
  bgwriter_flush_after: integer(0, 256, '8kB'),
  bgwriter_lru_maxpages: integer(0, 1073741823),
  bgwriter_lru_multiplier: real(0, 10),
  // Resource Usage / Cost-Based Vacuum Delay
  vacuum_cost_delay: real(0, 100, 'ms'),
  vacuum_cost_limit: integer(1, 10000),
  vacuum_cost_page_dirty: integer(0, 10000),
  vacuum_cost_page_hit: integer(0, 10000),
  vacuum_cost_page_miss: integer(0, 10000),
  // Resource Usage / Disk
  temp_file_limit: integer(-1, 2147483647, 'kB'),
  // Resource Usage / Kernel Resources
  max_files_per_process: integer(64, 2147483647),
  // Resource Usage / Memory
  autovacuum_work_mem: integer(-1, 2147483647, 'kB'),
  hash_mem_multiplier: real(1, 1000),
  huge_page_size: integer(0, 2147483647, 'kB'),
  huge_pages: choice('off', 'on', 'try'),
  logical_decoding_work_mem: integer(64, 2147483647, 'kB'),
  maintenance_work_mem: integer(1024, 2147483647, 'kB'),
  max_prepared_transactions: integer(0, 262143),
  max_stack_depth: integer(100, 2147483647, 'kB'),
  min_dynamic_shared_memory: integer(0, 2147483647, 'MB'),
  shared_buffers: integer(16, 1073741823, '8kB'),
  temp_buffers: integer(100, 1073741823, '8kB'),
  work_mem: integer(64, 2147483647, 'kB'),
  // Statistics / Cumulative Query and Index Statistics
  stats_fetch_consistency: choice('none', 'cache', 'snapshot'),
  track_activities: boolean,
  track_activity_query_size: integer(100, 1048576, 'B'),
  track_counts: boolean,
  track_functions: choice('none', 'pl', 'all'),
  track_io_timing: boolean,
  track_wal_io_timing: boolean,
  // Statistics / Monitoring
  compute_query_id: choice('auto', 'regress', 'on', 'off'),
  log_executor_stats: boolean,
  log_parser_stats: boolean,
  log_planner_stats: boolean,
  log_statement_stats: boolean,
  // Version and Platform Compatibility / Previous PostgreSQL Versions
  array_nulls: boolean,
  backslash_quote: choice('safe_encoding', 'on', 'off'),
  escape_string_warning: boolean,
  lo_compat_privileges: boolean,
  quote_all_identifiers: boolean,
  standard_conforming_strings: boolean,
  synchronize_seqscans: boolean,
  // Write-Ahead Log / Checkpoints
  checkpoint_completion_target: real(0, 1),
  checkpoint_flush_after: integer(0, 256, '8kB'),
  checkpoint_timeout: integer(30, 86400, 's'),
  checkpoint_warning: integer(0, 2147483647, 's'),
  max_wal_size: integer(2, 2147483647, 'MB'),
  min_wal_size: integer(2, 2147483647, 'MB'),
  // Write-Ahead Log / Recovery
  recovery_prefetch: choice('off', 'on', 'try'),
  wal_decode_buffer_size: integer(65536, 1073741823, 'B'),
  // Write-Ahead Log / Settings
  commit_delay: integer(0, 100000),
  commit_siblings: integer(0, 1000),
  synchronous_commit: choice('local', 'remote_write', 'remote_apply', 'on', 'off'),
  wal_buffers: integer(-1, 262143, '8kB'),
  wal_compression: choice('pglz', 'lz4', 'zstd', 'on', 'off'),
  wal_init_zero: boolean,
  wal_log_hints: boolean,
  wal_recycle: boolean,
  wal_skip_threshold: integer(0, 2147483647, 'kB'),
  wal_sync_method: choice('fsync', 'fdatasync', 'open_sync', 'open_datasync'),
  wal_writer_delay: integer(1, 10000, 'ms'),
  wal_writer_flush_after: integer(0, 2147483647, '8kB'),
} as const satisfies Readonly<Record<string, PostgresParameter>>;

/** Parameters that cannot be set, by the reason; a name that ends with an underscore stands for all that begin so. */
const RESERVED: Readonly<Record<string, string>> = {
  'the construct sets it':
    'listen_addresses port unix_socket_ config_file data_directory hba_file ident_file external_pid_file password_encryption dynamic_shared_memory_type',
  'TLS is the prop "tls"': 'ssl ssl_',
  'the log goes to the standard error, where the kubelet keeps it':
    'logging_collector log_destination log_directory log_filename log_file_ log_rotation_ log_truncate_ syslog_',
  'a server that is killed could lose or corrupt data':
    'fsync full_page_writes data_sync_retry zero_damaged_pages ignore_',
  'this server has no replica and archives no log':
    'wal_level max_wal_senders max_replication_slots wal_keep_size archive_ restore_command recovery_target_ recovery_end_command hot_standby primary_ synchronous_standby_names',
};

/** Why an operator cannot set a parameter. @returns undefined for one that is not reserved */
export function reservedReason(parameter: string): string | undefined {
  const matches = (name: string) => (name.endsWith('_') ? parameter.startsWith(name) : parameter === name);
  return Object.entries(RESERVED).find(([, names]) => names.split(' ').some(matches))?.[0];
}
