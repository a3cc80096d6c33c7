import type pg from 'pg';

/** Settings under which PostgreSQL keeps count of its statements, which costs a little. */
export const COUNTS_STATEMENTS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
} as const;

export async function countStatements(client: pg.Client): Promise<void> {
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public');
}

export async function forgetStatements(client: pg.Client): Promise<void> {
  await client.query('SELECT public.pg_stat_statements_reset()');
}

/** The statements that PostgreSQL has spent most time on, one per line. */
export async function costliestStatements(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT concat_ws('  ', lpad(round(total_exec_time + total_plan_time)::text, 7) || ' ms',
       lpad(round(total_plan_time)::text, 6) || ' of it planning', lpad(calls::text, 7) || ' calls',
       lpad(round(((total_exec_time + total_plan_time) / calls)::numeric, 2)::text, 6) || ' ms each',
       lpad(rows::text, 7) || ' rows', left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 110)) AS line
     FROM public.pg_stat_statements ORDER BY total_exec_time + total_plan_time DESC LIMIT 32`,
  );
  return rows.map(({ line }) => line);
}

/** What was written to which table since the cluster was made, and how often it was looked after, one per line. */
export async function busiestTables(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ line: string }>(
    `SELECT concat_ws('  ', rpad(relname, 26), lpad(n_tup_ins::text, 7) || ' inserted', lpad(n_tup_upd::text, 7) || ' updated',
       lpad(n_tup_hot_upd::text, 7) || ' of them in place', lpad(n_tup_del::text, 7) || ' deleted',
       lpad(autovacuum_count::text, 3) || ' vacuums', round(total_autovacuum_time) || ' ms',
       lpad(autoanalyze_count::text, 3) || ' analyses', round(total_autoanalyze_time) || ' ms') AS line
     FROM pg_stat_user_tables WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
     ORDER BY n_tup_ins + n_tup_upd + n_tup_del DESC LIMIT 24`,
  );
  return rows.map(({ line }) => line);
}
